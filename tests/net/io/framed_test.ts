import { assertEquals, assertThrows } from "@std/assert";
import { pollOnce } from "../../../executor/sim/mod.ts";
import { Pending } from "../../../future/mod.ts";
import {
  close,
  collect,
  Done,
  feed,
  flush,
  send,
} from "../../../future/stream/mod.ts";
import * as io from "../../../net/io/mod.ts";
import { bytes, cx, now, Pieces, rest, Taker } from "./_world.ts";

const no = (value: unknown) => value as never;

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
