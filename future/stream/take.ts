import { assertFunction } from "../_functions.ts";
import { checkCount } from "./_checks.ts";
import { ItemByItem } from "./_item_by_item.ts";
import { Done, type Stream } from "./stream.ts";

/**
 * The first `n` items. Mirrors `StreamExt::take`.
 *
 * The stream is not polled again after the `n`th item; it is dropped at the next
 * poll, which ends this one. To go on with the rest, pass `pinStream(stream)`.
 *
 * Cancel safety: as safe as `stream`, which is dropped with it.
 *
 * @param stream The stream; adopted.
 * @param n How many: a whole number of at least 0, or `Infinity`.
 * @returns A stream of at most `n` items.
 * @throws {RangeError} If `n` is anything else.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, take, unfold } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const naturals = unfold(0, (n) => [n, n + 1] as const);
 * assertEquals(await run(collect(take(naturals, 3))), [0, 1, 2]);
 * ```
 */
export function take<T>(stream: Stream<T>, n: number): Stream<T> {
  checkCount("take", n);
  return new ItemByItem("Take", stream, (item: T) => item, n);
}

/**
 * The items before the first that a function refuses. Mirrors
 * `StreamExt::take_while`; the item that was refused is gone.
 *
 * Cancel safety: as safe as `stream`, which is dropped with it.
 *
 * @param stream The stream; adopted, and dropped when an item is refused.
 * @param more Called with each item; what it throws is the failure, and the
 * stream is dropped then.
 * @returns A stream of the items before the end.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, iter, takeWhile } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const small = takeWhile(iter([1, 2, 30, 4]), (n) => n < 10);
 * assertEquals(await run(collect(small)), [1, 2]);
 * ```
 */
export function takeWhile<T>(
  stream: Stream<T>,
  more: (item: T) => boolean,
): Stream<T> {
  assertFunction("takeWhile", more);
  return new ItemByItem(
    "TakeWhile",
    stream,
    (item: T) => more(item) ? item : Done,
  );
}
