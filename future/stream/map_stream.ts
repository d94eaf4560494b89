import { assertFunction } from "../_functions.ts";
import { ItemByItem } from "./_item_by_item.ts";
import type { Done, Stream } from "./stream.ts";

/**
 * Passes each item through a function. Mirrors `StreamExt::map`. A function that
 * returns futures makes a stream of futures: for `buffered` and
 * `bufferUnordered`; `thenStream` waits for each in turn.
 *
 * Cancel safety: as safe as `stream`, which is dropped with it.
 *
 * @param stream The stream; adopted.
 * @param fn Called with each item; what it throws is the failure, and the stream
 * is dropped then.
 * @returns A stream of what `fn` returns.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, iter, mapStream } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const doubled = mapStream(iter([1, 2]), (n) => n * 2);
 * assertEquals(await run(collect(doubled)), [2, 4]);
 * ```
 */
export function mapStream<A, B>(
  stream: Stream<A>,
  fn: (item: A) => B,
): Stream<B> {
  assertFunction("mapStream", fn);
  return new ItemByItem<A, B>("MapStream", stream, fn);
}

/**
 * Passes each item through a function until that says `Done`. Mirrors
 * `StreamExt::map_while`.
 *
 * Cancel safety: as safe as `stream`, which is dropped with it.
 *
 * @param stream The stream; adopted, and dropped when `fn` says `Done`.
 * @param fn Called with each item; what it throws is the failure, and the stream
 * is dropped then.
 * @returns A stream of what `fn` returns.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, Done, iter, mapWhile } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const numbers = mapWhile(iter(["1", "2", "x", "3"]), (text) => {
 *   const n = Number(text);
 *   return Number.isNaN(n) ? Done : n;
 * });
 * assertEquals(await run(collect(numbers)), [1, 2]);
 * ```
 */
export function mapWhile<A, B>(
  stream: Stream<A>,
  fn: (item: A) => B | Done,
): Stream<B> {
  assertFunction("mapWhile", fn);
  return new ItemByItem("MapWhile", stream, fn);
}
