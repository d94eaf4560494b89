import type { Budget } from "./budget.ts";
import type { Waker } from "./waker.ts";

/**
 * What a poll is given: the waker of the task that polls, and its budget.
 * `{ waker }` alone will do for polling by hand: no budget means no limit.
 * Mirrors `std::task::Context`.
 *
 * A context is valid during the poll it is passed to. What a future keeps is
 * the waker, never the context.
 *
 * @example Usage
 * ```ts
 * import { type Context, noopWaker, ready } from "@pollen/futures/future";
 * import { assertEquals } from "@std/assert";
 *
 * const cx: Context = { waker: noopWaker };
 * assertEquals(ready(1).poll(cx), 1);
 * ```
 */
export interface Context {
  /** Wakes the task that is polling. */
  readonly waker: Waker;
  /** The task's cooperative budget; see {@linkcode proceed} in this module. */
  readonly budget?: Budget | undefined;
}
