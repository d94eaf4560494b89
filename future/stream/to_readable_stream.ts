import { checkNames, type Names } from "../_option_names.ts";
import { nameOf } from "../future.ts";
import { Drive } from "./_drive.ts";
import type { Stream } from "./stream.ts";

const STRATEGY: Names<QueuingStrategy> = { highWaterMark: true, size: true };

/** Before the stream is adopted: the platform would only say so after that. */
function checkStrategy(strategy: QueuingStrategy): void {
  // One that a class has made, as those of the web are, may have more to it.
  const isOfClass = typeof strategy === "object" && strategy !== null &&
    ![Object.prototype, null].includes(Object.getPrototypeOf(strategy));
  if (!isOfClass) checkNames(strategy, STRATEGY);
  const { highWaterMark = 0, size } = strategy;
  if (typeof highWaterMark !== "number") {
    throw new TypeError(
      `Cannot use highWaterMark: it must be a number, got ${
        nameOf(highWaterMark)
      }`,
    );
  }
  if (!(highWaterMark >= 0)) {
    throw new RangeError(
      `Cannot use highWaterMark: it must be 0 or more, got ${highWaterMark}`,
    );
  }
  if (size !== undefined && typeof size !== "function") {
    throw new TypeError(
      `Cannot use size: it must be a function, got ${nameOf(size)}`,
    );
  }
}

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
 * @throws {TypeError} If `stream` is no `Stream`, or what the strategy says is of
 * the wrong kind, or unknown.
 * @throws {RangeError} If its mark is below 0.
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
  checkStrategy(strategy);
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
