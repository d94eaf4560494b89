import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
} from "@std/assert";
import { type JoinHandle, run, spawn } from "../../executor/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import { co, type Future, join, Pending } from "../../future/mod.ts";
import {
  ConnectionFailed,
  ConnectionLost,
  ConnectTimeout,
  NetError,
  openResources,
  publicOnly,
  type SocketAddr,
  TcpListener,
  TcpStream,
  type TlsBindOptions,
  type TlsConnectOptions,
  TlsHandshakeFailed,
  type TlsOptions,
  TlsStream,
} from "../../net/mod.ts";
import { CA, CLIENT, EXPIRED } from "./_certs.ts";
import { bytes, eventually, socketTest, text, turn } from "./_sockets.ts";
import { socketsConnectedTo } from "./_tcp_table.ts";
import { connectedTls, listenTls, trusting } from "./_tls.ts";

interface TlsPair extends Disposable {
  client: TlsStream;
  server: TlsStream;
}

/** Two ends of a TLS connection whose handshake is done. */
async function tlsPair(
  tls: TlsOptions = {},
  bind: Partial<TlsBindOptions> = {},
): Promise<TlsPair> {
  const [client, server] = await run(connectedTls(tls, bind));
  return {
    client,
    server,
    [Symbol.dispose]() {
      client.close();
      server.close();
    },
  };
}

/** All that comes until the end, as text. */
function readAll(stream: TlsStream | TcpStream): Future<string> {
  return co(function* () {
    const into = new Uint8Array(1024);
    let all = "";
    for (let n; (n = yield* stream.read(into)) !== null;) {
      all += text(into.subarray(0, n));
    }
    return all;
  });
}

socketTest("tls: bytes go to and fro, and both ends end cleanly", async () => {
  using pair = await tlsPair();
  const { client, server } = pair;
  const asked = run(readAll(server));
  await run(client.writeAll(bytes("question")));
  await run(client.shutdown());
  assertEquals(await asked, "question");
  const answer = run(readAll(client)); // a half-close: the answer comes yet
  await run(server.writeAll(bytes("answer")));
  await run(server.shutdown());
  assertEquals(await answer, "answer");
  assertEquals(client.remoteAddr, server.localAddr);
  assertEquals(client.localAddr, server.remoteAddr);
});

socketTest("tls: 8 MiB come as they were sent", async () => {
  using pair = await tlsPair();
  const sent = new Uint8Array(8 << 20).map((_, i) => (i * 2654435761) >>> 24);
  const writing = run(co(function* () {
    yield* pair.client.writeAll(sent);
    yield* pair.client.shutdown();
  }));
  const got = new Uint8Array(sent.byteLength);
  let at = 0;
  await run(co(function* () {
    for (let n; (n = yield* pair.server.read(got.subarray(at))) !== null;) {
      if (n === 0) break;
      at += n;
    }
  }));
  await writing;
  assertEquals(at, sent.byteLength);
  assertEquals(got, sent);
});

socketTest(
  "tls: ALPN takes what the server prefers of what the client has",
  async () => {
    const alpnProtocols = ["http/1.1", "h2"];
    using pair = await tlsPair({ alpnProtocols }, {
      alpnProtocols: ["h2", "x"],
    });
    assertEquals(
      [pair.client.alpnProtocol, pair.server.alpnProtocol],
      ["h2", "h2"],
    );
    using none = await tlsPair();
    assertEquals(
      [none.client.alpnProtocol, none.server.alpnProtocol],
      [null, null],
    );
  },
);

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

/** Somebody on the way, who passes everything on, until it is dropped. */
class Relay implements Disposable {
  readonly #front = TcpListener.bind({ port: 0 });
  readonly #passing: JoinHandle<void>;

  constructor(port: number) {
    const pass = (from: TcpStream, to: TcpStream) =>
      co(function* () {
        const into = new Uint8Array(4096);
        for (let n; (n = yield* from.read(into)) !== null;) {
          yield* to.writeAll(into.subarray(0, n));
        }
        yield* to.shutdown();
      });
    const accept = this.#front.accept();
    this.#passing = spawn(co(function* () {
      using client = yield* accept;
      using server = yield* TcpStream.connect({ hostname: "127.0.0.1", port });
      yield* join([pass(client, server), pass(server, client)]);
    }));
  }

  get addr(): SocketAddr {
    return this.#front.addr;
  }

  [Symbol.dispose](): void {
    this.#passing[Symbol.dispose]();
    this.#front.close();
  }
}

socketTest("tls: cut by somebody on the way, it is no clean end", async () => {
  using listener = listenTls();
  using relay = new Relay(listener.addr.port);
  const [client, server] = await run(join([
    TlsStream.connect(relay.addr, { tls: trusting }),
    listener.accept(),
  ]));
  await run(server.writeAll(bytes("half a mess")));
  const into = new Uint8Array(64);
  assertEquals(await run(client.read(into)), 11);
  const next = run(client.read(into));
  relay[Symbol.dispose]();
  const first = await assertRejects(() => next, ConnectionLost);
  const again = await assertRejects(
    () => run(client.read(into)),
    ConnectionLost,
  );
  for (const error of [first, again]) {
    assert(error.truncated);
    assertInstanceOf(error.cause, Deno.errors.UnexpectedEof);
  }
  client.close();
  server.close();
});

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
  "tls: one reader, one writer, as on any stream; closing frees both",
  async () => {
    using pair = await tlsPair();
    const { client } = pair;
    const read = run(client.read(new Uint8Array(1)));
    await turn();
    await assertRejects(
      () => run(client.read(new Uint8Array(1))),
      NetError,
      "another read is waiting",
    );
    client.close();
    await assertRejects(() => read, NetError, "closed on this side");
  },
);

socketTest("tls: a dropped read loses nothing", async () => {
  using pair = await tlsPair();
  const dropped = pair.client.read(new Uint8Array(64));
  assertEquals(pollOnce(dropped), Pending);
  dropped[Symbol.dispose]();
  await run(pair.server.writeAll(bytes("abc")));
  const into = new Uint8Array(64);
  assertEquals(await run(pair.client.read(into)), 3);
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
  "listener: a client that is slow with its handshake holds up nobody",
  async () => {
    using listener = listenTls();
    using slow = await run(TcpStream.connect(listener.addr));
    const [client, server] = await run(join([
      TlsStream.connect(listener.addr, { tls: trusting }),
      listener.accept(),
    ]));
    client.close();
    server.close();
    slow.close();
  },
);

socketTest(
  "listener: a client that never speaks is dropped in its time",
  async () => {
    const errors: NetError[] = [];
    using listener = listenTls({
      handshakeTimeout: 20,
      onHandshakeError: (error) => errors.push(error),
    });
    using _accepting = spawn(listener.accept());
    using silent = await run(TcpStream.connect(listener.addr));
    await eventually("it is told", () => errors.length > 0);
    assertInstanceOf(errors[0], ConnectTimeout);
    assertEquals(errors[0].phase, "handshake");
    assertEquals(errors[0].address, formatted(silent.localAddr));
  },
);

socketTest(
  "listener: no more handshakes go on at once than it was told",
  async () => {
    const before = openResources().operations;
    using listener = listenTls({ maxHandshakes: 1 });
    using _accepting = spawn(listener.accept());
    using first = await run(TcpStream.connect(listener.addr));
    using second = await run(TcpStream.connect(listener.addr));
    for (let i = 0; i < 50; i++) await turn();
    // One handshake, and no accept beside it.
    assertEquals(openResources().operations, before + 1);
    first.close();
    second.close();
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

socketTest(
  "listener: an accept that is dropped keeps the handshakes for the next",
  async () => {
    using listener = listenTls();
    const client = run(TlsStream.connect(listener.addr, { tls: trusting }));
    for (let done = false; !done;) {
      const accept = listener.accept();
      const server = pollOnce(accept);
      accept[Symbol.dispose]();
      await turn();
      if (server === Pending) continue;
      done = true;
      server.close();
    }
    (await client).close();
  },
);

function formatted({ hostname, port }: { hostname: string; port: number }) {
  return `${hostname}:${port}`;
}
