/**
 * Byte streams beside the platform's own, over loopback. The raw ways use the
 * same buffers: `conn.read` into one, `conn.write` of what came. What is measured
 * is the time of both ends together.
 *
 * An echo makes the same system calls as the raw loops, and allocates a quarter
 * more. In us of the processor: raw 23.4; with `then` in the place of `await`, and a
 * microtask after each, 23.8; ours by hand 25.0; in a `co`, whose futures are objects
 * of their own, 26.5: 0.88 of raw, and 0.85 to 0.87 behind the other ways of this
 * area, of whose futures V8 has seen many classes by then. Over a network of a few
 * lines in the same process a write and a read by hand take 0.4 and in a `co` 0.8,
 * where promises take 0.15: twice and three times as much is left of that after the
 * kernel has run, as little of our code is in the cache then. So a future written by
 * hand is set against raw, as one does where speed matters, and a `co` by itself.
 *
 * What was done here for speed, and what it bought:
 * - What a poll gives is compared with a `Pending` that is a constant of the same
 *   module: V8 then need not call anything. An echo in a `co` takes 3 % less.
 *
 * What was tried, and did not pay, or not for what it costs:
 * - To poll the task of a connection that is alone within the platform's call-back,
 *   and not in a microtask after it: 1.5 % less, for a second way into a turn.
 * - Turns that give way to the host after any number of polls: 1.5 % less, for the
 *   clock and the `setImmediate` of each millisecond; then nobody's sockets would
 *   have their turn beside tasks that are always ready.
 * - To have a future take its turn at a half without a pointer to it, which spares
 *   V8 a note in its books: no difference.
 * - To let `read` read into the caller's memory when nothing is buffered, which
 *   would save the copy: the platform cannot take a read back, so after a drop it would
 *   still write into memory that its owner uses for something else by then.
 * - To copy pieces of a few bytes in a loop of our own: no faster than `set`.
 */
import { run } from "../../executor/mod.ts";
import { co, type Future, join } from "../../future/mod.ts";
import { BufReader, BufWriter, copy } from "../../net/io/mod.ts";
import { TcpListener, TcpStream } from "../../net/mod.ts";
import { Calls, Echo, FillAndConsume } from "./_hand_written_io.ts";
import {
  compare,
  type Result,
  type Stopwatch,
  table,
  type Way,
} from "./_harness.ts";

const KIB = 1024;
const BUFFER = 256 * KIB; // as large as a socket of ours makes its own
const MIB = 1024 * KIB;
const hostname = "127.0.0.1";

/** Two connections of the platform's. */
async function rawPair(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ port: 0, hostname });
  const { port } = listener.addr;
  const [client, server] = await Promise.all([
    Deno.connect({ port, hostname }),
    listener.accept(),
  ]);
  client.setNoDelay(true);
  server.setNoDelay(true);
  return [client, server];
}

/** A stream of ours, and the platform's end of it. */
async function mixedPair(): Promise<[TcpStream, Deno.TcpConn]> {
  using listener = TcpListener.bind({ port: 0 });
  const { port } = listener.addr;
  const [stream, conn] = await Promise.all([
    run(listener.accept()),
    Deno.connect({ port, hostname }),
  ]);
  conn.setNoDelay(true);
  return [stream, conn];
}

function ourPair(): Promise<[TcpStream, TcpStream]> {
  return run(co(function* () {
    using listener = TcpListener.bind({ port: 0 });
    return yield* join([TcpStream.connect(listener.addr), listener.accept()]);
  }));
}

// Where a buffer happens to lie makes a difference of its own: on some processors
// the kernel's copy takes twice as long if it begins 16 bytes into a page, as a
// large piece of memory from malloc does. So those that are compared are made
// anew for each run, as a stream makes its own; these two serve all ways alike.
const block = new Uint8Array(BUFFER);
const rawDrain = new Uint8Array(BUFFER);

async function pump(conn: Deno.TcpConn, total: number): Promise<void> {
  for (let sent = 0; sent < total;) {
    sent += await conn.write(block.subarray(0, Math.min(BUFFER, total - sent)));
  }
  await conn.closeWrite();
}

async function drain(
  conn: Deno.TcpConn,
  buffer = rawDrain,
): Promise<void> {
  while (await conn.read(buffer) !== null);
}

/** Reads what the platform pumps into a stream of ours. */
function reading(body: (stream: TcpStream) => Future<unknown>): Way {
  return async (mib, time) => {
    const [stream, conn] = await mixedPair();
    await time(() => Promise.all([pump(conn, mib * MIB), run(body(stream))]));
    stream.close();
    conn.close();
  };
}

const readWays: Record<string, Way> = {
  "fill and consume": reading((stream) => new FillAndConsume(stream)),
  "fill and consume in a co": reading((stream) =>
    co(function* () {
      const reader = new BufReader(stream);
      for (;;) {
        const view = yield* reader.fill();
        if (view === null) return;
        reader.consume(view.byteLength);
      }
    })
  ),
  "raw conn.read": async (mib, time) => {
    const [client, server] = await rawPair();
    const buffer = new Uint8Array(BUFFER);
    await time(() =>
      Promise.all([pump(server, mib * MIB), drain(client, buffer)])
    );
    client.close();
    server.close();
  },
  "stream.read, which copies": reading((stream) =>
    co(function* () {
      const into = new Uint8Array(BUFFER);
      while ((yield* stream.read(into)) !== null);
    })
  ),
  "raw conn.read, and a copy": async (mib, time) => {
    const [client, server] = await rawPair();
    const buffer = new Uint8Array(BUFFER);
    const into = new Uint8Array(BUFFER);
    await time(() =>
      Promise.all([
        pump(server, mib * MIB),
        (async () => {
          for (let n; (n = await client.read(buffer)) !== null;) {
            into.set(buffer.subarray(0, n));
          }
        })(),
      ])
    );
    client.close();
    server.close();
  },
};

const copyWays: Record<string, Way> = {
  "copy": async (mib, time) => {
    const [[source, feed], [sink, drained]] = [
      await mixedPair(),
      await mixedPair(),
    ];
    await time(() =>
      Promise.all([
        pump(feed, mib * MIB),
        run(co(function* () {
          yield* copy(source, sink);
          yield* sink.shutdown();
        })),
        drain(drained),
      ])
    );
    for (const each of [source, feed, sink, drained]) each.close();
  },
  "raw read and write": async (mib, time) => {
    const [[source, feed], [sink, drained]] = [
      await rawPair(),
      await rawPair(),
    ];
    const buffer = new Uint8Array(BUFFER);
    await time(() =>
      Promise.all([
        pump(feed, mib * MIB),
        (async () => {
          for (let n; (n = await source.read(buffer)) !== null;) {
            for (let sent = 0; sent < n;) {
              sent += await sink.write(buffer.subarray(sent, n));
            }
          }
          await sink.closeWrite();
        })(),
        drain(drained),
      ])
    );
    for (const each of [source, feed, sink, drained]) each.close();
  },
};

/** So many bytes go there and back. */
const MESSAGE = 32;

function ourEcho(stream: TcpStream): Future<void> {
  return co(function* () {
    const buffer = new Uint8Array(2 * MESSAGE);
    for (;;) {
      const n = yield* stream.read(buffer);
      if (n === null) return;
      yield* stream.writeAll(buffer.subarray(0, n));
    }
  });
}

function ourCalls(stream: TcpStream, n: number): Future<void> {
  return co(function* () {
    const [message, into] = [
      new Uint8Array(MESSAGE),
      new Uint8Array(2 * MESSAGE),
    ];
    for (let i = 0; i < n; i++) {
      yield* stream.writeAll(message);
      yield* stream.read(into);
    }
    yield* stream.shutdown();
  });
}

async function rawEcho(conn: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(2 * MESSAGE);
  for (let n; (n = await conn.read(buffer)) !== null;) {
    await conn.write(buffer.subarray(0, n));
  }
}

function echoing(
  echo: (stream: TcpStream) => Future<void>,
  calls: (stream: TcpStream, n: number) => Future<void>,
): Way {
  return async (n, time) => {
    const [client, server] = await ourPair();
    await time(() => Promise.all([run(echo(server)), run(calls(client, n))]));
    client.close();
    server.close();
  };
}

const echoWays: Record<string, Way> = {
  "ours": echoing(
    (stream) => new Echo(stream, 2 * MESSAGE),
    (stream, n) => new Calls(stream, MESSAGE, n),
  ),
  "ours in a co": echoing(ourEcho, ourCalls),
  "raw": async (n, time) => {
    const [client, server] = await rawPair();
    await time(() => Promise.all([rawEcho(server), rawCalls(client, n)]));
    client.close();
    server.close();
  },
};

async function rawCalls(conn: Deno.TcpConn, n: number): Promise<void> {
  const [message, into] = [
    new Uint8Array(MESSAGE),
    new Uint8Array(2 * MESSAGE),
  ];
  for (let i = 0; i < n; i++) {
    await conn.write(message);
    await conn.read(into);
  }
  await conn.closeWrite();
}

/** A head of three pieces and a body, as a protocol writes them. */
const PIECES = [16, 40, 2, 200].map((size) => new Uint8Array(size));

/** Why there is no vectored write: putting pieces together does as well. */
const pieceWays: Record<string, Way> = {
  "through a BufWriter": writing((stream, n) =>
    co(function* () {
      const writer = new BufWriter(stream);
      for (let i = 0; i < n; i++) {
        for (const piece of PIECES) yield* writer.writeAll(piece);
        yield* writer.flush();
      }
      yield* writer.shutdown();
    })
  ),
  "each piece by itself": writing((stream, n) =>
    co(function* () {
      for (let i = 0; i < n; i++) {
        for (const piece of PIECES) yield* stream.writeAll(piece);
      }
      yield* stream.shutdown();
    })
  ),
  "one piece that needed no copy": writing((stream, n) =>
    co(function* () {
      const all = new Uint8Array(PIECES.reduce((sum, p) => sum + p.length, 0));
      for (let i = 0; i < n; i++) yield* stream.writeAll(all);
      yield* stream.shutdown();
    })
  ),
};

function writing(
  body: (stream: TcpStream, n: number) => Future<unknown>,
): Way {
  return async (n: number, time: Stopwatch) => {
    const [stream, conn] = await mixedPair();
    await time(() => Promise.all([run(body(stream, n)), drain(conn)]));
    stream.close();
    conn.close();
  };
}

/** Those of some names: the first is set against the others. */
function only(results: Result[], ...names: string[]): Result[] {
  return names.map((name) => results.find((each) => each.name === name)!);
}

export async function io(): Promise<void> {
  const read = await compare(512, readWays); // half of it would be too short
  table("A socket read, 1 MiB", "ns", read, { "raw conn.read": 0.9 });
  table(
    "The same in a co",
    "ns",
    only(read, "fill and consume in a co", "raw conn.read"),
    { "raw conn.read": 0.9 },
  );
  table(
    "From socket to socket, 1 MiB",
    "ns",
    await compare(128, copyWays),
    { "raw read and write": 0.9 },
  );
  const echoes = await compare(10_000, echoWays);
  table("An echo there and back", "ns", echoes, { raw: 0.85 });
  table("The same in a co", "ns", only(echoes, "ours in a co", "raw"), {
    raw: 0.85,
  });
  table(
    "A message of four small pieces",
    "ns",
    await compare(5_000, pieceWays),
  );
}
