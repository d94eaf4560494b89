import { dropChild } from "./_drop.ts";
import { adopt, type Future, release } from "./future.ts";
import { Pending, type Poll } from "./poll.ts";
import { noopWaker } from "./waker.ts";

/**
 * Polls a future once, outside of any task, and drops it if it is not ready.
 * Mirrors `FutureExt::now_or_never`.
 *
 * @param future The future; adopted.
 * @returns Its value, or `Pending` if it had to be dropped.
 * @throws What the future fails with; `FutureMovedError` if a living owner
 * holds it.
 *
 * @example Usage
 * ```ts
 * import { nowOrNever, Pending, pending, ready } from "@pollen/futures/future";
 * import { assertEquals, assertStrictEquals } from "@std/assert";
 *
 * assertEquals(nowOrNever(ready(1)), 1);
 * assertStrictEquals(nowOrNever(pending()), Pending);
 * ```
 */
export function nowOrNever<T>(future: Future<T>): Poll<T> {
  adopt(nowOrNever, future);
  let value: Poll<T>;
  try {
    value = future.poll({ waker: noopWaker });
  } catch (error) {
    release(future);
    throw error;
  }
  if (value === Pending) dropChild(future);
  else release(future);
  return value;
}
