import { assertEquals, assertRejects } from "@std/assert";
import { run } from "../../../executor/mod.ts";
import {
  duplex,
  fromReadableBytes,
  fromWritableBytes,
  read,
  readExact,
  readToEnd,
  shutdownWriter,
  toReadableBytes,
  toWritableBytes,
  writeAll,
} from "../../../net/io/mod.ts";
import { bytes, Pieces, rest, Taker, text } from "./_world.ts";

Deno.test("toReadableBytes: it reads only when asked, and a cancel drops the source", async () => {
  const pieces = new Pieces("abc");
  const reader = toReadableBytes(pieces, { chunkSize: 2 }).getReader();
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
  const [a, b] = duplex(8);
  b.reset();
  await assertRejects(
    () => new Response(toReadableBytes(a)).bytes(),
    Error,
    "the peer reset the connection",
  );
});

Deno.test("fromReadableBytes: it asks for one chunk at a time, and a drop cancels", async () => {
  let pulls = 0;
  let cancelled = 0;
  const source = fromReadableBytes(
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
    assertEquals(await run(read(source, new Uint8Array(1))), 1);
  }
  assertEquals(pulls, 1);
  source[Symbol.dispose]();
  assertEquals(cancelled, 1);
});

Deno.test("fromReadableBytes: a failure comes out, and something else than bytes is one", async () => {
  const failing = fromReadableBytes(
    new ReadableStream({ start: (c) => c.error(new Error("broken")) }),
  );
  await assertRejects(() => run(readToEnd(failing)), Error, "broken");
  const words = fromReadableBytes(
    new ReadableStream({ start: (c) => c.enqueue("word" as never) }),
  );
  await assertRejects(() => run(readToEnd(words)), TypeError, "Uint8Array");
});

Deno.test("toWritableBytes: a chunk is through when the sink has taken it", async () => {
  const [a, b] = duplex(2);
  const writer = toWritableBytes(a).getWriter();
  let written = false;
  const write = writer.write(bytes("abc")).then(() => written = true);
  await run(read(b, new Uint8Array(1)));
  assertEquals(await run(readExact(b, 2)), bytes("bc"));
  await write;
  assertEquals(written, true);
  await writer.close();
  assertEquals(rest(b), "");
});

Deno.test("toWritableBytes: an abort gives up the chunk under way, and drops the sink", async () => {
  const [a, b] = duplex(2);
  const writer = toWritableBytes(a).getWriter();
  const write = writer.write(bytes("abcdef"));
  const failed = assertRejects(() => write, Error, "enough");
  await run(read(b, new Uint8Array(1)));
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
    const writer = toWritableBytes(sink).getWriter();
    writer.closed.catch(() => {});
    await assertRejects(() => writer.write(chunk));
    assertEquals(sink.drops, 1);
  }
  const idle = new Taker();
  await toWritableBytes(idle).abort();
  assertEquals(idle.drops, 1);
  const sink = new Taker();
  await toWritableBytes(sink).close();
  assertEquals([sink.shutdowns, sink.drops], [1, 1]);
});

Deno.test("fromWritableBytes: it waits for room, closes with a shutdown, aborts with a drop", async () => {
  const written: string[] = [];
  let aborted = 0;
  let go = () => {};
  const make = () =>
    fromWritableBytes(
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
  await run(writeAll(sink, bytes("a")));
  let second = false;
  const writing = run(writeAll(sink, bytes("b"))).then(() => second = true);
  await new Promise((resolve) => setImmediate(resolve));
  assertEquals([written, second], [["a"], false]);
  go();
  await writing;
  const ending = run(shutdownWriter(sink));
  while (written.length < 2) await Promise.resolve();
  go();
  await ending;
  assertEquals(written, ["a", "b", "close"]);

  const dropped = make();
  await run(writeAll(dropped, bytes("c")));
  dropped[Symbol.dispose]();
  go();
  await new Promise((resolve) => setImmediate(resolve));
  assertEquals(aborted, 1);
});
