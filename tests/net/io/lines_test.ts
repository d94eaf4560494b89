import { assert, assertEquals, assertThrows } from "@std/assert";
import { pollOnce } from "../../../executor/sim/mod.ts";
import { Pending } from "../../../future/mod.ts";
import { Done } from "../../../future/stream/mod.ts";
import {
  BufReader,
  InvalidUtf8,
  lines,
  type LinesOptions,
  readExact,
  ReadLimitExceeded,
  readUntil,
} from "../../../net/io/mod.ts";
import { bothReaders, bytes, cx, now, Pieces, rest, text } from "./_world.ts";

function linesOf(come: string | Uint8Array, options: LinesOptions = {}) {
  const all = typeof come === "string" ? bytes(come) : come;
  let first: (string | Done)[] | undefined;
  for (let split = 0; split <= all.byteLength; split++) {
    bothReaders((make) => {
      const pieces = new Pieces();
      const stream = lines(make(pieces, 1), options);
      const got: (string | Done)[] = [];
      const pull = () => {
        for (;;) {
          const line = stream.pollNext(cx);
          if (line === Pending) return;
          got.push(line);
          if (line === Done) return;
        }
      };
      if (split > 0) pieces.come(all.subarray(0, split));
      pull();
      if (split < all.byteLength) pieces.come(all.subarray(split));
      pieces.end();
      pull();
      assertEquals(got.at(-1), Done);
      first ??= got;
      assertEquals(got, first, `split at ${split}`);
    });
  }
  return first!.slice(0, -1);
}

Deno.test("lines: they end with LF or CRLF, a CR alone is a part of them", () => {
  assertEquals(linesOf("a\nb\r\n\r\n\nc\rd\r\r\ne"), [
    "a",
    "b",
    "",
    "",
    "c\rd\r",
    "e",
  ]);
  assertEquals(linesOf(""), []);
  assertEquals(linesOf("\n"), [""]);
  assertEquals(linesOf("é\n\ufeffü\n€"), ["é", "\ufeffü", "€"]);
});

Deno.test("lines: the limit does not count the end, and leaves the line in the reader", () => {
  assertEquals(linesOf("abc\r\nabc\nabc", { limit: 3 }), ["abc", "abc", "abc"]);
  for (const line of ["abcd\n", "abcd\r\n", "abcd", "abc\rd\n", "abcdefgh"]) {
    bothReaders((make) => {
      const reader = make(new Pieces(line).end());
      const stream = lines(reader, { limit: 3 });
      assertThrows(
        () => now(stream.next()),
        ReadLimitExceeded,
        "Cannot read a line: it is longer than 3 bytes",
      );
      assertEquals(rest(reader), line);
    });
  }
});

Deno.test("lines: a line without end is refused as soon as it is too long", () => {
  const reader = new BufReader(new Pieces("abcde"));
  assertThrows(
    () => now(lines(reader, { limit: 3 }).next()),
    ReadLimitExceeded,
  );
});

Deno.test("lines: bytes that are not UTF-8 fail and stay, or are replaced", () => {
  const bad = new Uint8Array([0x61, 0xff, 0x0a, 0x62, 0x0a]);
  const reader = new BufReader(new Pieces().come(bad).end());
  const error = assertThrows(
    () => now(lines(reader).next()),
    InvalidUtf8,
    "Cannot read a line: the bytes are not UTF-8",
  );
  assert(error.cause instanceof TypeError);
  assertEquals(now(readUntil(reader, 0x0a)), bad.subarray(0, 3));
  assertEquals(now(lines(reader).next()), "b");
  assertEquals(linesOf(bad, { invalidUtf8: "replace" }), ["a\ufffd", "b"]);
});

Deno.test("lines: between two lines, somebody else may read", () => {
  const pieces = new Pieces("4\nabc");
  const reader = new BufReader(pieces.showing);
  const stream = lines(reader);
  assertEquals(now(stream.next()), "4");
  using next = stream.next();
  assertEquals(pollOnce(next), Pending);
  next[Symbol.dispose]();
  assertThrows(() => now(readExact(reader, 1)), Error, "another read");
  stream[Symbol.dispose]();
  pieces.come("d\nxy\n");
  assertEquals(text(now(readExact(reader, 4))), "abcd");
  assertEquals(now(lines(reader).next()), "");
  assertEquals(now(lines(reader).next()), "xy");
});

Deno.test("lines: a stream that waited looks again when bytes were taken behind its back", () => {
  const pieces = new Pieces("abcdef");
  const reader = new BufReader(pieces.showing);
  const stream = lines(reader);
  assertEquals(stream.pollNext(cx), Pending);
  reader.consume(6);
  pieces.come("g\nhijklm\n");
  assertEquals([stream.pollNext(cx), stream.pollNext(cx)], ["g", "hijklm"]);
});
