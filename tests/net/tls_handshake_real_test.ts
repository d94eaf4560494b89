import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
} from "@std/assert";
import { run, spawn } from "../../executor/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import { co, join, Pending } from "../../future/mod.ts";
import {
  ConnectionFailed,
  ConnectTimeout,
  NetError,
  openResources,
  publicOnly,
  TcpListener,
  TcpStream,
  type TlsBindOptions,
  type TlsConnectOptions,
  TlsHandshakeFailed,
  type TlsOptions,
  TlsStream,
} from "../../net/mod.ts";
import { CA, CLIENT, EXPIRED } from "./_certs.ts";
import { bytes, eventually, socketTest, turn } from "./_sockets.ts";
import { socketsConnectedTo } from "./_tcp_table.ts";
import { listenTls, trusting } from "./_tls.ts";
import { readAll } from "./_tls_pair.ts";

socketTest(
  "tls: the certificate is checked for the host, by name and by address",
  async () => {
    using listener = listenTls();
    const { port } = listener.addr;
    for (
      const [hostname, serverName] of [
        ["127.0.0.1", undefined],
        ["localhost", undefined],
        ["127.0.0.1", "localhost"],
        ["127.0.0.1", "any.pollen.test"],
        ["127.0.0.1", "::1"],
        ["127.0.0.1", "[::1]"],
      ] as const
    ) {
      const [client, server] = await run(join([
        TlsStream.connect({ hostname, port }, {
          tls: { ...trusting, ...(serverName ? { serverName } : {}) },
        }),
        listener.accept(),
      ]));
      client.close();
      server.close();
    }
  },
);

/** A connect that fails at its handshake, with a TLS listener at the other end. */
async function refusedBy(
  bind: Partial<TlsBindOptions>,
  tls: TlsOptions,
): Promise<{ error: NetError; server: NetError[] }> {
  const server: NetError[] = [];
  using listener = listenTls({
    ...bind,
    onHandshakeError: (e) => server.push(e),
  });
  using _accepting = spawn(listener.accept());
  const error = await assertRejects(
    () => run(TlsStream.connect(listener.addr, { tls })),
    NetError,
  );
  await eventually("the server hears of it", () => server.length > 0);
  return { error, server };
}

socketTest(
  "tls: what is wrong with a certificate is said, to the server too",
  async () => {
    const cases: [Partial<TlsBindOptions>, TlsOptions, RegExp][] = [
      [{}, {}, /issued by nobody that is trusted here$/],
      [{}, { ...trusting, serverName: "pollen.test" }, /is for another host$/],
      [EXPIRED, trusting, /its certificate has expired$/],
      [
        { alpnProtocols: ["h2"] },
        { ...trusting, alpnProtocols: ["x"] },
        /no ALPN protocol is common$/,
      ],
    ];
    for (const [bind, tls, message] of cases) {
      const { error, server } = await refusedBy(bind, tls);
      assertInstanceOf(error, TlsHandshakeFailed);
      assertMatch(error.message, message);
      assertEquals(error.phase, "handshake");
      assertInstanceOf(error.cause, Deno.errors.InvalidData);
      assertInstanceOf(server[0], TlsHandshakeFailed);
    }
  },
);

socketTest(
  "tls: a peer that does not speak TLS, and one that hangs up",
  async () => {
    for (
      const [answer, message] of [
        ["HTTP/1.1 400 Bad Request\r\n\r\n", /it does not speak TLS$/],
        ["", /it closed the connection$/],
      ] as const
    ) {
      using listener = TcpListener.bind({ port: 0 });
      using _server = spawn(co(function* () {
        using stream = yield* listener.accept();
        yield* stream.read(new Uint8Array(4096));
        yield* stream.writeAll(bytes(answer));
      }));
      const error = await assertRejects(
        () => run(TlsStream.connect(listener.addr)),
        TlsHandshakeFailed,
      );
      assertMatch(error.message, message);
    }
  },
);

socketTest(
  "tls: a peer that is silent takes the handshake's time, and no more",
  async () => {
    using listener = TcpListener.bind({ port: 0 });
    const phases: string[] = [];
    const connect = TlsStream.connect(listener.addr, {
      deadlines: { handshake: 20 },
      onPhase: (phase) => phases.push(phase),
    });
    const [error, silent] = await Promise.all([
      assertRejects(() => run(connect), ConnectTimeout),
      run(listener.accept()),
    ]);
    assertEquals(error.phase, "handshake");
    assertEquals(phases, ["connecting", "handshaking"]);
    silent.close(); // and with this the platform lets go of the socket
  },
);

socketTest("tls: a client certificate goes along", async () => {
  using listener = listenTls();
  const { port } = listener.addr;
  for (const hostname of ["localhost", "127.0.0.1"]) {
    const [client, server] = await run(join([
      TlsStream.connect({ hostname, port }, {
        tls: { ...trusting, ...CLIENT },
      }),
      listener.accept(),
    ]));
    client.close();
    server.close();
  }
  const error = await assertRejects(
    () =>
      run(TlsStream.connect({ hostname: "localhost", port }, {
        policy: publicOnly,
        tls: { ...trusting, ...CLIENT },
      })),
    ConnectionFailed,
  );
  assertEquals(error.phase, "policy");
});

socketTest("tls: startTls after a plain greeting", async () => {
  using listener = listenTls();
  using front = TcpListener.bind({ port: 0 });
  using _server = spawn(co(function* () {
    using client = yield* front.accept();
    yield* client.read(new Uint8Array(16));
    yield* client.writeAll(bytes("go"));
    using server = yield* TcpStream.connect(listener.addr);
    const pump = (from: TcpStream, to: TcpStream) =>
      co(function* () {
        const into = new Uint8Array(4096);
        for (let n; (n = yield* from.read(into)) !== null;) {
          yield* to.writeAll(into.subarray(0, n));
        }
        yield* to.shutdown();
      });
    yield* join([pump(client, server), pump(server, client)]);
  }));
  using _echo = spawn(co(function* () {
    using stream = yield* listener.accept();
    yield* stream.writeAll(bytes("secret"));
    yield* stream.shutdown();
  }));
  const got = await run(co(function* () {
    using plain = yield* TcpStream.connect(front.addr);
    yield* plain.writeAll(bytes("STARTTLS"));
    yield* plain.read(new Uint8Array(2));
    using stream = yield* plain.startTls({
      serverName: "localhost",
      caCerts: [CA],
      timeout: 5000,
    });
    return yield* readAll(stream);
  }));
  assertEquals(got, "secret");
});

socketTest(
  "tls: a connect dropped after each number of turns leaves no socket",
  async () => {
    using listener = listenTls({ onHandshakeError() {} });
    const { port } = listener.addr;
    using _accepting = spawn(co(function* () {
      for (;;) (yield* listener.accept()).close();
    }));
    const connects: ((i: number) => TlsConnectOptions)[] = [
      () => ({ tls: trusting }),
      () => ({ tls: { ...trusting, ...CLIENT } }),
    ];
    const before = openResources().operations;
    for (const options of connects) {
      let completed = 0;
      // Where a handshake takes many turns, they go by the faster.
      for (let turns = 0; completed < 2; turns += 2 + (turns >> 4)) {
        assert(turns < 1_000_000, "it never completes");
        const connect = TlsStream.connect(`localhost:${port}`, options(turns));
        let stream = pollOnce(connect);
        for (let i = 0; i < turns && stream === Pending; i++) {
          await turn();
          stream = pollOnce(connect);
        }
        connect[Symbol.dispose]();
        if (stream !== Pending) {
          completed++;
          stream.close();
        }
      }
    }
    await eventually(
      "the platform is done with all attempts",
      () => openResources().operations <= before + 1, // the accept that waits
    );
    let left: number | null = null;
    for (let i = 0; i < 20; i++) {
      left = await socketsConnectedTo(port);
      if (left === null || left === 0) break;
    }
    assertEquals(left ?? 0, 0);
  },
);

socketTest(
  "tls: a name that the platform refuses leaves no socket",
  async () => {
    using listener = TcpListener.bind({ port: 0 });
    const [plain, peer] = await run(join([
      TcpStream.connect(listener.addr),
      listener.accept(),
    ]));
    await assertRejects(
      () => run(plain.startTls({ serverName: "x".repeat(64) })),
      TlsHandshakeFailed,
    );
    assertEquals(await run(peer.read(new Uint8Array(1))), null);
    peer.close();
  },
);
