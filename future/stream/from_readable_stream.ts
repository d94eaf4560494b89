import { CancelledError } from "../errors.ts";
import { nameOf } from "../future.ts";
import type { DropOptions } from "./_drop_options.ts";
import { FromPromises, type Upstream } from "./_from_promises.ts";
import type { Stream } from "./stream.ts";

class Reading<T> implements Upstream<T> {
  readonly #stream: ReadableStream<T>;
  #reader: ReadableStreamDefaultReader<T> | null = null;

  constructor(stream: ReadableStream<T>) {
    this.#stream = stream;
  }

  next(): PromiseLike<IteratorResult<T, unknown>> {
    this.#reader ??= this.#stream.getReader();
    return this.#reader.read() as PromiseLike<IteratorResult<T, unknown>>;
  }

  over(): void {
    this.#reader?.releaseLock();
  }

  stop(): unknown {
    const reason = new CancelledError(
      "Cannot go on reading: the stream was dropped",
    );
    const reader = this.#reader;
    if (reader === null) return this.#stream.cancel(reason);
    const cancelled = reader.cancel(reason);
    reader.releaseLock();
    return cancelled;
  }
}

class FromReadableStream<T> extends FromPromises<T> {
  constructor(stream: ReadableStream<T>, options: DropOptions) {
    super(new Reading(stream), options);
  }
}

/**
 * A stream of a `ReadableStream`'s chunks. One is read when the stream is polled,
 * so the backpressure is that of the consumer. The `ReadableStream` is locked
 * from the first poll until the end.
 *
 * Dropped, also before the first poll, it cancels the `ReadableStream`; what goes
 * wrong then goes to `onDropError`.
 *
 * Cancel safety: loses data: a chunk that was asked for is gone, and the
 * `ReadableStream` is cancelled; lend the stream with `pinStream` to go on.
 *
 * @param stream What to read.
 * @param options What to do with failures after a drop.
 * @returns A stream of the chunks; it fails with what the `ReadableStream` fails
 * with, and with a `TypeError` at the first poll if that is locked.
 * @throws {TypeError} If `stream` is no `ReadableStream`, or an option is of the
 * wrong kind, or unknown.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, fromReadableStream } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const { body } = new Response("hello");
 * const chunks = await run(collect(fromReadableStream(body!)));
 * assertEquals(new TextDecoder().decode(chunks[0]), "hello");
 * ```
 */
export function fromReadableStream<T>(
  stream: ReadableStream<T>,
  options: DropOptions = {},
): Stream<T> {
  if (!(stream instanceof ReadableStream)) {
    throw new TypeError(
      `Cannot make a stream from ${nameOf(stream)}: pass a ReadableStream`,
    );
  }
  return new FromReadableStream(stream, options);
}
