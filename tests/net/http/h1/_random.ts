/** Choices that are the same for the same seed. */
export class Random {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed;
  }

  /** Below 1: the generator mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0, less than `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** In pieces, of one byte up to all. */
  cut(bytes: Uint8Array): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    const most = this.pick([1, 2, 5, 20, bytes.length]);
    for (let at = 0; at < bytes.length;) {
      const end = at + 1 + this.below(most);
      pieces.push(bytes.subarray(at, end));
      at = end;
    }
    return pieces;
  }
}

/** Runs a test for several seeds, and says which one it failed with. */
export function forSeeds(count: number, body: (random: Random) => void): void {
  for (let seed = 1; seed <= count; seed++) {
    try {
      body(new Random(seed));
    } catch (cause) {
      throw new Error(`Failed with seed ${seed}: ${cause}`, { cause });
    }
  }
}
