const SMALLEST = 16 * 1024;
/**
 * Small enough that a few of them are copied in a millisecond: an executor
 * polls a task several times before it looks at the clock.
 */
const LARGEST = 256 * 1024;

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

  /** How many bytes there are. */
  get length(): number {
    return this.#length;
  }

  /** Room for more, at least one byte. Say with `filled` how much was used. */
  room(): Uint8Array {
    if (this.#used === this.#last.byteLength) {
      if (this.#used > 0) this.#full.push(this.#last);
      const size = Math.min(Math.max(SMALLEST, this.#length), LARGEST);
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
