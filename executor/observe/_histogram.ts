import type { PollTimes } from "./metrics.ts";

/** Bounds of 1 µs, 2 µs, 4 µs … and one for all that is longer than 17 minutes. */
const BUCKETS = 32;

/** Counts durations by their order of magnitude; adding one allocates nothing. */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);

  add(ms: number): void {
    const us = Math.min(ms * 1000, 2 ** (BUCKETS - 2));
    // The number of bits of the whole part is the exponent of the bound above.
    const bucket = 32 - Math.clz32(us);
    this.#counts[bucket]!++;
  }

  /** As far as the longest that was counted. */
  toJSON(): PollTimes {
    const length = this.#counts.findLastIndex((count) => count > 0) + 1;
    return {
      lessThanUs: Array.from({ length }, (_, i) => 2 ** i),
      counts: Array.from(this.#counts.subarray(0, length)),
    };
  }
}
