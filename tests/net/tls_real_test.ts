import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import { type JoinHandle, run, spawn } from "../../executor/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import { co, join, Pending } from "../../future/mod.ts";
import {
  ConnectionLost,
  NetError,
  type SocketAddr,
  TcpListener,
  TcpStream,
  TlsStream,
} from "../../net/mod.ts";
import { bytes, socketTest, turn } from "./_sockets.ts";
import { listenTls, trusting } from "./_tls.ts";
import { readAll, tlsPair } from "./_tls_pair.ts";

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
