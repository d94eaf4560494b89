import { assertFunction } from "../_functions.ts";
import { ItemByItem } from "./_item_by_item.ts";
import type { Stream } from "./stream.ts";

/**
 * Brings the items together like `fold`, and gives each value on the way. The
 * initial value itself is not given. In the place of `StreamExt::scan`, whose
 * state is mutable.
 *
 * Cancel safety: loses its place: the value so far is gone, and the stream is
 * dropped with it.
 *
 * @param stream The stream; adopted.
 * @param initial The value before the first item.
 * @param fn Called with the value so far and an item: returns the next value.
 * What it throws is the failure, and the stream is dropped then.
 * @returns A stream of the values after each item.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, iter, scan } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const sums = scan(iter([1, 2, 3]), 0, (sum, n) => sum + n);
 * assertEquals(await run(collect(sums)), [1, 3, 6]);
 * ```
 */
export function scan<T, A>(
  stream: Stream<T>,
  initial: A,
  fn: (sum: A, item: T) => A,
): Stream<A> {
  assertFunction("scan", fn);
  let sum = initial;
  return new ItemByItem("Scan", stream, (item: T) => sum = fn(sum, item));
}
