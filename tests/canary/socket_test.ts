/**
 * What the sockets of Deno really do, as far as `net/` relies on it. When one of
 * these fails after an upgrade of Deno, look at what it names in `net/`.
 */
import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { connect as nodeConnect, type Socket } from "node:net";
import { eventually } from "../net/_sockets.ts";

const { errors } = Deno;

function dial(
  { hostname, port }: Deno.NetAddr,
  signal = new AbortController().signal,
): Promise<Deno.TcpConn> {
  return Deno.connect({ transport: "tcp", hostname, port, signal });
}

async function pair(): Promise<
  { client: Deno.TcpConn; server: Deno.TcpConn } & Disposable
> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [client, server] = await Promise.all([
    dial(listener.addr),
    listener.accept(),
  ]);
  return {
    client,
    server,
    [Symbol.dispose]() {
      client[Symbol.dispose]();
      server[Symbol.dispose]();
    },
  };
}

async function connected(port: number): Promise<Socket> {
  const peer = nodeConnect({ port, host: "127.0.0.1" });
  peer.on("error", () => {});
  await new Promise<void>((resolve) => peer.once("connect", () => resolve()));
  return peer;
}

/** A connection whose peer can reset it. */
async function resettable(): Promise<
  { conn: Deno.TcpConn; reset: () => Promise<void>; peer: Socket } & Disposable
> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [peer, conn] = await Promise.all([
    connected(listener.addr.port),
    listener.accept(),
  ]);
  return {
    conn,
    peer,
    reset: () => reset(peer),
    [Symbol.dispose]: () => conn.close(),
  };
}

async function reset(peer: Socket): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    peer.once("close", () => resolve());
  });
  peer.resetAndDestroy();
  await closed;
}

Deno.test("canary: one's own close interrupts a read and a write that wait", async () => {
  using conns = await pair();
  const { client } = conns;
  const read = client.read(new Uint8Array(8));
  const big = new Uint8Array(64 << 20);
  await client.write(big); // what the system's buffers hold
  const write = client.write(big);
  const failures: unknown[] = [];
  read.catch((error) => failures.push(error));
  write.catch((error) => failures.push(error));
  client.close();
  // Bounded: Deno 2.9.4 and older never interrupted a write that waits.
  await eventually("both are interrupted", () => failures.length === 2);
  for (const error of failures) assert(error instanceof errors.Interrupted);
});

Deno.test("canary: read, write and close after close are BadResource", async () => {
  using conns = await pair();
  const { client } = conns;
  client.close();
  await assertRejects(() => client.read(new Uint8Array(8)), errors.BadResource);
  await assertRejects(
    () => client.write(new Uint8Array(8)),
    errors.BadResource,
  );
  await assertRejects(
    async () => await client.closeWrite(),
    errors.BadResource,
  );
  assertThrows(() => client.close(), errors.BadResource);
});

Deno.test("canary: a write is partial", async () => {
  using conns = await pair();
  const size = 64 << 20;
  const n = await conns.client.write(new Uint8Array(size));
  assertGreater(n, 0);
  assertLess(n, size);
});

Deno.test("canary: bytes that change while their write is under way are sent as they are then", async () => {
  using conns = await pair();
  const { client, server } = conns;
  const buffer = new Uint8Array(64 << 20).fill(1);
  await client.write(buffer); // what the system's buffers hold
  const write = client.write(buffer); // stuck behind it
  buffer.fill(2);
  const into = new Uint8Array(1 << 20);
  let last = 0;
  const reading = (async () => {
    for (let n; (n = await server.read(into)) !== null;) last = into[n - 1]!;
  })();
  assertGreater(await write, 0);
  client.close();
  await reading;
  assertEquals(last, 2);
});

Deno.test("canary: after a half-close the peer reads null, and can still write", async () => {
  using conns = await pair();
  const { client, server } = conns;
  const into = new Uint8Array(8);
  await client.closeWrite();
  assertStrictEquals(await server.read(into), null);
  await server.write(new Uint8Array([7]));
  assertEquals(await client.read(into), 1);
  await assertRejects(() => client.write(into), errors.BrokenPipe);
});

Deno.test("canary: a reset is reported to the reader once, and then null", async () => {
  using conns = await resettable();
  const { conn } = conns;
  const read = conn.read(new Uint8Array(8));
  await conns.reset();
  const error = await assertRejects(() => read, errors.ConnectionReset);
  assertEquals((error as { code?: string }).code, "ECONNRESET");
  assertStrictEquals(await conn.read(new Uint8Array(8)), null);
  await assertRejects(() => conn.write(new Uint8Array(8)), errors.BrokenPipe);
});

Deno.test("canary: bytes that arrived before a reset are read before it", async () => {
  using conns = await resettable();
  const { conn, peer } = conns;
  await new Promise<void>((resolve) => peer.write("ab", () => resolve()));
  assertEquals(await conn.read(new Uint8Array(1)), 1);
  await conns.reset();
  assertEquals(await conn.read(new Uint8Array(8)), 1);
  await assertRejects(
    () => conn.read(new Uint8Array(8)),
    errors.ConnectionReset,
  );
});

Deno.test("canary: a reset that a write sees first makes the following read a clean null", async () => {
  using conns = await resettable();
  const { conn } = conns;
  await conns.reset();
  await assertRejects(async () => {
    for (;;) await conn.write(new Uint8Array(1));
  }, errors.ConnectionReset);
  assertStrictEquals(await conn.read(new Uint8Array(8)), null);
});

Deno.test("canary: a refused connection is ConnectionRefused", async () => {
  const { port } = (() => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    return listener.addr;
  })();
  const error = await assertRejects(
    () => Deno.connect({ hostname: "127.0.0.1", port }),
    errors.ConnectionRefused,
  );
  assertEquals((error as { code?: string }).code, "ECONNREFUSED");
});

Deno.test("canary: a listener knows its port at once, and a second one is AddrInUse", () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  assertGreater(listener.addr.port, 0);
  assertThrows(
    () => Deno.listen({ hostname: "127.0.0.1", port: listener.addr.port }),
    errors.AddrInUse,
  );
});

Deno.test("canary: two accepts at once are Busy", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const first = listener.accept();
  await assertRejects(() => listener.accept(), errors.Busy);
  listener.close();
  await assertRejects(() => first, errors.BadResource);
});

Deno.test("canary: an accept that waits is BadResource on close", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accept = listener.accept();
  listener.close();
  await assertRejects(() => accept, errors.BadResource);
});

Deno.test("canary: a peer that reset before it was accepted makes accept reject NotConnected", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await reset(await connected(listener.addr.port));
  await assertRejects(() => listener.accept(), errors.NotConnected);
});

/** A signal that is aborted just when Deno has made the connection. */
function abortedAtTheEnd(reason: Error): AbortSignal {
  const controller = new AbortController();
  const { signal } = controller;
  let checks = 0;
  return Object.defineProperty(signal, "throwIfAborted", {
    value() {
      if (++checks === 2) controller.abort(reason);
    },
  });
}

Deno.test("canary: a signal that does not throw lets a connection out that was aborted too late", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const signal = abortedAtTheEnd(new Error("too late"));
  const [conn, peer] = await Promise.all([
    dial(listener.addr, signal),
    listener.accept(),
  ]);
  assert(signal.aborted);
  conn.close();
  assertStrictEquals(await peer.read(new Uint8Array(1)), null);
  peer.close();
});

Deno.test("canary: aborted on its way, a connect rejects, whether the signal throws or not", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const own = new AbortController();
  Object.defineProperty(own.signal, "throwIfAborted", { value() {} });
  const quiet = dial(listener.addr, own.signal);
  own.abort();
  await assertRejects(() => quiet, errors.Interrupted);

  const plain = new AbortController();
  const reason = new Error("changed my mind");
  const loud = dial(listener.addr, plain.signal);
  plain.abort(reason);
  assertStrictEquals(await assertRejects(() => loud), reason);
});

Deno.test("canary: small writes can be sent at once, before and after a reset", async () => {
  using conns = await resettable();
  conns.conn.setNoDelay(true);
  await conns.reset();
  if (Deno.build.os === "linux") conns.conn.setNoDelay(true);
});

Deno.test("canary: an end of a connection has a hostname, without brackets, and a port", async () => {
  using listener = Deno.listen({ hostname: "::1", port: 0 });
  const [client, server] = await Promise.all([
    dial(listener.addr),
    listener.accept(),
  ]);
  const { port } = listener.addr;
  for (const addr of [client.remoteAddr, server.localAddr]) {
    assertEquals([addr.hostname, addr.port], ["::1", port]);
  }
  assertEquals(client.localAddr, server.remoteAddr);
  client.close();
  server.close();
});

/** A TLS client and the plain peer it talks to, which says what it likes. */
async function tlsToPlain(): Promise<
  { tls: Deno.TlsConn; peer: Deno.TcpConn } & Disposable
> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [conn, peer] = await Promise.all([
    dial(listener.addr),
    listener.accept(),
  ]);
  const tls = await Deno.startTls(conn, { hostname: "localhost" });
  return { tls, peer, [Symbol.dispose]: () => peer.close() };
}

Deno.test("canary: TLS that is closed in its handshake is interrupted, but keeps its socket until the peer moves", async () => {
  using conns = await tlsToPlain();
  const { tls, peer } = conns;
  const handshake = tls.handshake();
  assertGreater((await peer.read(new Uint8Array(1024)))!, 0); // the hello
  tls.close();
  await assertRejects(() => handshake, errors.Interrupted);
  // If this one day reads null at once, `TlsStream` can promise what TcpStream
  // does: look for "falls silent" in its documentation.
  let end: number | null | undefined;
  const reading = peer.read(new Uint8Array(1)).then((n) => end = n);
  for (let i = 0; i < 50; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assertStrictEquals(end, undefined);
  await peer.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n"));
  await reading.catch(() => {});
});

Deno.test("canary: startTls sends the client's hello before it is asked for the handshake", async () => {
  using conns = await tlsToPlain();
  assertGreater((await conns.peer.read(new Uint8Array(1024)))!, 0);
  conns.tls.close();
  await conns.peer.write(new Uint8Array(8));
});

Deno.test("canary: startTls with a read under way is Busy", async () => {
  using conns = await pair();
  const read = conns.client.read(new Uint8Array(1)).catch(() => {});
  await assertRejects(
    () => Deno.startTls(conns.client, { hostname: "localhost" }),
    errors.Busy,
  );
  conns.server.closeWrite();
  await read;
});

Deno.test("canary: TLS to a peer that does not speak it is InvalidData", async () => {
  using conns = await tlsToPlain();
  const { tls, peer } = conns;
  const handshake = tls.handshake();
  await peer.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n"));
  await assertRejects(
    () => handshake,
    errors.InvalidData,
    "InvalidContentType",
  );
  tls.close();
});
