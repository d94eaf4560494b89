import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  ChunkDecoder,
  encodeChunk,
  encodeLastChunk,
  H1Error,
  H1Incomplete,
} from "../../../../net/http/h1/mod.ts";
import { concat, latin1, text } from "./_bytes.ts";
import { everySplit, singly } from "./_trace.ts";
import { forSeeds } from "./_random.ts";

/** The data, and how it ended. */
function decode(pieces: Iterable<Uint8Array>): string[] {
  const decoder = new ChunkDecoder();
  const trace = [""];
  try {
    for (const piece of pieces) {
      decoder.push(piece);
      for (let event; (event = decoder.nextEvent()) !== null;) {
        if (event.type === "data") trace[0] += text(event.bytes);
        else trace.push(`end ${JSON.stringify(event.trailers)}`);
      }
    }
    decoder.end();
    assertStrictEquals(decoder.nextEvent(), null);
  } catch (error) {
    if (!(error instanceof H1Error)) throw error;
    trace.push(`${error.code} at ${error.offset}`);
    assertStrictEquals(assertThrows(() => decoder.nextEvent()), error);
  }
  assertEquals(decoder.isEnded, trace[1]?.startsWith("end ") ?? false);
  assertEquals(decoder.leftover, decoder.takeLeftover().length);
  return trace;
}

Deno.test("ChunkDecoder: decodes however the bytes are cut", () => {
  const bytes = latin1("5\r\nhello\r\n1;a=b\r\n!\r\n0\r\nA: 1\r\n\r\n");
  for (const pieces of everySplit(bytes)) {
    assertEquals(decode(pieces), ["hello!", 'end [["a","1"]]']);
  }
});

Deno.test("ChunkDecoder: refuses however the bytes are cut", () => {
  const cases = {
    "5\nhello\r\n0\r\n\r\n": ["", "bare-lf at 1"],
    "5\r\nhelloo\r\n0\r\n\r\n": ["hello", "missing-chunk-end at 8"],
    "1\r\na\r\n0x1\r\na\r\n": ["a", "invalid-chunk-size at 7"],
    "0\r\nA:\r\n": ["", "incomplete-trailers at 7"],
    "5\r\nhel": ["hel", "incomplete-body at 6"],
    "5\r\nhello": ["hello", "incomplete-chunk at 8"],
    "5\r\nhello\r\n": ["hello", "incomplete-chunk at 10"],
    "5": ["", "incomplete-chunk at 1"],
    "": ["", "incomplete-chunk at 0"],
  };
  for (const [bytes, trace] of Object.entries(cases)) {
    for (const pieces of everySplit(latin1(bytes))) {
      assertEquals(decode(pieces), trace, JSON.stringify(bytes));
    }
  }
});

Deno.test("ChunkDecoder: keeps what comes after the end", () => {
  for (const cut of [8, 5, 1]) {
    const decoder = new ChunkDecoder();
    const bytes = latin1("0\r\n\r\nabc");
    const got: (string | undefined)[] = [];
    for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      decoder.push(piece);
      for (let event; (event = decoder.nextEvent()) !== null;) {
        got.push(event.type);
      }
    }
    bytes.fill(0);
    assertEquals(got, ["end"]);
    assertEquals(decoder.leftover, 3);
    assertEquals(text(decoder.takeLeftover()), "abc");
    assertEquals(decoder.leftover, 0);
  }
});

Deno.test("ChunkDecoder: nothing is left over before the end", () => {
  const decoder = new ChunkDecoder();
  decoder.push(latin1("1\r\na\r\n"));
  assertEquals(decoder.leftover, 0);
  assertEquals(decoder.takeLeftover().length, 0);
  assertEquals(decoder.nextEvent()?.type, "data");
});

Deno.test("ChunkDecoder: data is a view of what was pushed", () => {
  const decoder = new ChunkDecoder();
  const bytes = latin1("5\r\nhello\r\n0\r\n\r\n");
  decoder.push(bytes);
  const event = decoder.nextEvent();
  if (event?.type !== "data") throw new Error("no data");
  assertStrictEquals(event.bytes.buffer, bytes.buffer);
  assertEquals([event.bytes.byteOffset, event.bytes.length], [3, 5]);

  const inside = new ChunkDecoder();
  inside.push(latin1("5\r\n"));
  assertEquals(inside.nextEvent(), null);
  const piece = latin1("hell");
  inside.push(piece);
  const all = inside.nextEvent();
  assertStrictEquals(all?.type === "data" && all.bytes, piece);
});

Deno.test("ChunkDecoder: an end that comes too early is an H1Incomplete", () => {
  const decoder = new ChunkDecoder();
  decoder.push(latin1("a\r\n123"));
  decoder.end();
  assertEquals(decoder.nextEvent()?.type, "data");
  const error = assertThrows(() => decoder.nextEvent(), H1Incomplete);
  assertEquals(error.missing, 7);
  assertEquals(
    error.message,
    "Cannot complete the body: the connection ended 7 bytes before the end of a chunk",
  );
});

Deno.test("ChunkDecoder: folds in trailers go by the option", () => {
  const bytes = latin1("0\r\nA: b\r\n c\r\n\r\n");
  const strict = new ChunkDecoder();
  strict.push(bytes);
  assertEquals(
    assertThrows(() => strict.nextEvent(), H1Error).code,
    "obs-fold",
  );
  const lenient = new ChunkDecoder({ obsFold: "unfold" });
  lenient.push(bytes);
  const event = lenient.nextEvent();
  assertEquals(event?.type === "end" && event.trailers?.get("a"), "b   c");
});

Deno.test("ChunkDecoder: what the encoder makes comes back, cut at random", () => {
  forSeeds(300, (random) => {
    const parts = Array.from(
      { length: random.below(8) },
      () => random.bytes(random.chance(0.2) ? 0 : random.below(300)),
    );
    const trailers: [string, string][] = random.chance(0.5)
      ? [["X-Sum", String(random.below(1000))]]
      : [];
    const encoded = concat([
      ...parts.map(encodeChunk),
      encodeLastChunk(trailers),
    ]);
    const wanted = [
      text(concat(parts)),
      trailers.length > 0 ? `end [["x-sum","${trailers[0]![1]}"]]` : "end null",
    ];
    assertEquals(decode([encoded]), wanted);
    assertEquals(decode(random.cut(encoded)), wanted);
    assertEquals(decode(singly(encoded)), wanted);
  });
});
