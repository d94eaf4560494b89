import type { DropErrors } from "../_drop.ts";
import type { Future } from "../future.ts";
import { Pending, type Poll } from "../poll.ts";
import { checkLimit } from "./_checks.ts";
import { Concurrent, type Job, type Outcome, valueOf } from "./_concurrent.ts";
import { Ring } from "../_ring.ts";
import type { Stream } from "./stream.ts";

/** A place in line: of a future, or of the failure that ends the source. */
type Place<T> = { readonly outcome: Outcome<T> | null };

class Buffered<T> extends Concurrent<T> {
  /** In the order of the source: what runs, and what is to be given. */
  readonly #line = new Ring<Place<T>>();

  protected override get taken(): number {
    return this.#line.size;
  }

  protected override onStarted(job: Job<T>): void {
    this.#line.push(job);
  }

  protected override onSourceFailed(error: unknown): void {
    this.#line.push({ outcome: { error } });
    this.close();
  }

  protected override give(): Poll<T> {
    for (
      let ended = this.pollRunning();
      ended !== null;
      ended = this.pollRunning()
    ) {
      // Nothing behind a failure will ever be given.
      if ("error" in ended) this.close();
    }
    if (this.#line.size === 0) return Pending;
    const { outcome } = this.#line.at(0);
    if (outcome === null) return Pending;
    this.#line.shift();
    return valueOf(outcome);
  }

  protected override free(errors: DropErrors): void {
    this.#line.clear();
    super.free(errors);
  }
}

/**
 * Runs up to `n` futures of a stream at a time and gives their values in the
 * order of the stream. Mirrors `StreamExt::buffered`. A value that is waiting for
 * its turn takes up room as a future that runs does, so no more than `n` are ever
 * under way.
 *
 * The futures make progress only while this stream is polled. If the consumer
 * waits for something else between two items, they stand still: a lock that one
 * of them was granted stays locked, a timeout may pass unseen. To let them go on
 * meanwhile, run this as a task of its own: `spawn` what polls it, as the
 * example of `bufferUnordered` does, or do the slow part inside the futures
 * (`forEachConcurrent`).
 *
 * Fair, first come, first served; each future has a waker of its own: a wake of
 * one among ten thousand polls one.
 *
 * Cancel safety: loses data: the values that wait for their turn are gone, and
 * not disposed of; the futures that run are dropped, and so is the stream. It
 * is the same when it fails.
 *
 * @param stream A stream of futures; adopted, and they too as they come.
 * @param n How many at a time: a whole number of at least 1, or `Infinity`.
 * @returns A stream of the values. A failure, of a future or of `stream`, comes
 * in its place, after the values before it; no future is started any more from
 * when it is known.
 * @throws {RangeError} If `n` is anything else.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { map } from "@pollen/futures/future";
 * import { buffered, collect, iter, mapStream } from "@pollen/futures/stream";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * const work = mapStream(iter([20, 1]), (ms) => map(sleep(ms), () => ms));
 * assertEquals(await run(collect(buffered(work, 2))), [20, 1]);
 * ```
 */
export function buffered<T>(stream: Stream<Future<T>>, n: number): Stream<T> {
  checkLimit("buffer", n);
  return new Buffered(stream, n);
}
