import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { run, spawn, yieldNow } from "../../executor/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import { co, join, joinSettled, Pending } from "../../future/mod.ts";
import {
  ConnectionLost,
  NetError,
  openResources,
  TcpListener,
  TcpStream,
} from "../../net/mod.ts";
import {
  bytes,
  connectedPair,
  eventually,
  pairWithNode,
  socketTest,
  text,
  turn,
} from "./_sockets.ts";

const MIB = 1024 * 1024;

socketTest("tcp: bytes go to and fro", async () => {
  using pair = await connectedPair();
  const into = new Uint8Array(16);
  await run(pair.client.writeAll(bytes("ping")));
  assertEquals(await run(pair.server.read(into)), 4);
  assertEquals(text(into.subarray(0, 4)), "ping");
  await run(pair.server.writeAll(bytes("pong!")));
  assertEquals(await run(pair.client.read(into)), 5);
  assertEquals(text(into.subarray(0, 5)), "pong!");
});

socketTest(
  "tcp: both ends know both addresses, and nothing besides",
  async () => {
    using listener = TcpListener.bind({ port: 0 });
    const [client, server] = await run(
      join([TcpStream.connect(listener.addr), listener.accept()]),
    );
    using _client = client;
    using _server = server;
    const { port } = client.localAddr;
    assertEquals(client.localAddr, { hostname: "127.0.0.1", port });
    assertEquals(client.remoteAddr, listener.addr);
    assertEquals(server.remoteAddr, client.localAddr);
    assertEquals(server.localAddr, listener.addr);
    assertEquals(Object.keys(listener.addr), ["hostname", "port"]);
  },
);

socketTest("tcp: IPv6 loopback works, by text and by parts", async () => {
  using listener = TcpListener.bind({ hostname: "::1", port: 0 });
  const { port } = listener.addr;
  for (const address of [`[::1]:${port}`, { hostname: "::1", port }]) {
    const [client, server] = await run(
      join([TcpStream.connect(address), listener.accept()]),
    );
    using _server = server;
    using _client = client;
    assertEquals(client.remoteAddr, { hostname: "::1", port });
  }
});

socketTest("tcp: a half-close ends one direction, either one", async () => {
  for (const first of ["client", "server"] as const) {
    using pair = await connectedPair();
    const [closing, other] = first === "client"
      ? [pair.client, pair.server]
      : [pair.server, pair.client];
    const into = new Uint8Array(16);
    await run(closing.writeAll(bytes("bye")));
    await run(closing.shutdown());
    await run(closing.shutdown());
    assertEquals(await run(other.read(into)), 3);
    assertStrictEquals(await run(other.read(into)), null);
    await run(other.writeAll(bytes("still there?")));
    assertEquals(await run(closing.read(into)), 12);
    await assertRejects(
      () => run(closing.writeAll(bytes("no"))),
      NetError,
      "the stream was shut down for writing",
    );
    await run(other.shutdown());
    assertStrictEquals(await run(closing.read(into)), null);
  }
});

socketTest("tcp: reading and writing go on beside each other", async () => {
  using pair = await connectedPair();
  const size = 8 * MIB;
  const whole = new Uint8Array(size).fill(7);
  const drain = (stream: TcpStream) =>
    co(function* () {
      const into = new Uint8Array(MIB);
      let got = 0;
      while (got < size) got += (yield* stream.read(into)) ?? size;
      return got;
    });
  // Neither side could write it all before it reads: the system's buffers are
  // smaller than that.
  const [, , a, b] = await run(join([
    pair.client.writeAll(whole),
    pair.server.writeAll(whole),
    drain(pair.client),
    drain(pair.server),
  ]));
  assertEquals([a, b], [size, size]);
});

socketTest(
  "tcp: a reset breaks a read that waits, and all that follow",
  async () => {
    using pair = await pairWithNode();
    const { stream, peer } = pair;
    const read = run(stream.read(new Uint8Array(8)));
    await turn();
    peer.resetAndDestroy();
    const error = await assertRejects(() => read, ConnectionLost);
    assert(error.cause instanceof Deno.errors.ConnectionReset);
    assertEquals(error.phase, "read");
    for (let i = 0; i < 3; i++) {
      const again = await assertRejects(
        () => run(stream.read(new Uint8Array(8))),
        ConnectionLost,
        "the peer reset the connection",
      );
      assertStrictEquals(again, error);
    }
  },
);

socketTest(
  "tcp: a reset that a write sees first is no clean end for the reader",
  async () => {
    for (const writer of ["waits for it", "was dropped"]) {
      using pair = await pairWithNode();
      const { stream, peer } = pair;
      peer.resetAndDestroy();
      if (writer === "waits for it") {
        await untilItFails(stream);
      } else {
        await eventually("a dropped write fails", () => {
          const write = stream.writeAll(bytes("x"));
          try {
            if (pollOnce(write) === Pending) write[Symbol.dispose]();
            return false;
          } catch (error) {
            return error instanceof ConnectionLost;
          }
        });
      }
      for (let i = 0; i < 2; i++) {
        await assertRejects(
          () => run(stream.read(new Uint8Array(8))),
          ConnectionLost,
        );
      }
    }
  },
);

/** Writes until the connection is found to be broken. */
async function untilItFails(stream: TcpStream): Promise<void> {
  await assertRejects(
    () =>
      run(co(function* () {
        for (;;) {
          yield* stream.writeAll(bytes("x"));
          yield* yieldNow();
        }
      })),
    ConnectionLost,
  );
}

socketTest("tcp: what arrived before a reset can still be read", async () => {
  using pair = await pairWithNode();
  const { stream, peer } = pair;
  await new Promise<void>((resolve) => peer.write("abcd", () => resolve()));
  const into = new Uint8Array(2);
  assertEquals(await run(stream.read(into)), 2);
  peer.resetAndDestroy();
  assertEquals(await run(stream.read(into)), 2);
  assertEquals(text(into), "cd");
  await assertRejects(() => run(stream.read(into)), ConnectionLost);
});

socketTest("tcp: closing frees a read and a write that wait", async () => {
  using pair = await connectedPair();
  const { client } = pair;
  const reading = spawn(client.read(new Uint8Array(8)));
  const writing = spawn(client.writeAll(new Uint8Array(64 * MIB)));
  await eventually(
    "both are in flight",
    () => openResources().operations >= 2,
  );
  client.close();
  const outcomes = await run(joinSettled([reading, writing]));
  for (const outcome of outcomes) {
    assert(outcome.status === "rejected");
    const { cause } = outcome.reason as Error;
    assert(cause instanceof NetError);
    assert(cause.message.endsWith(": the stream was closed on this side"));
  }
});

socketTest(
  "tcp: an option that is set while a write is under way is refused with a NetError, and can be set after it",
  async () => {
    using pair = await connectedPair();
    const { client, server } = pair;
    const reading = spawn(client.read(new Uint8Array(1)));
    const writing = run(client.writeAll(new Uint8Array(64 * MIB)));
    await eventually(
      "both are in flight",
      () => openResources().operations >= 2,
    );
    const set = {
      noDelay: () => client.setNoDelay(false),
      keepAlive: () => client.setKeepAlive(true),
    };
    const { hostname, port } = client.remoteAddr;
    for (const [option, act] of Object.entries(set)) {
      const error = assertThrows(act, NetError);
      assertStrictEquals(error.constructor, NetError);
      assertEquals(
        error.message,
        `Cannot set ${option} of ${hostname}:${port}: a write is under way; flush() waits for its end`,
      );
      assertEquals(error.phase, "write");
      assert(error.cause instanceof Error);
    }
    const { n } = await run(co(function* () {
      let n = 0;
      const into = new Uint8Array(MIB);
      while (n < 64 * MIB) n += (yield* server.read(into)) ?? 0;
      return { n };
    }));
    assertEquals(n, 64 * MIB);
    await writing;
    for (const act of Object.values(set)) act(); // a read may be in flight
    reading[Symbol.dispose]();
  },
);

socketTest(
  "tcp: an option is true or false, and nothing of a closed stream",
  async () => {
    using pair = await connectedPair();
    const { client } = pair;
    const no = "no" as unknown as boolean;
    assertThrows(() => client.setNoDelay(no), TypeError, "Cannot use noDelay");
    assertThrows(
      () => client.setKeepAlive(no),
      TypeError,
      "Cannot use keepAlive",
    );
    client.close();
    assertThrows(() => client.setNoDelay(true), NetError, "was closed");
    assertThrows(() => client.setKeepAlive(true), NetError, "was closed");
  },
);

socketTest(
  "tcp: closing frees a shutdown that waits behind a write",
  async () => {
    using pair = await connectedPair();
    const write = pair.client.writeAll(new Uint8Array(64 * MIB));
    // The first part of it fits into the system's buffers, the rest does not.
    await eventually("the write is stuck", () => {
      const before = openResources().operations;
      return pollOnce(write) === Pending &&
        openResources().operations === before;
    });
    write[Symbol.dispose]();
    const shutdown = run(pair.client.shutdown());
    await turn();
    pair.client.close();
    await assertRejects(
      () => shutdown,
      NetError,
      "the stream was closed on this side",
    );
  },
);

socketTest("tcp: 64 MiB are written without a copy of them", async () => {
  using pair = await connectedPair();
  const size = 64 * MIB;
  const whole = new Uint8Array(size);
  const { server, client } = pair;
  let most = 0; // what the buffers of this isolate take, at the most
  const before = Deno.memoryUsage().external;
  const [, got] = await run(join([
    client.writeAll(whole),
    co(function* () {
      const into = new Uint8Array(256 * 1024);
      let got = 0;
      while (got < size) {
        got += (yield* server.read(into)) ?? size;
        most = Math.max(most, Deno.memoryUsage().external);
      }
      return got;
    }),
  ]));
  assertEquals(got, size);
  assertLess(most - before, 4 * MIB);
});
