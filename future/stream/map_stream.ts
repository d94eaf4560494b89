import type { Context } from "../context.ts";
import { Pending, type Poll } from "../poll.ts";
import { Operator } from "./_operator.ts";
import { Done, type Stream } from "./stream.ts";

class MapStream<A, B> extends Operator<A, B> {
  readonly #fn: (item: A) => B | Done;

  constructor(stream: Stream<A>, fn: (item: A) => B | Done) {
    super(stream);
    this.#fn = fn;
  }

  protected override advance(cx: Context): Poll<B | Done> {
    const item = this.pull(cx);
    if (item === Pending) return Pending;
    if (item === Done) return Done;
    return this.#fn(item);
  }
}

class MapWhile<A, B> extends MapStream<A, B> {}

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
  return new MapStream(stream, fn);
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
  return new MapWhile(stream, fn);
}
