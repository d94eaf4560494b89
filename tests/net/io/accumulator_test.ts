import { assert, assertEquals } from "@std/assert";
import { VirtualClock } from "../../../executor/sim/mod.ts";
import { Accumulator } from "../../../net/io/_accumulator.ts";

const KIB = 1024;

/** All bytes, and in how many steps they were joined. */
function joined(gathered: Accumulator): { all: Uint8Array; steps: number } {
  const parts = gathered.join();
  for (let steps = 1;; steps++) {
    const part = parts.next();
    if (part.done) return { all: part.value, steps };
  }
}

Deno.test("accumulator: nothing gathered is no bytes, in one step", () => {
  assertEquals(joined(new Accumulator()), {
    all: new Uint8Array(0),
    steps: 1,
  });
});

Deno.test("accumulator: the bytes come out as they went in, however they were split", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const clock = new VirtualClock({ seed });
    const gathered = new Accumulator();
    const expected = new Uint8Array(
      Math.floor(clock.random() * 300 * KIB),
    );
    expected.forEach((_, i) => (expected[i] = (i * 31) ^ (i >> 8)));
    for (let at = 0; at < expected.byteLength;) {
      const room = gathered.room();
      assert(room.byteLength > 0);
      const n = Math.min(
        room.byteLength,
        expected.byteLength - at,
        1 + Math.floor(clock.random() ** 4 * 40 * KIB),
      );
      room.set(expected.subarray(at, at + n));
      gathered.filled(n);
      at += n;
      assertEquals(gathered.length, at, `seed ${seed}`);
    }
    assert(
      indexOfDifference(joined(gathered).all, expected) === -1,
      `seed ${seed}`,
    );
  }
});

Deno.test("accumulator: pieces double from 16 KiB to 256 KiB and are joined one a step", () => {
  const gathered = new Accumulator();
  const sizes: number[] = [];
  for (let i = 0; i < 8; i++) {
    const room = gathered.room();
    sizes.push(room.byteLength / KIB);
    room.fill(i);
    gathered.filled(room.byteLength);
  }
  assertEquals(sizes, [16, 16, 32, 64, 128, 256, 256, 256]);
  const { all, steps } = joined(gathered);
  assertEquals(steps, 8);
  let at = 0;
  for (const [i, size] of sizes.entries()) {
    assertEquals([all[at], all[at + size * KIB - 1]], [i, i]);
    at += size * KIB;
  }
  assertEquals(all.byteLength, at);
});

Deno.test("accumulator: asking for room changes nothing", () => {
  const gathered = new Accumulator();
  gathered.room()[0] = 1;
  gathered.filled(1);
  const rest = gathered.room();
  assertEquals(gathered.room(), rest);
  assertEquals(rest.byteLength, 16 * KIB - 1);
  assertEquals(joined(gathered).all, new Uint8Array([1]));
});

function indexOfDifference(a: Uint8Array, b: Uint8Array): number {
  if (a.byteLength !== b.byteLength) {
    return Math.min(a.byteLength, b.byteLength);
  }
  return a.findIndex((byte, i) => byte !== b[i]);
}

Deno.test("accumulator: as many as were expected lie in one piece, which is not copied", () => {
  const gathered = new Accumulator(300 * KIB);
  const room = gathered.room();
  assertEquals(room.byteLength, 300 * KIB);
  gathered.filled(100 * KIB);
  assertEquals(gathered.room().byteLength, 200 * KIB);
  gathered.filled(200 * KIB);
  const { all, steps } = joined(gathered);
  assertEquals([all.buffer === room.buffer, steps], [true, 1]);
});

Deno.test("accumulator: fewer or more than were expected are gathered all the same", () => {
  for (const count of [0, 1, 9, 11, 16 * KIB, 40_000]) {
    const gathered = new Accumulator(10);
    const expected = Uint8Array.from({ length: count }, (_, i) => i);
    for (let at = 0; at < count;) {
      const room = gathered.room();
      const n = Math.min(room.byteLength, count - at);
      room.set(expected.subarray(at, at + n));
      gathered.filled(n);
      at += n;
    }
    const { all } = joined(gathered);
    assertEquals(all, expected);
    assertEquals(all.buffer.byteLength, count, "an array of its own");
  }
});

Deno.test("accumulator: once a part has come, the promise is believed, and the rest lies where it belongs", () => {
  const expected = 8 * KIB * KIB;
  const gathered = new Accumulator(expected);
  const pieces = new Set<ArrayBuffer>();
  let whole: ArrayBuffer | null = null;
  for (let at = 0; at < expected;) {
    const room = gathered.room();
    const buffer = room.buffer as ArrayBuffer;
    if (buffer.byteLength === expected) {
      if (whole === null) assertEquals(at, expected / 16);
      whole = buffer;
      assertEquals(room.byteOffset, at);
    } else pieces.add(buffer);
    const n = Math.min(room.byteLength, 100_000);
    for (let i = 0; i < n; i++) room[i] = (at + i) * 31 ^ (at + i) >> 8;
    gathered.filled(n);
    at += n;
  }
  const { all } = joined(gathered);
  assertEquals(all.buffer, whole!);
  const wrong = all.findIndex((byte, i) => byte !== ((i * 31 ^ i >> 8) & 0xff));
  assertEquals(wrong, -1);
  for (const piece of pieces) assert(piece.detached, "it was let go");
});

Deno.test("accumulator: a promise that is believed and not kept is no matter", () => {
  const expected = 8 * KIB * KIB;
  for (const count of [600 * KIB, expected + 1]) {
    const gathered = new Accumulator(expected);
    for (let at = 0; at < count;) {
      const room = gathered.room();
      const n = Math.min(room.byteLength, count - at);
      room.subarray(0, n).fill(at >> 16);
      gathered.filled(n);
      at += n;
    }
    const { all } = joined(gathered);
    assertEquals([all.byteLength, all.buffer.byteLength], [count, count]);
    assertEquals(all[550 * KIB], all[549 * KIB]);
  }
});

Deno.test("accumulator: a promise of very many bytes is not believed", () => {
  for (const expected of [5 * KIB * KIB, 2 ** 53 - 1]) {
    assertEquals(new Accumulator(expected).room().byteLength, 16 * KIB);
  }
});
