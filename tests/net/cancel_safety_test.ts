import { assert, assertEquals } from "@std/assert";
import { pollOnce } from "../../executor/sim/mod.ts";
import { Pending } from "../../future/mod.ts";
import * as net from "../../net/mod.ts";
import { FUTURES, others, type Row } from "./_claims.ts";
import { type ScriptedNetwork, scriptedTest } from "./_scripted_network.ts";

const {
  openResources,
  SocketListener,
  SocketStream,
  TcpListener,
  TcpStream,
  TlsListener,
  TlsStream,
  UnixListener,
  UnixStream,
} = net;

/**
 * Polls so many times, lets the event after the last poll come or not, and
 * drops; false if it was ready before.
 */
function dropAfter(
  network: ScriptedNetwork,
  row: Row,
  polls: number,
  early: boolean,
): boolean {
  const before = openResources();
  const { future, events, afterDrop, close } = row.make(network);
  let value: unknown = Pending;
  for (let i = 0; i < polls && value === Pending; i++) {
    if (i > 0) events[i - 1]!();
    value = pollOnce(future);
  }
  const isReady = value !== Pending;
  if (isReady) {
    assertEquals(polls, events.length + 1, "each event leads to one poll");
    if (value instanceof SocketStream) value.close();
  } else if (early && polls > 0) {
    events[polls - 1]!();
  }
  future[Symbol.dispose]();
  if (!isReady) afterDrop();
  close?.();
  assert(network.sockets.every(({ isClosed }) => isClosed));
  network.interrupt();
  assertEquals(openResources(), before, `dropped after ${polls} polls`);
  return !isReady;
}

for (const [name, row] of Object.entries(FUTURES)) {
  scriptedTest(
    `cancel safety: ${name}, dropped after any poll: ${row.claim}`,
    (network) => {
      let polls = 0;
      while (dropAfter(network, row, polls, false)) {
        dropAfter(network, row, polls, true);
        polls++;
      }
      assert(polls > 1);
    },
  );
}

Deno.test("cancel safety: the documentation of each future says the same", () => {
  for (const [name, { documented, claim }] of Object.entries(FUTURES)) {
    const [file, declaration] = documented;
    const url = new URL(`../../net/${file}`, import.meta.url);
    const lines = Deno.readTextFileSync(url).split("\n");
    const at = lines.findIndex((line) =>
      line.trimStart().startsWith(declaration)
    );
    assert(at > 0, `${declaration} in ${file}`);
    const start = lines.findLastIndex((line, i) =>
      i < at && line.trimStart().startsWith("/**")
    );
    const doc = lines.slice(start, at).join(" ").replaceAll(/\s+\*\s+/g, " ");
    assertEquals(/Cancel safety: ([a-z ]+)[.:;]/.exec(doc)?.[1], claim, name);
  }
});

/** The names of a class's methods and accessors, and of its static ones. */
function membersOf(constructor: { name: string; prototype: object }): string[] {
  const own = Object.getOwnPropertyNames(constructor.prototype);
  const statics = Object.getOwnPropertyNames(constructor);
  return [...own, ...statics]
    .filter((name) =>
      !["constructor", "length", "name", "prototype"].includes(name)
    )
    .map((name) => `${constructor.name}.${name}`);
}

Deno.test("cancel safety: no future that the modules export is missing here", () => {
  const exported = [
    ...Object.keys(net),
    "SimpleHttpClient", // all else of it has a table of its own
    ...[
      SocketStream,
      TcpStream,
      TlsStream,
      UnixStream,
      SocketListener,
      TcpListener,
      TlsListener,
      UnixListener,
    ].flatMap((each) =>
      membersOf(each as unknown as { name: string; prototype: object })
    ),
  ];
  const futures = Object.keys(FUTURES).map((name) => name.split(",")[0]!);
  assertEquals(exported.sort(), [...others, ...new Set(futures)].sort());
});
