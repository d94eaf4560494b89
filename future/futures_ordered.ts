import { assertIterable } from "./_functions.ts";
import type { Context } from "./context.ts";
import { map } from "./map.ts";
import { type Future, release } from "./future.ts";
import { FuturesUnordered } from "./futures_unordered.ts";
import type { Inspection } from "./inspection.ts";
import { Pending, type Poll } from "./poll.ts";
import { settle } from "./settle.ts";
import { Done, Stream } from "./stream/stream.ts";

/** How a future ended, and which one it was. */
interface Numbered<T> {
  number: number;
  result: PromiseSettledResult<T>;
}

/**
 * A queue of futures that run side by side, and the stream of their values in
 * the order in which they were added. Mirrors `futures::stream::FuturesOrdered`.
 *
 * Everything said of `FuturesUnordered` holds, but for the order: a value waits
 * until all before it have been given out, and a failure too.
 *
 * Cancel safety: loses data: dropping the queue drops its futures, and the
 * values that were waiting are gone, and not disposed of. Dropping a `next()`
 * is safe: no value is lost.
 *
 * @typeParam T The values.
 *
 * @example Usage
 * ```ts
 * import { co, FuturesOrdered, map } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * const first = await run(co(function* () {
 *   using queue = new FuturesOrdered([20, 1].map((ms) => map(sleep(ms), () => ms)));
 *   return yield* queue.next();
 * }));
 * assertEquals(first, 20);
 * ```
 */
export class FuturesOrdered<T> extends Stream<T> {
  readonly #running: FuturesUnordered<Numbered<T>>;
  /** Those that have ended before their turn. */
  readonly #ended = new Map<number, PromiseSettledResult<T>>();
  #added = 0;
  #given = 0;

  /**
   * Makes a queue.
   *
   * @param futures Its first futures; adopted.
   * @throws {TypeError} If they are not iterable, or one of them is no future.
   * @throws {FutureMovedError} If a living owner holds one of them; none is
   * adopted then.
   */
  constructor(futures: Iterable<Future<T>> = []) {
    super();
    assertIterable("FuturesOrdered", futures);
    this.#running = new FuturesUnordered();
    const adopted: Future<T>[] = [];
    try {
      for (const future of futures) {
        this.push(future);
        adopted.push(future);
      }
    } catch (error) {
      adopted.forEach(release);
      throw error;
    }
  }

  /** How many values are still to be given out. */
  get size(): number {
    return this.#added - this.#given;
  }

  /**
   * Adds a future at the end.
   *
   * @param future The future; adopted.
   * @throws {TypeError} If it is no future.
   * @throws {FutureMovedError} If a living owner holds it.
   * @throws {PolledAfterCompletionError} If the queue was dropped.
   */
  push(future: Future<T>): void {
    const number = this.#added;
    this.#running.push(map(settle(future), (result) => ({ number, result })));
    this.#added++;
  }

  /**
   * Polls those that were woken, until the next in order has a value.
   *
   * @throws What the next future in order failed with; the others go on.
   * @throws {PolledAfterCompletionError} If the queue was dropped.
   */
  override pollNext(cx: Context): Poll<T | Done> {
    for (;;) {
      const result = this.#ended.get(this.#given);
      if (result !== undefined) {
        this.#ended.delete(this.#given++);
        if (result.status === "rejected") throw result.reason;
        return result.value;
      }
      const next = this.#running.pollNext(cx);
      if (next === Pending || next === Done) return next;
      this.#ended.set(next.number, next.result);
    }
  }

  /** Says how many futures are to give their values, and which have not ended. */
  override inspect(): Inspection {
    return { waits: `values to come: ${this.size}`, children: [this.#running] };
  }

  /** Drops all futures that have not ended, and the values that were waiting. */
  override [Symbol.dispose](): void {
    this.#ended.clear();
    this.#running[Symbol.dispose]();
  }
}
