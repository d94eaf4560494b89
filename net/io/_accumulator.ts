const SMALLEST = 16 * 1024;
/**
 * Small enough that a few of them are copied in a millisecond: an executor
 * polls a task several times before it looks at the clock.
 */
const LARGEST = 256 * 1024;

/** Up to here, somebody's word for how many will come is taken. */
const TRUSTED = 4 * 1024 * 1024;
/** And up to so many times as many as have come. */
const CREDIT = 16;
/** The most that is to be read in one go: as long as no timer notices it. */
const ROOM = 1024 * 1024;

/**
 * Gathers bytes. Where it is known how many will come, they land in the array
 * that they are given out in: it is made as soon as enough of them have come to
 * believe in the others. Else they are gathered in pieces, and joined: never all
 * at once, as a buffer that doubles would be, for at 256 MiB that takes long
 * enough to be noticed by every timer beside it.
 */
export class Accumulator {
  readonly #full: Uint8Array[] = [];
  #last = new Uint8Array(0);
  /** Of the last piece: where its bytes begin, and where they end. */
  #start = 0;
  #used = 0;
  #length = 0;
  readonly #expected: number;

  /**
   * @param expected How many bytes will come, if that is known or was said. It
   * may be wrong.
   */
  constructor(expected = 0) {
    this.#expected = expected;
  }

  /** How many bytes there are. */
  get length(): number {
    return this.#length;
  }

  /** Room for more, at least one byte. Say with `filled` how much was used. */
  room(): Uint8Array {
    if (this.#used === this.#last.byteLength) this.#addPiece();
    const end = Math.min(this.#used + ROOM, this.#last.byteLength);
    return this.#last.subarray(this.#used, end);
  }

  #addPiece(): void {
    if (this.#used > 0) this.#full.push(this.#last.subarray(this.#start));
    const length = this.#length;
    const believed = Math.max(TRUSTED, CREDIT * length);
    if (this.#expected > length && this.#expected <= believed) {
      this.#last = new Uint8Array(this.#expected);
      this.#start = this.#used = length; // the pieces before belong there
    } else {
      const size = Math.min(Math.max(SMALLEST, length), LARGEST);
      this.#last = new Uint8Array(size);
      this.#start = this.#used = 0;
    }
  }

  /** Counts bytes that were put at the beginning of `room`. */
  filled(n: number): void {
    this.#used += n;
    this.#length += n;
  }

  /** All bytes in one array, a part at each step; the pieces are let go. */
  *join(): Generator<void, Uint8Array, void> {
    let all = this.#last;
    // Whether it is full, and has a place for all that came before it.
    if (this.#used !== this.#length || all.byteLength !== this.#length) {
      all = new Uint8Array(this.#length);
      this.#full.push(this.#last.subarray(this.#start, this.#used));
    }
    let offset = 0;
    for (let piece; (piece = this.#full.shift()) !== undefined;) {
      all.set(piece, offset);
      offset += piece.byteLength;
      letGo(piece);
      if (this.#full.length > 0) yield;
    }
    return all;
  }
}

/** Frees memory now, and not when the collector comes, which may be too late. */
export function letGo(piece: Uint8Array): void {
  (piece.buffer as ArrayBuffer).transfer(0);
}
