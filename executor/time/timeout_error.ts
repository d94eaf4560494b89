/**
 * Something took longer than it was given. What was under way has been
 * dropped, unless it was lent with `pin`.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { pending } from "@pollen/futures/future";
 * import { timeout, TimeoutError } from "@pollen/futures/time";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(() => run(timeout(pending(), 1)), TimeoutError, "1 ms");
 * ```
 */
export class TimeoutError extends Error {
  /**
   * Makes the error.
   *
   * @param message What was given up, and after which time.
   */
  constructor(message: string) {
    super(message);
    this.name = "TimeoutError";
  }
}
