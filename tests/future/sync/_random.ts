import { VirtualClock } from "../../../executor/sim/mod.ts";

/** Choices that are the same for the same seed. */
export class Random {
  readonly #next: () => number;

  constructor(readonly seed: number) {
    const clock = new VirtualClock({ seed });
    this.#next = () => clock.random();
  }

  /** A whole number from 0, less than `end`. */
  below(end: number): number {
    return Math.floor(this.#next() * end);
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
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
