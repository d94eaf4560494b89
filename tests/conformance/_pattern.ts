/** An endless stream of bytes that tells by any of its pieces where it is from. */

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
