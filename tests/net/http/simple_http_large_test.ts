import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { Buffer } from "node:buffer";
import { run } from "../../../executor/mod.ts";
import { pollFn } from "../../../future/mod.ts";
import { SimpleHttpClient } from "../../../net/http/mod.ts";
import { bytes, socketTest, turn } from "../_sockets.ts";
import { blockAt } from "./_large_server.ts";

const MIB = 1024 * 1024;

/** Starts the server on its thread. */
async function largeServer(
  mebibytes: number,
): Promise<{ port: number } & Disposable> {
  const url = new URL("_large_server.ts", import.meta.url);
  const worker = new Worker(url, { type: "module" });
  const port = await new Promise<number>((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.postMessage(mebibytes);
  });
  return { port, [Symbol.dispose]: () => worker.terminate() };
}

/** Does something beside a 1 ms interval, which tells of its ticks. */
async function besideTicks<T>(
  work: () => Promise<T>,
  onTick: (gap: number) => void,
): Promise<T> {
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    onTick(now - last);
    last = now;
  };
  const interval = setInterval(tick, 1);
  try {
    const value = await work();
    tick();
    return value;
  } finally {
    clearInterval(interval);
  }
}

/** How a 1 ms interval fared beside a client. */
interface Ticks {
  response: Uint8Array;
  /** The longest time between two ticks, in milliseconds. */
  gap: number;
  /** How often at most the client was polled between two ticks. */
  polls: number;
  /** How long it all took. */
  took: number;
}

async function ticksBeside(client: SimpleHttpClient): Promise<Ticks> {
  let [gap, most, polls] = [0, 0, 0];
  const start = performance.now();
  const counted = pollFn((cx) => {
    polls++;
    return client.poll(cx);
  });
  const response = await besideTicks(() => run(counted), (each) => {
    gap = Math.max(gap, each);
    most = Math.max(most, polls);
    polls = 0;
  });
  return { response, gap, polls: most, took: performance.now() - start };
}

/** The longest gap beside work that is polite for certain: the machine's own. */
async function gapOfTheMachine(ms: number): Promise<number> {
  let gap = 0;
  const end = performance.now() + ms;
  await besideTicks(async () => {
    while (performance.now() < end) {
      const pause = performance.now() + 1;
      while (performance.now() < pause);
      await turn();
    }
  }, (each) => gap = Math.max(gap, each));
  return gap;
}

socketTest(
  "large: 256 MiB arrive as they were sent, and a timer beside them ticks",
  async () => {
    const size = 256;
    using server = await largeServer(size);
    const gaps: [client: number, machine: number][] = [];
    let ticks: Ticks;
    for (;;) {
      ticks = await ticksBeside(
        new SimpleHttpClient(
          `127.0.0.1:${server.port}`,
          bytes("GET / HTTP/1.0\r\n\r\n"),
        ),
      );
      // Each poll handles 256 KiB at most. This counts, however slow the machine.
      assertLess(ticks.polls, 100);
      if (ticks.gap < 50) break;
      // A machine that has much else to do holds polite work up as well.
      const machine = await gapOfTheMachine(ticks.took);
      if (ticks.gap < 4 * machine) break;
      gaps.push([ticks.gap, machine]);
      assertLess(gaps.length, 4, `longest gaps, in ms: ${gaps.join("; ")}`);
    }

    const { response } = ticks;
    assertEquals(response.byteLength, size * MIB);
    for (let i = 0; i < size; i++) {
      const block = response.subarray(i * MIB, (i + 1) * MIB);
      assert(
        Buffer.from(blockAt(i).buffer).equals(block),
        `the bytes of MiB ${i}`,
      );
    }
  },
);

socketTest(
  "large: 64 MiB to a server that does not read are stuck, and not copied",
  async () => {
    const child = new URL("_stalled_child.ts", import.meta.url).href;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "--allow-net=127.0.0.1", child],
      stderr: "inherit",
    }).output();
    const { state, grown, operations, stuck, received } = JSON.parse(
      new TextDecoder().decode(stdout),
    );
    assertEquals(state, "Writing");
    assertEquals([operations, stuck], [1, 0], "in flight, before and after");
    assertGreater(received, 0, "a part of it was sent");
    assertLess(received, 64 * MIB);
    assertLess(grown, 32 * MIB);
  },
);
