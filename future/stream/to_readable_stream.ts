import { Drive } from "./_drive.ts";
import type { Stream } from "./stream.ts";

/**
 * A stream as a `ReadableStream`: for a `Response`, for `pipeTo`.
 *
 * It needs no executor: the stream is polled from promise jobs while a chunk is
 * wanted, and only then, so backpressure is kept. Timers and sockets in the
 * stream run on the default executor. Cancelling the `ReadableStream` drops the
 * stream, at once; a failure of the stream fails it.
 *
 * Cancel safety: as safe as `stream`, which is dropped by `cancel()`; chunks that
 * were queued ahead are gone.
 *
 * @param stream The stream; adopted. It does nothing before the first read.
 * @param strategy How much is queued ahead of the reader: by default nothing.
 * @returns A `ReadableStream` of the items.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { iter, mapStream, toReadableStream } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const encoder = new TextEncoder();
 * const lines = mapStream(iter(["a\n", "b\n"]), (line) => encoder.encode(line));
 * const response = new Response(toReadableStream(lines));
 * assertEquals(await response.text(), "a\nb\n");
 * ```
 */
export function toReadableStream<T>(
  stream: Stream<T>,
  strategy: QueuingStrategy<T> = { highWaterMark: 0 },
): ReadableStream<T> {
  const drive = new Drive(stream);
  return new ReadableStream<T>({
    async pull(controller) {
      const { done, value } = await drive.pull();
      if (!done) controller.enqueue(value);
      // After a cancel this throws, which a cancelled stream does not mind.
      else controller.close();
    },
    cancel() {
      drive.cancel();
    },
  }, strategy);
}
