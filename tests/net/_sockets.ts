import { assertEquals, fail } from "@std/assert";
import { connect, type Socket } from "node:net";
import { join } from "../../future/mod.ts";
import { run } from "../../executor/mod.ts";
import { openResources, TcpListener, TcpStream } from "../../net/mod.ts";

/** Long enough for the slowest machine; no test waits for it to pass. */
const PATIENCE = 10_000;

/** Lets the host have a turn: sockets, timers. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits until the host has brought something about. */
export async function eventually(
  what: string,
  holds: () => boolean,
): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!holds()) {
    if (performance.now() > end) fail(`it never happened: ${what}`);
    await turn();
  }
}

/** A test over real sockets, after which nothing of `net` may be left. */
export function socketTest(name: string, body: () => Promise<void>): void {
  Deno.test(name, async () => {
    const before = openResources();
    await body();
    // What was in flight on a closed socket is interrupted a little later.
    await eventually(
      "operations in flight are done",
      () => openResources().operations <= before.operations,
    );
    assertEquals(openResources(), before);
  });
}

/** Two ends of one connection. */
export interface Pair extends Disposable {
  readonly client: TcpStream;
  readonly server: TcpStream;
}

/** Connects two streams over loopback. */
export async function connectedPair(): Promise<Pair> {
  using listener = TcpListener.bind({ port: 0 });
  const [client, server] = await run(
    join([TcpStream.connect(listener.addr), listener.accept()]),
  );
  return {
    client,
    server,
    [Symbol.dispose]() {
      client.close();
      server.close();
    },
  };
}

/** A stream, and at its other end a socket of node:net, which can reset it. */
export async function pairWithNode(): Promise<
  { stream: TcpStream; peer: Socket } & Disposable
> {
  using listener = TcpListener.bind({ port: 0 });
  const peer = connect({ port: listener.addr.port, host: "127.0.0.1" });
  peer.on("error", () => {}); // what becomes of the peer is not the subject
  const stream = await run(listener.accept());
  await eventually("the peer is connected", () => !peer.connecting);
  return {
    stream,
    peer,
    [Symbol.dispose]() {
      stream.close();
      peer.destroy();
    },
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

export function text(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
