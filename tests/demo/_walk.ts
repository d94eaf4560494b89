import {
  now,
  run,
  SimpleHttpClient,
  type SimpleHttpState,
  timeout,
} from "../../mod.ts";
import { bar, bold, dim, line, ms, printable } from "./_terminal.ts";

const STATES: SimpleHttpState[] = [
  "Initial",
  "Resolving",
  "Connecting",
  "Writing",
  "Reading",
  "Closed",
];

/** How long a server may take, in milliseconds. */
const LIMIT = 10_000;

/** Runs one client, and shows how long it was in each of its states. */
export async function walk(
  address: string,
  request: Uint8Array,
): Promise<void> {
  const client = new SimpleHttpClient(address, request);
  const spent = new Map<SimpleHttpState, number>();
  let entered = now();
  client.onTransition = (from) => {
    const at = now();
    spent.set(from, at - entered);
    entered = at;
  };
  let response: Uint8Array | undefined;
  try {
    response = await run(timeout(client, LIMIT));
  } finally {
    const most = Math.max(...spent.values(), 1);
    for (const state of STATES) {
      const time = spent.get(state);
      if (time !== undefined) {
        line(`${state.padEnd(11)}${ms(time)}  ${bar(time, most)}`);
      } else if (state === client.state) {
        line(`${state.padEnd(11)}${dim("          -  the end of the way")}`);
      }
    }
  }
  const text = new TextDecoder().decode(response.subarray(0, 4096));
  const [status = ""] = text.split("\r\n", 1);
  console.log();
  line(
    `${bold(printable(status).slice(0, 70))}  ${
      dim(`(${response.byteLength} bytes in all)`)
    }`,
  );
}
