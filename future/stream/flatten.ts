import { assertFunction } from "../_functions.ts";
import type { DropErrors } from "../_drop.ts";
import type { Context } from "../context.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import { contents, HeldStream } from "./_held.ts";
import { Operator } from "./_operator.ts";
import { Done, type Stream } from "./stream.ts";

class FlatMapStream<A, B> extends Operator<A, B> {
  readonly #fn: (item: A) => Stream<B>;
  #inner: HeldStream<B> | null = null;

  constructor(stream: Stream<A>, fn: (item: A) => Stream<B>) {
    super(stream);
    this.#fn = fn;
  }

  protected override advance(cx: Context): Poll<B | Done> {
    for (;;) {
      if (this.#inner === null) {
        const item = this.pull(cx);
        if (item === Pending) return Pending;
        if (item === Done) return Done;
        this.#inner = new HeldStream(this, this.#fn(item));
      }
      const item = this.#inner.pollNext(cx);
      if (item !== Done) return item;
      this.#inner = null;
    }
  }

  override inspect(): Inspection {
    const inner = this.#inner;
    return inner === null ? super.inspect() : { children: contents(inner) };
  }

  protected override free(errors: DropErrors): void {
    this.#inner?.drop(errors);
    super.free(errors);
  }
}

class Flatten<T> extends FlatMapStream<Stream<T>, T> {
  constructor(stream: Stream<Stream<T>>) {
    super(stream, (inner) => inner);
  }
}

/**
 * The items of the streams in a stream, one after the other. Mirrors
 * `StreamExt::flatten`. To have them at the same time, see `merge`.
 *
 * Cancel safety: as safe as `stream` and the stream that is under way, which are
 * dropped with it.
 *
 * @param stream The stream of streams; adopted, and they too as they come.
 * @returns A stream of the items; it fails with a `TypeError` if an item is no
 * `Stream`.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, flatten, iter } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const flat = flatten(iter([iter([1, 2]), iter([3])]));
 * assertEquals(await run(collect(flat)), [1, 2, 3]);
 * ```
 */
export function flatten<T>(stream: Stream<Stream<T>>): Stream<T> {
  return new Flatten(stream);
}

/**
 * The items of the streams that a function makes from the items, one after the
 * other. Mirrors `StreamExt::flat_map`.
 *
 * Cancel safety: as safe as `stream` and the stream that is under way, which are
 * dropped with it.
 *
 * @param stream The stream; adopted.
 * @param fn Called with each item when the stream before has ended; returns the
 * next, which is adopted. What it throws is the failure, and the stream is
 * dropped then.
 * @returns A stream of the items.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, flatMapStream, iter } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const letters = flatMapStream(iter(["ab", "c"]), (word) => iter(word));
 * assertEquals(await run(collect(letters)), ["a", "b", "c"]);
 * ```
 */
export function flatMapStream<A, B>(
  stream: Stream<A>,
  fn: (item: A) => Stream<B>,
): Stream<B> {
  assertFunction("flatMapStream", fn);
  return new FlatMapStream(stream, fn);
}
