import type { Context } from "../context.ts";
import { Pending, type Poll } from "../poll.ts";
import { Operator } from "./_operator.ts";
import { Done, type Stream } from "./stream.ts";

class Enumerate<T> extends Operator<T, [index: number, item: T]> {
  #index = 0;

  protected override advance(
    cx: Context,
  ): Poll<[index: number, item: T] | Done> {
    const item = this.pull(cx);
    if (item === Pending) return Pending;
    if (item === Done) return Done;
    return [this.#index++, item];
  }
}

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
  return new Enumerate(stream);
}
