const SMALLEST = 16 * 1024;
/**
 * Small enough that a few of them are copied in a millisecond: an executor
 * polls a task several times before it looks at the clock.
 */
const LARGEST = 256 * 1024;

/** Up to here, somebody's word for how many will come is taken. */
const TRUSTED = 4 * 1024 * 1024;

/**
 * Gathers bytes whose number is not known beforehand. It never copies all of
 * them at once, as a buffer that doubles would: at 256 MiB that takes long
 * enough to be noticed by every timer beside it.
 */
export class Accumulator {
  readonly #full: Uint8Array[] = [];
  #last = new Uint8Array(0);
  #used = 0;
  #length = 0;
  readonly #expected: number;

  /**
   * @param expected How many bytes will come, if that is known or was said: as
   * many then land in one piece, which needs no joining. It may be wrong.
   */
  constructor(expected = 0) {
    this.#expected = expected <= TRUSTED ? expected : 0;
  }

  /** How many bytes there are. */
  get length(): number {
    return this.#length;
  }

  /** Room for more, at least one byte. Say with `filled` how much was used. */
  room(): Uint8Array {
    if (this.#used === this.#last.byteLength) {
      if (this.#used > 0) this.#full.push(this.#last);
      const size = this.#length === 0 && this.#expected > 0
        ? this.#expected
        : Math.min(Math.max(SMALLEST, this.#length), LARGEST);
      this.#last = new Uint8Array(size);
      this.#used = 0;
    }
    return this.#last.subarray(this.#used);
  }

  /** Counts bytes that were put at the beginning of `room`. */
  filled(n: number): void {
    this.#used += n;
    this.#length += n;
  }

  /** All bytes in one array, a part at each step; the pieces are let go. */
  *join(): Generator<void, Uint8Array, void> {
    if (this.#length === this.#last.byteLength) return this.#last;
    const all = new Uint8Array(this.#length);
    this.#full.push(this.#last.subarray(0, this.#used));
    let offset = 0;
    for (let piece; (piece = this.#full.shift()) !== undefined;) {
      all.set(piece, offset);
      offset += piece.byteLength;
      if (this.#full.length > 0) yield;
    }
    return all;
  }
}
