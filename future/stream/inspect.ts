import { assertFunction } from "../_functions.ts";
import { ItemByItem } from "./_item_by_item.ts";
import type { Stream } from "./stream.ts";

/**
 * Shows each item to a function on its way. Mirrors `StreamExt::inspect`.
 *
 * Cancel safety: as safe as `stream`, which is dropped with it.
 *
 * @param stream The stream; adopted.
 * @param fn Called with each item; what it throws is the failure, and the stream
 * is dropped then.
 * @returns A stream of the same items.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, inspect, iter } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const log: string[] = [];
 * await run(collect(inspect(iter([1, 2]), (n) => log.push(`saw ${n}`))));
 * assertEquals(log, ["saw 1", "saw 2"]);
 * ```
 */
export function inspect<T>(
  stream: Stream<T>,
  fn: (item: T) => void,
): Stream<T> {
  assertFunction("inspect", fn);
  return new ItemByItem("Inspect", stream, (item: T) => {
    fn(item);
    return item;
  });
}
