import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { run } from "../../../executor/mod.ts";
import { pollOnce } from "../../../executor/sim/mod.ts";
import { Pending } from "../../../future/mod.ts";
import { collect } from "../../../future/stream/mod.ts";
import {
  type AsyncRead,
  BufReader,
  duplex,
  lengthDelimited,
  lines,
  linesCodec,
  read,
  readExact,
  ReadLimitExceeded,
  readToEnd,
  readUntil,
  takeBytes,
  UnexpectedEnd,
} from "../../../net/io/mod.ts";
import { randomFrom } from "../../conformance/_tools.ts";
import { bothReaders, bytes, cx, now, Pieces, rest, text } from "./_world.ts";

Deno.test("BufReader: peek waits for so many bytes, and leaves them in place", () => {
  bothReaders((make) => {
    const pieces = new Pieces("ab");
    const reader = make(pieces);
    const peeking = reader.peek(3);
    assertEquals(pollOnce(peeking), Pending);
    pieces.come("cdefgh");
    const shown = pollOnce(peeking);
    assert(shown !== Pending && shown.byteLength >= 3);
    assertEquals(text(shown.subarray(0, 3)), "abc");
    assertEquals(reader.position, 0);
    pieces.end();
    assertEquals(rest(reader), "abcdefgh");
    assertEquals(reader.position, 8);
  });
});

Deno.test("BufReader: at the end, peek shows what is left, and fill null", () => {
  bothReaders((make) => {
    const reader = make(new Pieces("ab").end());
    assertEquals(text(now(reader.peek(3))), "ab");
    assertEquals(text(now(reader.fill())!), "ab");
    reader.consume(2);
    assertEquals(now(reader.peek(3)).byteLength, 0);
    assertStrictEquals(now(reader.fill()), null);
    assertStrictEquals(now(reader.read(new Uint8Array(1))), null);
  });
});

Deno.test("BufReader: of a source that shows its buffer it shows that very buffer", () => {
  const pieces = new Pieces("abcdef");
  const reader = new BufReader(pieces.showing);
  const shown = now(reader.fill())!;
  const own = pieces.showing.pollFillBuf(cx);
  assert(own !== Pending && own !== null);
  assertStrictEquals(shown.buffer, own.buffer);
  reader.consume(4);
  assertEquals(text(now(reader.fill())!), "ef");
});

Deno.test("BufReader: a large read with nothing buffered goes to the source itself", () => {
  const pieces = new Pieces("abcdefgh");
  const reader = new BufReader(pieces, { capacity: 4 });
  assertEquals(now(reader.read(new Uint8Array(2))), 2);
  assertEquals(
    now(reader.read(new Uint8Array(8))),
    2,
    "what is buffered first",
  );
  assertEquals(now(reader.read(new Uint8Array(100))), 4);
  assertEquals(pieces.asked, [4, 100]);
  assertEquals(reader.position, 8);
});

Deno.test("BufReader: only what is there can be consumed", () => {
  bothReaders((make) => {
    const reader = make(new Pieces("ab"));
    assertThrows(() => reader.consume(1), RangeError, "0 are there");
    now(reader.fill());
    for (const n of [3, -1, NaN]) {
      assertThrows(() => reader.consume(n), RangeError, "2 are there");
    }
    reader.consume(0);
    assertEquals(text(reader.buffered), "ab");
  });
});

Deno.test("BufReader: whatever is peeked at, read and consumed, each byte comes once", () => {
  bothReaders((make) => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = randomFrom(seed);
      const pieces = new Pieces();
      const reader = make(pieces, 1 + random(20));
      let [came, got] = ["", ""];
      for (let step = 0; step < 200; step++) {
        switch (random(4)) {
          case 0: {
            const piece = String.fromCharCode(65 + random(26))
              .repeat(1 + random(12));
            pieces.come(piece);
            came += piece;
            break;
          }
          case 1: {
            using peeking = reader.peek(1 + random(30));
            const shown = pollOnce(peeking);
            if (shown === Pending) break;
            assert(came.startsWith(got + text(shown)), `seed ${seed}`);
            const n = random(shown.byteLength + 1);
            got += text(shown.subarray(0, n));
            reader.consume(n);
            break;
          }
          case 2: {
            const into = new Uint8Array(1 + random(12));
            using reading = reader.read(into);
            const n = pollOnce(reading);
            if (n === Pending) break;
            assert(n !== null);
            got += text(into.subarray(0, n));
            break;
          }
          case 3: {
            using filling = reader.fill();
            const shown = pollOnce(filling);
            if (shown === Pending) break;
            assert(came.startsWith(got + text(shown!)), `seed ${seed}`);
          }
        }
        assertEquals(reader.position, got.length);
      }
      pieces.end();
      assertEquals(got + rest(reader), came, `seed ${seed}`);
    }
  });
});

Deno.test("BufReader: dropping it drops the source, and what was read ahead", () => {
  const pieces = new Pieces("abc").end();
  const reader = new BufReader(pieces);
  now(reader.fill());
  reader[Symbol.dispose]();
  assertEquals([pieces.drops, reader.buffered.byteLength], [1, 0]);
});

Deno.test("BufReader: while it is read, so is its source, and the other way round", () => {
  const pieces = new Pieces();
  const reader = new BufReader(pieces);
  using waiting = reader.fill();
  pollOnce(waiting);
  assertThrows(
    () => now(read(pieces, new Uint8Array(1))),
    Error,
    "another read",
  );
  waiting[Symbol.dispose]();
  using direct = read(pieces, new Uint8Array(1));
  pollOnce(direct);
  assertThrows(() => now(reader.fill()), Error, "another read");
});

Deno.test("readExact: an end too early says how far it came; a reader keeps the bytes", () => {
  const error = assertThrows(
    () => now(readExact(new Pieces("abc").end(), 4)),
    UnexpectedEnd,
    "Cannot read all: the stream ended after 3 of 4 bytes",
  );
  assertEquals([error.received, error.expected], [3, 4]);
  const reader = new BufReader(new Pieces("abc").end());
  assertThrows(() => now(readExact(reader, 4)), UnexpectedEnd, "3 of 4");
  assertEquals(rest(reader), "abc");
});

Deno.test("readExact: it takes so many bytes and not one more", () => {
  bothReaders((make) => {
    for (const size of [0, 1, 5, 9]) {
      const reader = make(new Pieces("abcdefghi").end());
      const into = new Uint8Array(size);
      const future = readExact(reader, into);
      assertStrictEquals(now(future), into);
      assertEquals([text(into), future.filled], [
        "abcdefghi".slice(0, size),
        size,
      ]);
      assertEquals(rest(reader), "abcdefghi".slice(size));
    }
  });
});

Deno.test("readToEnd: the limit is the last length that is let through; nothing is lost beyond", () => {
  const make = () => new Pieces("abcd").end();
  assertEquals(text(now(readToEnd(make(), { limit: 4 }))), "abcd");
  const pieces = make();
  const error = assertThrows(
    () => now(readToEnd(pieces, { limit: 2 })),
    ReadLimitExceeded,
    "Cannot read to the end: it is longer than 2 bytes",
  );
  assertEquals([text(error.partial), rest(pieces)], ["abc", "d"]);
  assertEquals(error.limit, 2);
  assertEquals(now(readToEnd(new Pieces().end(), { limit: 0 })).byteLength, 0);
});

Deno.test("readers and codecs: a limit whose name is misspelt is refused, not left out", () => {
  const anything = { limt: 1 } as never;
  for (
    const call of [
      () => readToEnd(new Pieces(), anything),
      () => readUntil(new BufReader(new Pieces()), 0, anything),
      () => lines(new BufReader(new Pieces()), anything),
      () => linesCodec(anything),
      () => lengthDelimited(anything),
    ]
  ) assertThrows(call, TypeError, "the option limt: there is none; there are ");
});

Deno.test("readUntil: it gives up to the delimiter, then the rest, then null, at any split", () => {
  const all = "a\r\n\r\nbc\r\r\n\n\r\n\r\nd";
  for (let split = 0; split <= all.length; split++) {
    bothReaders((make) => {
      const pieces = new Pieces(all.slice(0, split));
      const reader = make(pieces, 1);
      const got: (string | null)[] = [];
      let future = readUntil(reader, bytes("\r\n\r\n"));
      if (split < all.length) {
        for (let value; (value = pollOnce(future)) !== Pending;) {
          got.push(text(value!));
          future = readUntil(reader, bytes("\r\n\r\n"));
        }
        pieces.come(all.slice(split));
      }
      pieces.end();
      for (;;) {
        const value = now(future);
        got.push(value === null ? null : text(value));
        if (value === null) break;
        future = readUntil(reader, bytes("\r\n\r\n"));
      }
      assertEquals(got, ["a\r\n\r\n", "bc\r\r\n\n\r\n\r\n", "d", null]);
    });
  }
});

Deno.test("readUntil: the limit counts the delimiter, and leaves all in the reader", () => {
  bothReaders((make) => {
    assertEquals(
      text(now(readUntil(make(new Pieces("ab;")), 0x3b, { limit: 3 }))!),
      "ab;",
    );
    for (const come of ["ab;", "abc", "abcdef"]) {
      const reader = make(new Pieces(come).end());
      assertThrows(
        () => now(readUntil(reader, 0x3b, { limit: 2 })),
        ReadLimitExceeded,
        "longer than 2 bytes",
      );
      assertEquals(rest(reader), come);
    }
  });
});

/** All lines, whatever the pieces are cut into. */
Deno.test("takeBytes: it ends at the limit, and the rest stays in the source", () => {
  for (const n of [0, 1, 3, 4]) {
    const pieces = new Pieces("abc").end();
    for (const source of [pieces, new Pieces("abc").end().showing]) {
      const part = takeBytes(source as AsyncRead, n);
      assertEquals(rest(part), "abc".slice(0, n));
      assertEquals(part.remaining, Math.max(0, n - 3));
      assertEquals(rest(source), "abc".slice(n));
    }
  }
  const reader = new BufReader(takeBytes(new Pieces("abcd").showing, 3));
  assertEquals(text(now(reader.fill())!), "abc");
  reader.consume(2);
  assertEquals(text(now(reader.fill())!), "c");
  reader.consume(1);
  assertStrictEquals(now(reader.fill()), null);
  const part = takeBytes(new Pieces("abcd").showing, 3);
  part.pollFillBuf(cx);
  assertThrows(() => part.consume(4), RangeError, "3 are left");
  assertEquals(part.pollRead(cx, new Uint8Array(0)), 0);
});

Deno.test("arguments: what is no size, limit, byte, source or buffer is refused at once", () => {
  const source = new Pieces();
  const reader = new BufReader(source);
  for (const n of [NaN, -1, 1.5, -Infinity, "4" as unknown as number]) {
    assertThrows(() => readToEnd(source, { limit: n }), RangeError, "limit");
    assertThrows(
      () => readUntil(reader, 10, { limit: n }),
      RangeError,
      "limit",
    );
    assertThrows(() => lines(reader, { limit: n }), RangeError, "limit");
    assertThrows(() => takeBytes(source, n), RangeError, "limit");
    assertThrows(() => new BufReader(source, { capacity: n }), RangeError);
    assertThrows(() => reader.peek(n), RangeError, "at least 1");
    assertThrows(() => duplex(n), RangeError, "capacity");
  }
  for (const n of [NaN, -1, 1.5, Infinity]) {
    assertThrows(() => readExact(source, n), RangeError, "how many bytes");
  }
  for (const n of [0, Infinity]) {
    assertThrows(() => new BufReader(source, { capacity: n }), RangeError);
    assertThrows(() => reader.peek(n), RangeError);
    assertThrows(() => duplex(n), RangeError);
  }
  for (const n of [-1, 256, 1.5, NaN]) {
    assertThrows(() => readUntil(reader, n), RangeError, "0 to 255");
  }
  assertThrows(() => readUntil(reader, new Uint8Array(0)), RangeError, "empty");
  const no = (value: unknown) => value as never;
  assertThrows(
    () => readUntil(reader, no("\n")),
    TypeError,
    "Cannot read up to string",
  );
  assertThrows(() => readUntil(no(source), 10), TypeError, "pass a BufReader");
  assertThrows(() => lines(no(source)), TypeError, "pass a BufReader");
  assertThrows(
    () => lines(reader, no({ invalidUtf8: "ignore" })),
    TypeError,
    "invalidUtf8",
  );
  assertThrows(
    () => readExact(source, no("4")),
    TypeError,
    "pass a Uint8Array",
  );
  assertThrows(() => read(source, no([1])), TypeError, "pass a Uint8Array");
  for (const value of [null, undefined, 1, {}, new Blob([]).stream()]) {
    assertThrows(
      () => read(no(value), new Uint8Array(1)),
      TypeError,
      "no pollRead",
    );
    assertThrows(() => new BufReader(no(value)), TypeError, "no pollRead");
    assertThrows(() => readToEnd(no(value)), TypeError, "no pollRead");
  }
  assertEquals(source.asked, []);
});

Deno.test("read: a source that says it has read nothing, or too much, does not make an endless loop", async () => {
  for (const n of [0, 100, -1, NaN]) {
    const broken: AsyncRead = { pollRead: () => n };
    await assertRejects(() => run(readToEnd(broken, { limit: 9 })), RangeError);
    await assertRejects(() => run(readExact(broken, 9)), RangeError);
    const reader = new BufReader(broken, { capacity: 9 });
    await assertRejects(() => run(reader.fill()), RangeError);
    await assertRejects(() => run(collect(lines(reader))), RangeError);
  }
});
