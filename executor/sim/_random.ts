/**
 * xoshiro128** (Blackman and Vigna, "Scrambled Linear Pseudorandom Number
 * Generators", ACM TOMS 47, 2021), its state filled by splitmix32 from a seed.
 * 128 bits of state: long runs do not come round, and streams of one seed that
 * differ in their number do not meet.
 */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  constructor(seed: number, stream = 0) {
    this.reseed(seed, stream);
  }

  /** Starts anew, as a new one would. */
  reseed(seed: number, stream = 0): void {
    const state = Math.imul(seed | 0, 0x85ebca6b) ^
      Math.imul(stream, 0xc2b2ae35);
    this.#a = splitmix(state, 1);
    this.#b = splitmix(state, 2);
    this.#c = splitmix(state, 3);
    this.#d = splitmix(state, 4) | 1; // never all zero
  }

  /** 32 random bits, as a whole number of at least 0. */
  bits(): number {
    const b = this.#b;
    const times5 = Math.imul(b, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9);
    const shifted = b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }

  /** A number in [0, 1). */
  next(): number {
    return this.bits() / 2 ** 32;
  }

  /** A whole number from 0 to `n` - 1. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** Whether something of that probability happens. */
  chance(probability: number): boolean {
    return probability > 0 && this.next() < probability;
  }
}

/** The n-th number that splitmix32 gives from a state on. */
function splitmix(state: number, n: number): number {
  let z = (state + Math.imul(n, 0x9e3779b9)) | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return z ^ (z >>> 15);
}
