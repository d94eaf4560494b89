import { type Future, nameOf } from "../../future/future.ts";
import type { Poll } from "../../future/poll.ts";
import { noopWaker, type Waker } from "../../future/waker.ts";

/**
 * Polls a future once, by hand, outside of any task and without a budget.
 * Mirrors `futures::poll!`.
 *
 * @param future The future; it is not adopted.
 * @param waker The waker for this poll; one that does nothing by default.
 * @returns The value, or `Pending`.
 * @throws {TypeError} If `future` is no future.
 * @throws What the future fails with.
 *
 * @example Usage
 * ```ts
 * import { Pending, pending, ready } from "@pollen/futures/future";
 * import { pollOnce } from "@pollen/futures/testing";
 * import { assertEquals, assertStrictEquals } from "@std/assert";
 *
 * assertEquals(pollOnce(ready(1)), 1);
 * assertStrictEquals(pollOnce(pending()), Pending);
 * ```
 */
export function pollOnce<T>(
  future: Future<T>,
  waker: Waker = noopWaker,
): Poll<T> {
  if (typeof future?.poll !== "function") {
    throw new TypeError(`Cannot poll ${nameOf(future)}: it is no future`);
  }
  return future.poll({ waker });
}
