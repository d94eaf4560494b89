import type { DropErrors } from "../_drop.ts";
import { proceed } from "../budget.ts";
import type { Context } from "../context.ts";
import { nameOf } from "../future.ts";
import { Pending, type Poll } from "../poll.ts";
import { LivingStream } from "./_living_stream.ts";
import { Done, type Stream } from "./stream.ts";

class Iter<T> extends LivingStream<T> {
  #iterable: Iterable<T> | null;
  #iterator: Iterator<T> | null = null;

  constructor(iterable: Iterable<T>) {
    super();
    this.#iterable = iterable;
  }

  protected override advance(cx: Context): Poll<T | Done> {
    if (!proceed(cx)) return Pending;
    const iterator = this.#iterator ?? this.#start();
    // One that throws has ended: `return` is not for it, as in a `for` loop.
    this.#iterator = null;
    const step = iterator.next();
    if (step.done) return Done;
    this.#iterator = iterator;
    return step.value;
  }

  #start(): Iterator<T> {
    const iterable = this.#iterable!;
    this.#iterable = null;
    return iterable[Symbol.iterator]();
  }

  protected override free(errors: DropErrors): void {
    const iterator = this.#iterator;
    this.#iterable = null;
    this.#iterator = null;
    if (iterator !== null) errors.collect(() => iterator.return?.());
  }
}

/** Over an array: an iterator would allocate a result for each item. */
class ArrayIter<T> extends LivingStream<T> {
  #array: ArrayLike<T> | null;
  #at = 0;

  constructor(array: ArrayLike<T>) {
    super();
    this.#array = array;
  }

  protected override advance(cx: Context): Poll<T | Done> {
    const array = this.#array!;
    if (this.#at >= array.length) return Done;
    return proceed(cx) ? array[this.#at++]! : Pending;
  }

  protected override free(): void {
    this.#array = null;
  }
}

/**
 * A stream of what an iterable gives: an array, a `Set`, a generator. Mirrors
 * `futures::stream::iter`.
 *
 * The iterator is asked for at the first poll. As the items are always at hand,
 * each takes a unit of the task's budget.
 *
 * Cancel safety: loses its place: the iterator's `return` is called, if it was
 * started; lend the stream with `pinStream` to go on.
 *
 * @param iterable What to iterate over.
 * @returns A stream of the items; it fails with what the iterator throws.
 * @throws {TypeError} If `iterable` is none.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, iter } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await run(collect(iter(new Set([1, 2, 1])))), [1, 2]);
 * ```
 */
export function iter<T>(iterable: Iterable<T>): Stream<T> {
  const make = (iterable as Iterable<T> | null)?.[Symbol.iterator];
  if (typeof make !== "function") {
    const isAsync = Symbol.asyncIterator in Object(iterable);
    throw new TypeError(
      `Cannot iterate over ${nameOf(iterable)}: it is not iterable${
        isAsync ? "; fromAsyncIterable() takes it" : ""
      }`,
    );
  }
  return Array.isArray(iterable) && make === Array.prototype[Symbol.iterator]
    ? new ArrayIter<T>(iterable)
    : new Iter(iterable);
}
