import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { connect } from "node:net";
import { JoinSet, run, spawn } from "../../executor/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import { co, join, Pending } from "../../future/mod.ts";
import {
  NetError,
  openResources,
  TcpListener,
  TcpStream,
} from "../../net/mod.ts";
import { bytes, eventually, socketTest, text, turn } from "./_sockets.ts";

socketTest(
  "listener: port 0 finds a free one, on loopback by default",
  async () => {
    using listener = TcpListener.bind({ port: 0 });
    assertEquals(listener.addr.hostname, "127.0.0.1");
    assert(listener.addr.port > 0);
    const [client, server] = await run(
      join([TcpStream.connect(listener.addr), listener.accept()]),
    );
    client.close();
    server.close();
  },
);

socketTest(
  "listener: an address in use is a NetError with phase listen",
  async () => {
    using listener = TcpListener.bind({ port: 0 });
    const { port } = listener.addr;
    const error = assertThrows(() => TcpListener.bind({ port }), NetError);
    assertEquals(
      error.message,
      `Cannot listen on 127.0.0.1:${port}: the address is in use`,
    );
    assertEquals(error.phase, "listen");
    assert(error.cause instanceof Deno.errors.AddrInUse);
    await turn();
  },
);

socketTest(
  "listener: a connection that a dropped accept waited for goes to the next",
  async () => {
    using listener = TcpListener.bind({ port: 0 });
    for (const settles of [false, true]) {
      const dropped = listener.accept();
      assertEquals(pollOnce(dropped), Pending);
      const { operations } = openResources();
      using client = await run(TcpStream.connect(listener.addr));
      if (settles) {
        await eventually(
          "the connection is accepted below",
          () => openResources().operations === operations - 1,
        );
      }
      dropped[Symbol.dispose]();
      using server = await run(listener.accept());
      await run(client.writeAll(bytes("kept")));
      const into = new Uint8Array(8);
      assertEquals(await run(server.read(into)), 4);
      assertEquals(text(into.subarray(0, 4)), "kept");
    }
  },
);

socketTest("listener: closing frees an accept that waits", async () => {
  const listener = TcpListener.bind({ port: 0 });
  const accepting = run(listener.accept());
  await turn();
  listener.close();
  await assertRejects(() => accepting, NetError, "the listener was closed");
});

socketTest(
  "listener: after it was closed its port is free again, soon",
  async () => {
    for (const accepting of [false, true]) {
      const listener = TcpListener.bind({ port: 0 });
      const { port } = listener.addr;
      if (accepting) pollOnce(listener.accept());
      listener.close();
      await eventually("the port is free", () => {
        try {
          TcpListener.bind({ port }).close();
          return true;
        } catch (error) {
          assert(error instanceof NetError && accepting);
          return false;
        }
      });
    }
  },
);

socketTest(
  "listener: closing closes a connection that nobody has taken",
  async () => {
    const listener = TcpListener.bind({ port: 0 });
    const accept = listener.accept();
    pollOnce(accept);
    const { operations } = openResources();
    using client = await run(TcpStream.connect(listener.addr));
    await eventually(
      "the connection is accepted below",
      () => openResources().operations === operations - 1,
    );
    listener.close();
    assertStrictEquals(await run(client.read(new Uint8Array(1))), null);
  },
);

socketTest(
  "listener: peers that reset before they are accepted are passed over",
  async () => {
    using listener = TcpListener.bind({ port: 0 });
    const { port } = listener.addr;
    for (let i = 0; i < 3; i++) {
      const peer = connect({ port, host: "127.0.0.1" });
      peer.on("error", () => {});
      await eventually("it is connected", () => !peer.connecting);
      peer.resetAndDestroy();
      await eventually("it is gone", () => peer.closed);
    }
    const [client, server] = await run(
      join([TcpStream.connect(listener.addr), listener.accept()]),
    );
    assertEquals(server.remoteAddr, client.localAddr);
    client.close();
    server.close();
  },
);

socketTest(
  "listener: two hundred clients are accepted one after the other",
  async () => {
    using listener = TcpListener.bind({ port: 0 });
    using answers = new JoinSet<void>();
    using _server = spawn(co(function* () {
      for (;;) {
        const stream = yield* listener.accept();
        answers.spawn(co(function* () {
          using _stream = stream;
          const into = new Uint8Array(8);
          const n = yield* stream.read(into);
          yield* stream.writeAll(into.subarray(0, n ?? 0));
        }));
      }
    }));
    const client = (i: number) =>
      co(function* () {
        using stream = yield* TcpStream.connect(listener.addr);
        yield* stream.writeAll(bytes(`${i}`));
        const into = new Uint8Array(8);
        const n = yield* stream.read(into);
        return text(into.subarray(0, n ?? 0));
      });
    const numbers = Array.from({ length: 200 }, (_, i) => i);
    assertEquals(await run(join(numbers.map(client))), numbers.map(String));
    for (const _ of numbers) await run(answers.joinNext());
    assertEquals(answers.size, 0);
  },
);
