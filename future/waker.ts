/**
 * The way from an event to the task that waits for it. A future that answers
 * `Pending` keeps the waker of that poll and calls it once progress is
 * possible. Mirrors `std::task::Waker`.
 *
 * @example Storing a waker, and replacing it only when it changed
 * ```ts
 * import { type Context, noopWaker, type Waker } from "@pollen/futures/future";
 * import { assertStrictEquals } from "@std/assert";
 *
 * let stored: Waker | null = null;
 * function keep(cx: Context): void {
 *   if (stored === null || !stored.willWake(cx.waker)) stored = cx.waker;
 * }
 * keep({ waker: noopWaker });
 * assertStrictEquals(stored, noopWaker);
 * ```
 */
export interface Waker {
  /**
   * Asks for another poll. It only enqueues: nothing is polled from inside
   * `wake`. Waking twice before the poll is waking once, and waking what has
   * finished does nothing.
   */
  wake(): void;
  /** Whether `other` wakes the same task, so that storing it can be saved. */
  willWake(other: Waker): boolean;
}

/**
 * A waker that does nothing: for polling by hand, when the caller knows by
 * other means when to poll again. Mirrors `Waker::noop`.
 *
 * @example Usage
 * ```ts
 * import { noopWaker, ready } from "@pollen/futures/future";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ready("now").poll({ waker: noopWaker }), "now");
 * ```
 */
export const noopWaker: Waker = {
  wake() {},
  willWake(other: Waker): boolean {
    return other === noopWaker;
  },
};
