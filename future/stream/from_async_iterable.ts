import { nameOf } from "../future.ts";
import type { DropOptions } from "./_drop_options.ts";
import { FromPromises, type Upstream } from "./_from_promises.ts";
import type { Stream } from "./stream.ts";

export type { DropOptions };

class AsyncIteration<T> implements Upstream<T> {
  readonly #iterable: AsyncIterable<T>;
  #iterator: AsyncIterator<T> | null = null;

  constructor(iterable: AsyncIterable<T>) {
    this.#iterable = iterable;
  }

  next(): PromiseLike<IteratorResult<T, unknown>> {
    this.#iterator ??= this.#iterable[Symbol.asyncIterator]();
    return this.#iterator.next();
  }

  over(): void {
    this.#iterator = null;
  }

  stop(): unknown {
    const iterator = this.#iterator;
    this.#iterator = null;
    return iterator?.return?.();
  }
}

class FromAsyncIterable<T> extends FromPromises<T> {
  constructor(iterable: AsyncIterable<T>, options: DropOptions) {
    super(new AsyncIteration(iterable), options);
  }
}

/**
 * A stream of what an async iterable gives, an async generator for example. It is
 * asked for an item when the stream is polled, one at a time.
 *
 * Dropped, it calls the iterator's `return` if the iteration was started. An
 * async generator that waits for something obeys only when that is over; what
 * goes wrong then goes to `onDropError`.
 *
 * Cancel safety: loses data: an item that was asked for is gone, and the
 * iteration is ended; lend the stream with `pinStream` to go on.
 *
 * @param iterable What to iterate over.
 * @param options What to do with failures after a drop.
 * @returns A stream of the items; it fails with what the iteration rejects with.
 * @throws {TypeError} If `iterable` is no async iterable, or an option is of the
 * wrong kind, or unknown.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, fromAsyncIterable } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * async function* pages() {
 *   yield await Promise.resolve("page 1");
 *   yield "page 2";
 * }
 * const all = await run(collect(fromAsyncIterable(pages())));
 * assertEquals(all, ["page 1", "page 2"]);
 * ```
 */
export function fromAsyncIterable<T>(
  iterable: AsyncIterable<T>,
  options: DropOptions = {},
): Stream<T> {
  const make = (iterable as AsyncIterable<T> | null)?.[Symbol.asyncIterator];
  if (typeof make !== "function") {
    const isSync = Symbol.iterator in Object(iterable);
    throw new TypeError(
      `Cannot iterate over ${nameOf(iterable)}: it is not async iterable${
        isSync ? "; iter() takes it" : ""
      }`,
    );
  }
  return new FromAsyncIterable(iterable, options);
}
