import { assertFunction } from "../_functions.ts";
import { ItemByItem, Skip } from "./_item_by_item.ts";
import type { Stream } from "./stream.ts";

/**
 * Keeps the items that a function accepts. Mirrors `StreamExt::filter`.
 *
 * Cancel safety: as safe as `stream`, which is dropped with it.
 *
 * @param stream The stream; adopted.
 * @param keep Called with each item; what it throws is the failure, and the
 * stream is dropped then.
 * @returns A stream of the items that are kept.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, filterStream, iter } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const even = filterStream(iter([1, 2, 3, 4]), (n) => n % 2 === 0);
 * assertEquals(await run(collect(even)), [2, 4]);
 * ```
 */
export function filterStream<A, B extends A>(
  stream: Stream<A>,
  keep: (item: A) => item is B,
): Stream<B>;
/**
 * Keeps the items that a function accepts.
 *
 * @param stream The stream; adopted.
 * @param keep Called with each item.
 * @returns A stream of the items that are kept.
 */
export function filterStream<T>(
  stream: Stream<T>,
  keep: (item: T) => boolean,
): Stream<T>;
export function filterStream<T>(
  stream: Stream<T>,
  keep: (item: T) => boolean,
): Stream<T> {
  assertFunction("filterStream", keep);
  return new ItemByItem(
    "FilterStream",
    stream,
    (item: T) => keep(item) ? item : Skip,
  );
}

/**
 * Passes each item through a function, and leaves out those for which it
 * returns `undefined`. Mirrors `StreamExt::filter_map`.
 *
 * Cancel safety: as safe as `stream`, which is dropped with it.
 *
 * @param stream The stream; adopted.
 * @param fn Called with each item; what it throws is the failure, and the stream
 * is dropped then.
 * @returns A stream of what `fn` returns, without `undefined`.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, filterMap, iter } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const ages = new Map([["Ada", 36], ["Alan", 41]]);
 * const known = filterMap(iter(["Ada", "Eve", "Alan"]), (name) => ages.get(name));
 * assertEquals(await run(collect(known)), [36, 41]);
 * ```
 */
export function filterMap<A, B>(
  stream: Stream<A>,
  fn: (item: A) => B | undefined,
): Stream<B> {
  assertFunction("filterMap", fn);
  return new ItemByItem("FilterMap", stream, (item: A) => {
    const mapped = fn(item);
    return mapped === undefined ? Skip : mapped;
  });
}
