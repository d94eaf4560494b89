import {
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { run } from "../../../executor/mod.ts";
import {
  collect,
  collectingSink,
  iter,
  once,
} from "../../../future/stream/mod.ts";
import * as io from "../../../net/io/mod.ts";
import { bytes, cx, now, Pieces, rest, Taker, text } from "./_world.ts";

const no = (value: unknown) => value as never;

Deno.test("toReadableBytes: it reads only when asked, and a cancel drops the source", async () => {
  const pieces = new Pieces("abc");
  const reader = io.toReadableBytes(pieces, { chunkSize: 2 }).getReader();
  await Promise.resolve();
  assertEquals(pieces.asked, []);
  assertEquals(text((await reader.read()).value!), "ab");
  assertEquals(pieces.asked, [2]);
  const pending = reader.read();
  const never = reader.read();
  assertEquals(text((await pending).value!), "c");
  await reader.cancel();
  assertEquals([(await never).done, pieces.drops], [true, 1]);
});

Deno.test("toReadableBytes: a failure of the source fails it", async () => {
  const [a, b] = io.duplex(8);
  b.reset();
  await assertRejects(
    () => new Response(io.toReadableBytes(a)).bytes(),
    Error,
    "the peer reset the connection",
  );
});

Deno.test("fromReadableBytes: it asks for one chunk at a time, and a drop cancels", async () => {
  let pulls = 0;
  let cancelled = 0;
  const source = io.fromReadableBytes(
    new ReadableStream({
      pull(controller) {
        pulls++;
        controller.enqueue(bytes("abcd"));
      },
      cancel: () => void cancelled++,
    }, { highWaterMark: 0 }),
  );
  assertEquals(pulls, 0);
  for (let i = 0; i < 4; i++) {
    assertEquals(await run(io.read(source, new Uint8Array(1))), 1);
  }
  assertEquals(pulls, 1);
  source[Symbol.dispose]();
  assertEquals(cancelled, 1);
});

Deno.test("fromReadableBytes: a failure comes out, and something else than bytes is one", async () => {
  const failing = io.fromReadableBytes(
    new ReadableStream({ start: (c) => c.error(new Error("broken")) }),
  );
  await assertRejects(() => run(io.readToEnd(failing)), Error, "broken");
  const words = io.fromReadableBytes(
    new ReadableStream({ start: (c) => c.enqueue("word" as never) }),
  );
  await assertRejects(() => run(io.readToEnd(words)), TypeError, "Uint8Array");
});

Deno.test("toWritableBytes: a chunk is through when the sink has taken it", async () => {
  const [a, b] = io.duplex(2);
  const writer = io.toWritableBytes(a).getWriter();
  let written = false;
  const write = writer.write(bytes("abc")).then(() => written = true);
  await run(io.read(b, new Uint8Array(1)));
  assertEquals(await run(io.readExact(b, 2)), bytes("bc"));
  await write;
  assertEquals(written, true);
  await writer.close();
  assertEquals(rest(b), "");
});

Deno.test("toWritableBytes: an abort gives up the chunk under way, and drops the sink", async () => {
  const [a, b] = io.duplex(2);
  const writer = io.toWritableBytes(a).getWriter();
  const write = writer.write(bytes("abcdef"));
  const failed = assertRejects(() => write, Error, "enough");
  await run(io.read(b, new Uint8Array(1)));
  await writer.abort(new Error("enough"));
  await failed;
  await writer.closed.catch(() => {});
  rest(b); // the end of the stream is there: it was closed
});

Deno.test("toWritableBytes: a failure, and a chunk that is no bytes, drop the sink", async () => {
  for (const chunk of [bytes("a"), "a" as never]) {
    const sink = new Taker();
    sink.pollWrite = () => {
      throw new Error("no room");
    };
    const writer = io.toWritableBytes(sink).getWriter();
    writer.closed.catch(() => {});
    await assertRejects(() => writer.write(chunk));
    assertEquals(sink.drops, 1);
  }
  const idle = new Taker();
  await io.toWritableBytes(idle).abort();
  assertEquals(idle.drops, 1);
  const sink = new Taker();
  await io.toWritableBytes(sink).close();
  assertEquals([sink.shutdowns, sink.drops], [1, 1]);
});

Deno.test("fromWritableBytes: it waits for room, closes with a shutdown, aborts with a drop", async () => {
  const written: string[] = [];
  let aborted = 0;
  let go = () => {};
  const make = () =>
    io.fromWritableBytes(
      new WritableStream({
        write(chunk) {
          written.push(text(chunk));
          return new Promise<void>((resolve) => go = resolve);
        },
        close: () => void written.push("close"),
        abort: () => void aborted++,
      }),
    );
  const sink = make();
  await run(io.writeAll(sink, bytes("a")));
  let second = false;
  const writing = run(io.writeAll(sink, bytes("b"))).then(() => second = true);
  await new Promise((resolve) => setImmediate(resolve));
  assertEquals([written, second], [["a"], false]);
  go();
  await writing;
  const ending = run(io.shutdownWriter(sink));
  while (written.length < 2) await Promise.resolve();
  go();
  await ending;
  assertEquals(written, ["a", "b", "close"]);

  const dropped = make();
  await run(io.writeAll(dropped, bytes("c")));
  dropped[Symbol.dispose]();
  go();
  await new Promise((resolve) => setImmediate(resolve));
  assertEquals(aborted, 1);
});

Deno.test("readerStream: chunks are copies of what has arrived; its end drops the source", async () => {
  for (const showing of [false, true]) {
    const pieces = new Pieces("abc").end();
    const source = showing ? pieces.showing : pieces;
    const chunks = io.readerStream(source, { chunkSize: 2 });
    assertEquals((await run(collect(chunks))).map(text), ["ab", "c"]);
    if (!showing) assertEquals(pieces.drops, 1);
  }
});

Deno.test("streamReader: it takes a chunk only when the one before is consumed", () => {
  let asked = 0;
  const chunks = ["ab", "", "c"];
  const source = io.streamReader(iter({
    *[Symbol.iterator]() {
      for (const chunk of chunks) {
        asked++;
        yield bytes(chunk);
      }
    },
  }));
  assertEquals([now(io.read(source, new Uint8Array(1))), asked], [1, 1]);
  assertEquals([now(io.read(source, new Uint8Array(9))), asked], [1, 1]);
  assertEquals([now(io.read(source, new Uint8Array(9))), asked], [1, 3]);
  assertThrows(() => source.consume(1), RangeError, "0 are there");
  assertStrictEquals(source.pollFillBuf(cx), null);
  assertStrictEquals(source.pollFillBuf(cx), null);
  source[Symbol.dispose]();
  assertStrictEquals(source.pollFillBuf(cx), null, "it has ended already");
});

Deno.test("streamReader: a failure is said again and again; a chunk must be bytes", () => {
  const source = io.streamReader(once(no(lazyFailure())));
  for (let i = 0; i < 2; i++) {
    assertThrows(() => source.pollFillBuf(cx), Error, "no more");
  }
  const wrong = io.streamReader(iter([no("text")]));
  assertThrows(() => wrong.pollFillBuf(cx), TypeError, "of string");
  const dropped = io.streamReader(iter([bytes("a")]));
  dropped[Symbol.dispose]();
  assertThrows(() => dropped.pollFillBuf(cx), TypeError, "it was dropped");
});

function lazyFailure() {
  const pieces = new Pieces();
  return io.readExact({
    pollRead() {
      throw new Error("no more");
    },
  }, pieces.asked.length + 1);
}

Deno.test("sinkWriter: each write is a chunk, a copy; after the shutdown there is none", () => {
  const sink = collectingSink<Uint8Array>();
  const writer = io.sinkWriter(sink);
  const scratch = bytes("ab");
  now(io.writeAll(writer, scratch));
  scratch.fill(0);
  now(io.writeAll(writer, new Uint8Array(0)));
  now(io.flushWriter(writer));
  assertEquals(sink.items, [bytes("ab")]);
  now(io.shutdownWriter(writer));
  assertThrows(() => now(io.writeAll(writer, scratch)), Error, "shut down");
});
