import type { Future } from "../future.ts";
import { Pending, type Poll } from "../poll.ts";
import { checkLimit } from "./_checks.ts";
import { Concurrent, valueOf } from "./_concurrent.ts";
import type { Stream } from "./stream.ts";

class BufferUnordered<T> extends Concurrent<T> {
  protected override get taken(): number {
    return this.running;
  }

  protected override give(): Poll<T> {
    const outcome = this.pollRunning();
    return outcome === null ? Pending : valueOf(outcome);
  }
}

/**
 * Runs up to `n` futures of a stream at a time and gives their values as they
 * complete. Mirrors `StreamExt::buffer_unordered`. `buffered` keeps the order.
 *
 * The futures make progress only while this stream is polled. If the consumer
 * waits for something else between two items, they stand still: a lock that one
 * of them was granted stays locked, a timeout may pass unseen. To let them go on
 * meanwhile, run this as a task of its own: `spawn` what polls it and hand the
 * values over through a channel, or do the slow part inside the futures
 * (`forEachConcurrent`).
 *
 * Fair, first come, first served; each future has a waker of its own: a wake of
 * one among ten thousand polls one.
 *
 * Cancel safety: loses data: the futures that run are dropped, and so is the
 * stream.
 *
 * @param stream A stream of futures; adopted, and they too as they come.
 * @param n How many at a time: a whole number of at least 1, or `Infinity`.
 * @returns A stream of the values. The first failure, of a future or of
 * `stream`, fails it at once.
 * @throws {RangeError} If `n` is anything else.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { map } from "@pollen/futures/future";
 * import { bufferUnordered, collect, iter, mapStream } from "@pollen/futures/stream";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * const work = mapStream(iter([20, 1]), (ms) => map(sleep(ms), () => ms));
 * assertEquals(await run(collect(bufferUnordered(work, 2))), [1, 20]);
 * ```
 *
 * @example As a stage that goes on by itself
 * ```ts
 * import { run, spawn, yieldNow } from "@pollen/futures/executor";
 * import { co, map } from "@pollen/futures/future";
 * import { bufferUnordered, forEach, iter, mapStream } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * await run(co(function* () {
 *   const work = mapStream(iter([1, 2, 3]), (n) => map(yieldNow(), () => n));
 *   const done: number[] = [];
 *   using stage = spawn(forEach(bufferUnordered(work, 2), (n) => {
 *     done.push(n);
 *   }));
 *   // Whatever this one waits for, the stage goes on meanwhile.
 *   for (let i = 0; i < 20; i++) yield* yieldNow();
 *   assertEquals(done, [1, 2, 3]);
 *   yield* stage;
 * }));
 * ```
 */
export function bufferUnordered<T>(
  stream: Stream<Future<T>>,
  n: number,
): Stream<T> {
  checkLimit("buffer", n);
  return new BufferUnordered(stream, n);
}
