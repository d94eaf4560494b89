/** An endless stream of bytes that tells by any of its pieces where it is from. */
import { assert } from "@std/assert";
import { co, type Future } from "../../future/mod.ts";
import { flushWriter, read, writeAll } from "../../net/io/mod.ts";
import type { End } from "./_io_ground.ts";
import type { Random } from "./_tools.ts";

const PERIOD = 65_521; // a prime: no piece of a round length comes twice in a row

const BYTES = new Uint8Array(PERIOD);
for (let i = 0; i < PERIOD; i++) {
  BYTES[i] = (Math.imul(i, 0x9e3779b1) >>> 24) ^ (i & 0xff);
}

/** Puts the bytes that stand from a place on. */
export function fillFrom(place: number, into: Uint8Array): Uint8Array {
  for (let at = 0; at < into.byteLength;) {
    const start = (place + at) % PERIOD;
    const piece = BYTES.subarray(start, start + into.byteLength - at);
    into.set(piece, at);
    at += piece.byteLength;
  }
  return into;
}

/** Checks that the bytes are those which stand there. */
export function checkFrom(
  place: number,
  bytes: Uint8Array,
  seed: number,
): void {
  let at = place % PERIOD;
  for (let i = 0; i < bytes.byteLength; i++) {
    if (bytes[i] !== BYTES[at]) {
      throw new Error(`there is a wrong byte at ${place + i}, seed ${seed}`);
    }
    if (++at === PERIOD) at = 0;
  }
}

/** Reads a number of bytes of the pattern. */
export function readPattern(
  end: End,
  from: number,
  length: number,
  random: Random,
  seed: number,
): Future<void> {
  return co(function* () {
    const buffer = new Uint8Array(32 * 1024);
    for (let got = 0; got < length;) {
      const most = Math.min(length - got, 1 + random(buffer.byteLength));
      const n = yield* read(end, buffer.subarray(0, most));
      assert(n !== null && n >= 1 && n <= most, `seed ${seed}`);
      checkFrom(from + got, buffer.subarray(0, n), seed);
      got += n;
    }
  });
}

/** Writes that many bytes of the pattern, in pieces. */
export function writePattern(
  end: End,
  length: number,
  largest: number,
  random: Random,
): Future<void> {
  return co(function* () {
    for (let sent = 0; sent < length;) {
      const size = Math.min(1 + random(largest), length - sent);
      yield* writeAll(end, fillFrom(sent, new Uint8Array(size)));
      sent += size;
      if (random(8) === 0) yield* flushWriter(end);
    }
  });
}
