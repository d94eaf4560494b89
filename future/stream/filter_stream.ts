import type { Context } from "../context.ts";
import { Pending, type Poll } from "../poll.ts";
import { Operator } from "./_operator.ts";
import { Done, type Stream } from "./stream.ts";

class FilterStream<T> extends Operator<T, T> {
  readonly #keep: (item: T) => boolean;

  constructor(stream: Stream<T>, keep: (item: T) => boolean) {
    super(stream);
    this.#keep = keep;
  }

  protected override advance(cx: Context): Poll<T | Done> {
    for (;;) {
      const item = this.pull(cx);
      if (item === Pending) return Pending;
      if (item === Done) return Done;
      if (this.#keep(item)) return item;
    }
  }
}

class FilterMap<A, B> extends Operator<A, B> {
  readonly #fn: (item: A) => B | undefined;

  constructor(stream: Stream<A>, fn: (item: A) => B | undefined) {
    super(stream);
    this.#fn = fn;
  }

  protected override advance(cx: Context): Poll<B | Done> {
    for (;;) {
      const item = this.pull(cx);
      if (item === Pending) return Pending;
      if (item === Done) return Done;
      const mapped = this.#fn(item);
      if (mapped !== undefined) return mapped;
    }
  }
}

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
  return new FilterStream(stream, keep);
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
  return new FilterMap(stream, fn);
}
