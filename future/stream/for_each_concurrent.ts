import { assertFunction } from "../_functions.ts";
import { Future } from "../future.ts";
import { ready } from "../ready.ts";
import { checkLimit, noPromise } from "./_checks.ts";
import { bufferUnordered } from "./buffer_unordered.ts";
import { forEach } from "./for_each.ts";
import { mapStream } from "./map_stream.ts";
import type { Stream } from "./stream.ts";

/**
 * Calls a function with each item and runs up to `n` of the futures that it
 * returns at a time. Mirrors `StreamExt::for_each_concurrent`.
 *
 * The futures make progress only while this one is polled: as a task of its own,
 * or awaited alone, it goes on by itself; in a `co` that drives it by `select`
 * beside other work, it stands still while that is waited for.
 *
 * Cancel safety: loses data: the futures that run are dropped, and so is the
 * stream.
 *
 * @param stream The stream; adopted.
 * @param n How many at a time: a whole number of at least 1, or `Infinity`.
 * @param fn Called with each item; may return a future, which is adopted. The
 * first failure, of `fn`, of a future or of the stream, fails it at once.
 * @returns A future that completes when the stream has ended and all are done.
 * @throws {RangeError} If `n` is anything else.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { map } from "@pollen/futures/future";
 * import { forEachConcurrent, iter } from "@pollen/futures/stream";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * const log: number[] = [];
 * await run(forEachConcurrent(
 *   iter([20, 1]),
 *   2,
 *   (ms) => map(sleep(ms), () => log.push(ms)),
 * ));
 * assertEquals(log, [1, 20]);
 * ```
 */
export function forEachConcurrent<T>(
  stream: Stream<T>,
  n: number,
  fn: (item: T) => unknown | Future<unknown>,
): Future<void> {
  assertFunction("forEachConcurrent", fn);
  checkLimit("run forEachConcurrent", n);
  const work = mapStream(stream, (item) => {
    const step = noPromise(fn(item));
    return step instanceof Future ? step : ready(step);
  });
  return forEach(bufferUnordered(work, n), () => {});
}
