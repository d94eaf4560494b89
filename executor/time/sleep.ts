import { checkMilliseconds } from "./_delay.ts";
import { AsyncTimer, timerUntil } from "./async_timer.ts";

/**
 * Waits. The delay counts from the first poll. Mirrors `tokio::time::sleep`.
 *
 * Cancel safety: loses its place; the timer leaves nothing behind.
 *
 * @param delay Milliseconds; `Infinity` never ends.
 * @returns The timer.
 * @throws {TypeError} If `delay` is no number.
 * @throws {RangeError} If `delay` is negative or NaN.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { now, sleep } from "@pollen/futures/time";
 * import { assert } from "@std/assert";
 *
 * const start = now();
 * await run(sleep(5));
 * assert(now() - start >= 5);
 * ```
 */
export function sleep(delay: number): AsyncTimer {
  return new AsyncTimer(delay);
}

/**
 * Waits for a moment. Mirrors `tokio::time::sleep_until`.
 *
 * Cancel safety: safe: made again with the same deadline, it goes on.
 *
 * @param deadline A time as `now()` gives it; one that has passed is
 * ready after a yield, and `Infinity` never comes.
 * @returns The timer.
 * @throws {TypeError} If `deadline` is no number.
 * @throws {RangeError} If `deadline` is NaN.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { now, sleepUntil } from "@pollen/futures/time";
 * import { assert } from "@std/assert";
 *
 * const soon = now() + 5;
 * await run(sleepUntil(soon));
 * assert(now() >= soon);
 * ```
 */
export function sleepUntil(deadline: number): AsyncTimer {
  checkMilliseconds("deadline", deadline);
  return timerUntil(deadline);
}
