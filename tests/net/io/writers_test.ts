import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { run } from "../../../executor/mod.ts";
import { pollOnce, wakeCounter } from "../../../executor/sim/mod.ts";
import {
  Budget,
  CancelledError,
  Pending,
  PolledAfterCompletionError,
} from "../../../future/mod.ts";
import {
  close,
  collect,
  collectingSink,
  Done,
  feed,
  flush,
  iter,
  once,
  send,
} from "../../../future/stream/mod.ts";
import * as io from "../../../net/io/mod.ts";
import { randomFrom } from "../../conformance/_tools.ts";
import { openStream, scriptedTest } from "../_scripted_network.ts";
import { bytes, cx, now, Pieces, rest, Taker, text } from "./_world.ts";

const no = (value: unknown) => value as never;

Deno.test("BufWriter: small writes go together, what does not fit waits for those before", () => {
  const sink = new Taker();
  const writer = new io.BufWriter(sink, { capacity: 4 });
  for (const piece of ["a", "bc", "d"]) now(writer.writeAll(bytes(piece)));
  assertEquals([sink.writes, writer.buffered], [[], 4]);
  now(writer.writeAll(bytes("e")));
  assertEquals([sink.writes, writer.buffered], [[4], 1]);
  now(writer.writeAll(bytes("fghi")));
  assertEquals([sink.writes, writer.buffered], [[4, 1], 4]);
  now(writer.flush());
  assertEquals(sink.taken, "abcdefghi");
  assertEquals([sink.writes, sink.flushes], [[4, 1, 4], 1]);
});

Deno.test("BufWriter: what is larger than the buffer is not copied", () => {
  const sink = new Taker();
  const writer = new io.BufWriter(sink, { capacity: 4 });
  now(writer.writeAll(bytes("a")));
  now(writer.writeAll(bytes("bcdef")));
  assertEquals([sink.taken, sink.writes], ["abcdef", [1, 5]]);
  now(writer.writeAll(bytes("ghijk")));
  assertEquals(sink.writes, [1, 5, 5]);
});

Deno.test("BufWriter: whatever the sink takes at a time, each byte comes once", () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = randomFrom(seed);
    const sink = new Taker();
    const writer = new io.BufWriter(sink, { capacity: 1 + random(10) });
    let written = "";
    let write:
      | { future: ReturnType<typeof io.writeAll>; piece: string }
      | null = null;
    for (let step = 0; step < 300; step++) {
      sink.room = random(4);
      if (write === null && random(3) === 0) {
        using flushing = writer.flush();
        if (pollOnce(flushing) !== Pending) {
          assertEquals(sink.taken, written, `seed ${seed}`);
        }
        continue;
      }
      if (write === null) {
        const piece = String.fromCharCode(65 + random(26)).repeat(random(15));
        write = { future: writer.writeAll(bytes(piece)), piece };
      }
      if (pollOnce(write.future) === Pending) continue;
      written += write.piece;
      write = null;
    }
    sink.room = Infinity;
    if (write !== null) {
      now(write.future);
      written += write.piece;
    }
    now(writer.shutdown());
    assertEquals([sink.taken, sink.shutdowns], [written, 1], `seed ${seed}`);
  }
});

Deno.test("BufWriter: what is gathered while a write is under way leaves that where it is", () => {
  const sink = new Taker();
  const offered: Uint8Array[] = [];
  sink.pollWrite = (_cx, given) => (offered.push(given), Pending);
  const writer = new io.BufWriter(sink, { capacity: 4 });
  now(writer.writeAll(bytes("ab")));
  assertEquals(writer.pollFlush(cx), Pending);
  now(writer.writeAll(bytes("cd")));
  assertThrows(() => writer.writeAll(no("e")), TypeError, "Uint8Array");
  assertEquals(writer.pollFlush(cx), Pending);
  const [first, second] = offered;
  assertStrictEquals(second, first, "the very view, which is cheapest to know");
  assertEquals(text(first!), "ab");
});

Deno.test("BufWriter: dropping it drops the sink", () => {
  const sink = new Taker();
  new io.BufWriter(sink)[Symbol.dispose]();
  assertEquals(sink.drops, 1);
});

Deno.test("duplex: bytes go round its ring in order, whatever is read and written at a time", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = randomFrom(seed);
    const [a, b] = io.duplex(1 + random(9));
    let [written, got] = ["", ""];
    for (let step = 0; step < 300; step++) {
      if (random(2) === 0) {
        const piece = String.fromCharCode(65 + step % 57).repeat(random(8));
        const n = a.pollWrite(cx, bytes(piece));
        if (n !== Pending) written += piece.slice(0, n);
      } else {
        const into = new Uint8Array(random(5));
        const n = b.pollRead(cx, into);
        if (n !== Pending) got += text(into.subarray(0, n ?? 0));
      }
    }
    a.close();
    assertEquals(got + rest(b), written, `seed ${seed}`);
  }
});

Deno.test("duplex: each answer takes from the budget of the task", () => {
  const [a, b] = io.duplex(8);
  const waker = wakeCounter();
  const spent = { waker, budget: new Budget(1) };
  assertEquals(a.pollWrite(spent, bytes("ab")), 2);
  assertEquals([a.pollWrite(spent, bytes("c")), waker.count], [Pending, 1]);
  assertEquals([b.pollRead(spent, new Uint8Array(1)), waker.count], [
    Pending,
    2,
  ]);
  assertEquals(b.pollRead(cx, new Uint8Array(1)), 1);
});

Deno.test("split: the halves are of one stream, which is dropped with the second", () => {
  const [a, b] = io.duplex(8);
  const [reading, writing] = io.split(a);
  assertThrows(() => io.split(a), TypeError, "it is split already");
  now(io.writeAll(writing, bytes("abc")));
  now(io.flushWriter(writing));
  writing[Symbol.dispose]();
  writing[Symbol.dispose]();
  assertThrows(
    () => writing.pollWrite(cx, bytes("d")),
    TypeError,
    "it was dropped",
  );
  b.pollWrite(cx, bytes("xyz"));
  assertEquals(text(now(io.readExact(new io.BufReader(reading), 3))), "xyz");
  using more = b.read(new Uint8Array(8));
  assertEquals(pollOnce(more), 3);
  reading[Symbol.dispose]();
  assertEquals(rest(b), "");
});

Deno.test("reunite: only of one stream, and the halves are nothing after it", () => {
  const [a, b] = io.duplex(8);
  const [ofA, ofB] = [io.split(a), io.split(b)];
  assertThrows(() => io.reunite(ofA[0], ofB[1]), TypeError, "two streams");
  assertThrows(
    () => io.reunite(no(a), ofA[1]),
    TypeError,
    "pass the two halves",
  );
  assertStrictEquals(io.reunite(...ofA), a);
  for (const half of ofA) half[Symbol.dispose]();
  assertThrows(
    () => ofA[0].pollRead(cx, new Uint8Array(1)),
    TypeError,
    "reunited",
  );
  assertThrows(() => io.reunite(...ofA), TypeError, "reunited");
  ofB[0][Symbol.dispose]();
  assertThrows(() => io.reunite(...ofB), TypeError, "was dropped");
  a.pollWrite(cx, bytes("still open"));
  const again = io.split(a);
  assert("pollFillBuf" in again[0]);
});

Deno.test("split: a source that shows no buffer has halves that show none", () => {
  const sink = new Taker();
  const pieces = new Pieces("ab");
  const both = {
    pollRead: pieces.pollRead,
    pollWrite: sink.pollWrite,
    pollFlush: sink.pollFlush,
    pollShutdown: sink.pollShutdown,
  };
  const [reading, writing] = io.split(both);
  assert(!("pollFillBuf" in reading));
  now(io.shutdownWriter(writing));
  assertEquals([now(io.read(reading, new Uint8Array(8))), sink.shutdowns], [
    2,
    1,
  ]);
});

Deno.test("copy: while there is nothing to read, what was written is flushed, once", () => {
  const pieces = new Pieces("ab");
  const sink = new Taker();
  const copy = io.copy(pieces, sink, { bufferSize: 16 });
  pollOnce(copy);
  pollOnce(copy);
  assertEquals([sink.taken, sink.flushes, pieces.asked[0]], ["ab", 1, 16]);
  pieces.come("c").end();
  assertEquals(now(copy), 3);
  assertEquals([sink.taken, sink.flushes, sink.shutdowns], ["abc", 2, 0]);
});

scriptedTest(
  "copy: dropped with a write under way, it goes on where it was",
  (network) => {
    using stream = openStream(network).stream;
    const pieces = new Pieces("abcdef");
    const first = io.copy(pieces.showing, stream);
    assertEquals(pollOnce(first), Pending);
    first[Symbol.dispose]();
    assertEquals([first.copied, network.sends(4)], [0, "abcd"]);
    pieces.come("gh").end();
    const second = io.copy(pieces.showing, stream);
    assertEquals(pollOnce(second), Pending);
    assertEquals(network.sends(), "efgh");
    assertEquals(pollOnce(second), 8);
  },
);

scriptedTest(
  "copy: bytes under way are left alone, though others read them after the drop",
  (network) => {
    using from = openStream(network).stream;
    using to = openStream(network).stream;
    const reader = new io.BufReader(new Pieces("abcdef"), { capacity: 6 });
    const pipe = new Pieces("abcdef");
    const sources = [from, reader, pipe.showing];
    for (const source of sources) {
      const copy = io.copy(source, to);
      pollOnce(copy);
      if (source === from) {
        network.arrives("abcdef");
        pollOnce(copy);
      }
      copy[Symbol.dispose]();
      assertEquals(now(io.read(source, new Uint8Array(6))), 6);
      // What comes now would take the same place.
      if (source === from) {
        const more = from.read(new Uint8Array(6));
        pollOnce(more);
        network.arrives("xxxxxx");
        more[Symbol.dispose]();
      } else if (source === reader) {
        (reader.source as Pieces).come("xxxxxx");
        now(reader.fill());
      } else {
        pipe.come("x".repeat(1 << 20));
      }
      assertEquals(network.sends(), "abcdef");
      assertEquals(to.pollFlush(cx), undefined);
    }
  },
);

scriptedTest(
  "writeAll: dropped, and made again with the same bytes, it sends them all again",
  (network) => {
    using stream = openStream(network).stream;
    const scratch = bytes("old");
    const dropped = io.writeAll(stream, scratch);
    pollOnce(dropped);
    dropped[Symbol.dispose]();
    assertEquals(network.sends(), "old");
    scratch.set(bytes("new"));
    using again = io.writeAll(stream, scratch);
    assertEquals(pollOnce(again), Pending);
    assertEquals(network.sends(), "new");
    assertEquals(pollOnce(again), undefined);
  },
);

Deno.test("copy: a sink that says it has taken nothing, or too much, ends it", () => {
  for (const n of [0, 3, NaN]) {
    const sink = Object.assign(new Taker(), { pollWrite: () => n });
    assertThrows(() => now(io.copy(new Pieces("ab"), sink)), RangeError);
    if (n !== 3) {
      assertThrows(() => now(io.writeAll(sink, bytes("abc"))), RangeError);
    }
    const writer = new io.BufWriter(sink);
    now(writer.writeAll(bytes("ab")));
    assertThrows(() => now(writer.flush()), RangeError);
  }
});

Deno.test("arguments: what is no sink, size or codec is refused at once", () => {
  const sink = new Taker();
  const source = new Pieces();
  for (const n of [0, NaN, -1, 1.5, Infinity]) {
    assertThrows(() => new io.BufWriter(sink, { capacity: n }), RangeError);
    assertThrows(() => io.copy(source, sink, { bufferSize: n }), RangeError);
    assertThrows(() => io.readerStream(source, { chunkSize: n }), RangeError);
  }
  for (const value of [null, 1, {}, { pollWrite() {} }, new WritableStream()]) {
    assertThrows(
      () => io.writeAll(no(value), bytes("a")),
      TypeError,
      "it needs",
    );
    assertThrows(() => io.flushWriter(no(value)), TypeError, "it needs");
    assertThrows(() => io.shutdownWriter(no(value)), TypeError, "it needs");
    assertThrows(() => io.copy(source, no(value)), TypeError, "it needs");
    assertThrows(() => new io.BufWriter(no(value)), TypeError, "it needs");
    assertThrows(() => io.toWritableBytes(no(value)), TypeError, "it needs");
    assertThrows(() => io.framedWrite(no(value), io.linesCodec()), TypeError);
    assertThrows(() => io.sinkWriter(no(value)), TypeError, "not a Sink");
  }
  assertThrows(
    () => io.writeAll(sink, no("a")),
    TypeError,
    "pass a Uint8Array",
  );
  assertThrows(() => io.copy(no({}), sink), TypeError, "no pollRead");
  assertThrows(() => io.framedRead(source, no({})), TypeError, "no decode");
  assertThrows(() => io.framedWrite(sink, no({})), TypeError, "no encode");
  assertThrows(() => io.split(no(source)), TypeError, "it needs");
  assertThrows(() => io.copyBidirectional(no(source), no(source)), TypeError);
  assertThrows(() => io.lengthDelimited({ width: no(5) }), RangeError, "width");
  assertThrows(
    () => io.lengthDelimited({ endian: no("middle") }),
    RangeError,
    "endian",
  );
  for (const maxLength of [-1, NaN, 1.5, Infinity]) {
    assertThrows(() => io.lengthDelimited({ maxLength }), RangeError);
  }
  assertThrows(() => io.linesCodec({ limit: NaN }), RangeError, "limit");
  assertThrows(
    () => io.linesCodec({ newline: no("\r") }),
    TypeError,
    "newline",
  );
});

Deno.test("lengthDelimited: frames are as they should be on the wire, each way", () => {
  const frame = new Uint8Array(300).map((_, i) => i);
  const wires: [io.LengthDelimitedOptions, number[]][] = [
    [{}, [0, 0, 1, 44]],
    [{ endian: "little" }, [44, 1, 0, 0]],
    [{ width: 2 }, [1, 44]],
    [{ width: 3, endian: "little" }, [44, 1, 0]],
    [{ width: 8 }, [0, 0, 0, 0, 0, 0, 1, 44]],
  ];
  for (const [options, head] of wires) {
    const wire = new Uint8Array([...head, ...frame]);
    const [a, b] = io.duplex(1024);
    now(send(io.framedWrite(a, io.lengthDelimited(options)), frame));
    assertEquals(now(io.readExact(b, wire.byteLength)), wire);
    for (let split = 0; split <= wire.byteLength; split += 7) {
      const pieces = new Pieces();
      const frames = io.framedRead(
        new io.BufReader(pieces, { capacity: 1 }),
        io.lengthDelimited(options),
      );
      pieces.come(wire.subarray(0, split));
      const early = frames.pollNext(cx);
      pieces.come(wire.subarray(split)).end();
      assertEquals(early === Pending ? frames.pollNext(cx) : early, frame);
      assertEquals(frames.pollNext(cx), Done);
    }
  }
});

Deno.test("lengthDelimited: a length beyond the limit fails before the frame is waited for", () => {
  const codec = io.lengthDelimited({ width: 8, maxLength: 3 });
  const reader = new io.BufReader(
    new Pieces().come(new Uint8Array([255, 0, 0, 0, 0, 0, 0, 4])),
  );
  assertThrows(
    () => now(io.framedRead(reader, codec).next()),
    io.ReadLimitExceeded,
    "it is longer than 3 bytes",
  );
  assertEquals(reader.buffered.byteLength, 8);
  const oneTooMany = new Pieces("\u0004abcd");
  const small = io.lengthDelimited({ width: 1, maxLength: 3 });
  assertThrows(
    () => now(io.framedRead(oneTooMany, small).next()),
    io.ReadLimitExceeded,
  );
  const sink = new Taker();
  const frames = io.framedWrite(sink, codec);
  assertThrows(
    () => now(feed(frames, bytes("abcd"))),
    RangeError,
    "3 are allowed",
  );
  now(send(frames, bytes("abc")));
  assertEquals(sink.taken, "\0\0\0\0\0\0\0\u0003abc");
  const narrow = io.framedWrite(sink, io.lengthDelimited({ width: 1 }));
  assertThrows(() => now(feed(narrow, new Uint8Array(256))), RangeError, "255");
});

Deno.test("framedRead: an end within a frame is an error, before one it is the end", () => {
  const codec = io.lengthDelimited({ width: 1 });
  const frames = io.framedRead(new Pieces("\u0001a\u0002b").end(), codec);
  assertEquals(now(frames.next()), bytes("a"));
  const other = new Pieces("\u0001axy");
  const reader = new io.BufReader(other);
  assertEquals(now(io.framedRead(reader, codec).next()), bytes("a"));
  assertEquals(now(io.readExact(reader, 2)), bytes("xy"), "its turn is over");
  const error = assertThrows(
    () => now(frames.next()),
    io.UnexpectedEnd,
    "2 bytes",
  );
  assertEquals([error.received, error.expected], [2, undefined]);
  assertEquals(now(collect(io.framedRead(new Pieces().end(), codec))), []);
});

Deno.test("framedWrite: an encoder that throws leaves nothing behind", () => {
  const sink = new Taker();
  const frames = io.framedWrite<string>(sink, {
    encode(frame, output) {
      output.extend(3).set(bytes(frame));
      if (frame === "bad") throw new Error("no such frame");
    },
  });
  now(feed(frames, "one"));
  assertThrows(() => now(feed(frames, "bad")), Error, "no such frame");
  sink.room = 1; // so that what waits does not begin where the buffer does
  using flushing = flush(frames);
  assertEquals(pollOnce(flushing), Pending);
  assertThrows(() => now(feed(frames, "bad")), Error, "no such frame");
  now(feed(frames, "two"));
  sink.room = Infinity;
  now(flushing);
  assertEquals(sink.taken, "onetwo");
});

Deno.test("framedWrite: when many bytes wait, it is ready only after they are handed on", () => {
  const sink = new Taker();
  sink.room = 0;
  const frames = io.framedWrite(sink, io.lengthDelimited());
  now(feed(frames, new Uint8Array(64 * 1024)));
  using more = feed(frames, new Uint8Array(1));
  assertEquals(pollOnce(more), Pending);
  sink.room = Infinity;
  assertEquals(pollOnce(more), undefined);
  assertEquals(sink.taken.length, 64 * 1024 + 4);
  now(close(frames));
  now(close(frames));
  assertEquals([sink.taken.length, sink.shutdowns], [64 * 1024 + 9, 1]);
  assertThrows(
    () => now(feed(frames, new Uint8Array(1))),
    Error,
    "it already completed",
  );
});

Deno.test("linesCodec: it reads and writes what lines reads, and refuses what would be two", () => {
  const sink = new Taker();
  const frames = io.framedWrite(sink, io.linesCodec({ newline: "\r\n" }));
  for (const line of ["one", "", "zwei €"]) now(feed(frames, line));
  for (const line of ["a\nb", "a\r", "\n"]) {
    assertThrows(() => now(feed(frames, line)), RangeError, "end of a line");
  }
  assertThrows(() => now(feed(frames, no(1))), TypeError, "pass a string");
  now(flush(frames));
  assertEquals(sink.taken, "one\r\n\r\nzwei €\r\n");
  const wire = bytes(sink.taken + "rest");
  for (let split = 0; split <= wire.byteLength; split++) {
    const pieces = new Pieces().come(wire.subarray(0, split));
    const read = io.framedRead(pieces, io.linesCodec({ limit: 8 }));
    const got: unknown[] = [];
    const pull = () => {
      for (let line; (line = read.pollNext(cx)) !== Pending;) {
        got.push(line);
        if (line === Done) return;
      }
    };
    pull();
    pieces.come(wire.subarray(split)).end();
    pull();
    assertEquals(got, ["one", "", "zwei €", "rest", Done], `${split}`);
  }
  for (const long of ["abcd\n", "abcd", "abcdefgh"]) {
    const reader = new io.BufReader(new Pieces(long).end());
    assertThrows(
      () => now(io.framedRead(reader, io.linesCodec({ limit: 3 })).next()),
      io.ReadLimitExceeded,
    );
    assertEquals(rest(reader), long);
  }
});

Deno.test("Framed: dropping it drops the stream; its end as a stream does not", () => {
  const [a, b] = io.duplex(64);
  const framed = new io.Framed(a, io.linesCodec());
  b.pollWrite(cx, bytes("hi\n"));
  b.pollShutdown(cx);
  assertEquals([now(framed.next()), now(framed.next())], ["hi", Done]);
  now(send(framed, "still here"));
  framed[Symbol.dispose]();
  assertEquals(rest(b), "still here\n");
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

Deno.test("writeAll: a drop from inside its own poll does not look like waiting", () => {
  const sink: io.AsyncWrite = {
    pollWrite() {
      writing[Symbol.dispose]();
      return Pending;
    },
    pollFlush() {},
    pollShutdown() {},
  };
  const writing = io.writeAll(sink, new Uint8Array(1));
  assertThrows(() => pollOnce(writing), CancelledError);
  assertThrows(() => pollOnce(writing), PolledAfterCompletionError);
});
