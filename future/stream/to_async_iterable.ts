import { Drive } from "./_drive.ts";
import type { Stream } from "./stream.ts";

/** Iterates over a stream; {@linkcode toAsyncIterable} makes it. */
export interface StreamIterator<T>
  extends AsyncIterableIterator<T, undefined, void>, AsyncDisposable {
  /**
   * Ends a pending `next()` at once, and drops the stream.
   *
   * @returns A promise of `done`; it rejects with what the drop throws.
   */
  return(): Promise<IteratorResult<T, undefined>>;

  /** The same. */
  [Symbol.asyncDispose](): Promise<void>;
}

class OfStream<T> implements StreamIterator<T> {
  readonly #drive: Drive<T>;

  constructor(stream: Stream<T>) {
    this.#drive = new Drive(stream);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return this.#drive.pull();
  }

  return(): Promise<IteratorResult<T, undefined>> {
    try {
      this.#drive.cancel();
      return Promise.resolve({ done: true, value: undefined });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/**
 * A stream as an async iterable: for `for await`, and for whoever takes one.
 *
 * It needs no executor: the stream is polled from promise jobs while somebody
 * waits for `next()`, and only then. Timers and sockets in the stream run on the
 * default executor. A stream that is always busy and has nothing to give (a
 * `filterStream` that refuses an endless `iter`) keeps the host from everything
 * else meanwhile, as any loop over promises does; `run` it as a task instead.
 *
 * Unlike that of an async generator, `return()` ends a pending `next()` at once,
 * with `done`, and drops the stream. `break` in a `for await` calls it. A failure
 * rejects once; after it, `next()` says `done`. Several `next()` may be pending;
 * they are served in order.
 *
 * Cancel safety: as safe as `stream`, which is dropped by `return()`.
 *
 * @param stream The stream; adopted. It does nothing before the first `next()`.
 * @returns An iterator that is its own iterable; `await using` ends it, too.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { iter, toAsyncIterable } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const seen: number[] = [];
 * for await (const n of toAsyncIterable(iter([1, 2, 3]))) seen.push(n);
 * assertEquals(seen, [1, 2, 3]);
 * ```
 *
 * @example Giving up while waiting
 * ```ts
 * import { pending } from "@pollen/futures/future";
 * import { once, toAsyncIterable } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const never = toAsyncIterable(once(pending()));
 * const next = never.next();
 * await never.return();
 * assertEquals(await next, { done: true, value: undefined });
 * ```
 */
export function toAsyncIterable<T>(
  stream: Stream<T>,
): StreamIterator<T> {
  return new OfStream(stream);
}
