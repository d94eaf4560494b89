import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { pollOnce } from "../../../executor/sim/mod.ts";
import {
  CancelledError,
  Pending,
  PolledAfterCompletionError,
} from "../../../future/mod.ts";
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

Deno.test("BufWriter: while it writes, nobody else writes, in whichever way", () => {
  const sink = new Taker();
  sink.room = 0;
  const writer = new io.BufWriter(sink, { capacity: 2 });
  using first = writer.writeAll(bytes("abc"));
  assertEquals(pollOnce(first), Pending);
  const others = [
    () => writer.writeAll(bytes("d")),
    () => io.writeAll(writer, bytes("d")),
    () => io.writeAll(sink, bytes("d")),
    () => writer.flush(),
    () => writer.shutdown(),
  ];
  for (const other of others) {
    assertThrows(() => now(other()), Error, "one at a time");
  }
  sink.room = Infinity;
  assertEquals([pollOnce(first), sink.taken], [undefined, "abc"]);
});

Deno.test("BufWriter: dropping it drops the sink", () => {
  const sink = new Taker();
  new io.BufWriter(sink)[Symbol.dispose]();
  assertEquals(sink.drops, 1);
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

Deno.test("arguments: a sink has all three methods, and what shows its buffer both", () => {
  const methods = ["pollWrite", "pollFlush", "pollShutdown"] as const;
  for (const method of methods) {
    const sink = Object.assign(new Taker(), {
      pollWrite: () => 1,
      pollFlush() {},
      pollShutdown() {},
      [method]: undefined,
    });
    assertThrows(() => io.writeAll(no(sink), bytes("a")), TypeError, "needs");
  }
  for (const method of ["pollFillBuf", "consume"] as const) {
    const half = Object.assign(new Pieces("ab").end().showing, {
      [method]: undefined,
    });
    assertEquals(rest(new io.BufReader(half)), "ab", `without ${method}`);
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
