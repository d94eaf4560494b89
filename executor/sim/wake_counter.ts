import type { Waker } from "../../future/waker.ts";

/** A waker that counts, as {@linkcode wakeCounter} makes it. */
export interface WakeCounter extends Waker {
  /** How often it was woken since it was made or reset. */
  readonly count: number;
  /** Whether it was woken since it was made or reset. */
  readonly isWoken: boolean;
  /** Starts again from 0. */
  reset(): void;
}

/**
 * A waker for tests that counts its wakes. Mirrors
 * `futures_test::task::new_count_waker`.
 *
 * @returns The waker.
 *
 * @example Usage
 * ```ts
 * import { yieldNow } from "@pollen/futures/executor";
 * import { pollOnce, wakeCounter } from "@pollen/futures/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const waker = wakeCounter();
 * pollOnce(yieldNow(), waker);
 * assertEquals(waker.count, 1);
 * ```
 */
export function wakeCounter(): WakeCounter {
  let count = 0;
  const waker: WakeCounter = {
    wake() {
      count++;
    },
    willWake: (other) => other === waker,
    get count() {
      return count;
    },
    get isWoken() {
      return count > 0;
    },
    reset() {
      count = 0;
    },
  };
  return waker;
}
