import { ItemByItem } from "./_item_by_item.ts";
import type { Stream } from "./stream.ts";

/**
 * Numbers the items, from 0. Mirrors `StreamExt::enumerate`.
 *
 * Cancel safety: loses its place: the count is gone, and the stream is dropped
 * with it.
 *
 * @param stream The stream; adopted.
 * @returns A stream of `[index, item]`.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, enumerate, iter } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const lines = enumerate(iter(["a", "b"]));
 * assertEquals(await run(collect(lines)), [[0, "a"], [1, "b"]]);
 * ```
 */
export function enumerate<T>(
  stream: Stream<T>,
): Stream<[index: number, item: T]> {
  let index = 0;
  return new ItemByItem(
    "Enumerate",
    stream,
    (item: T): [index: number, item: T] => [index++, item],
  );
}
