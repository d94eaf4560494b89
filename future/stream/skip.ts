import { assertFunction } from "../_functions.ts";
import { checkCount } from "./_checks.ts";
import { ItemByItem, Skip } from "./_item_by_item.ts";
import type { Stream } from "./stream.ts";

/**
 * The items after the first `n`. Mirrors `StreamExt::skip`.
 *
 * Cancel safety: as safe as `stream`, which is dropped with it; items that were
 * skipped are gone.
 *
 * @param stream The stream; adopted.
 * @param n How many: a whole number of at least 0, or `Infinity`.
 * @returns A stream of the rest.
 * @throws {RangeError} If `n` is anything else.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, iter, skip } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await run(collect(skip(iter([1, 2, 3]), 1))), [2, 3]);
 * ```
 */
export function skip<T>(stream: Stream<T>, n: number): Stream<T> {
  checkCount("skip", n);
  let left = n;
  return new ItemByItem("Skip", stream, (item: T) => {
    if (left === 0) return item;
    left--;
    return Skip;
  });
}

/**
 * The items from the first that a function refuses. Mirrors
 * `StreamExt::skip_while`.
 *
 * Cancel safety: as safe as `stream`, which is dropped with it; items that were
 * skipped are gone.
 *
 * @param stream The stream; adopted.
 * @param skips Called with each item until it returns `false`; what it throws
 * is the failure, and the stream is dropped then.
 * @returns A stream of the rest.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, iter, skipWhile } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const rest = skipWhile(iter(["", "", "a", ""]), (line) => line === "");
 * assertEquals(await run(collect(rest)), ["a", ""]);
 * ```
 */
export function skipWhile<T>(
  stream: Stream<T>,
  skips: (item: T) => boolean,
): Stream<T> {
  assertFunction("skipWhile", skips);
  let isSkipping = true;
  return new ItemByItem("SkipWhile", stream, (item: T) => {
    isSkipping &&= skips(item);
    return isSkipping ? Skip : item;
  });
}
