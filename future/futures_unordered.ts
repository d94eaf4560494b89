import { assertIterable } from "./_functions.ts";
import { dropChild, DropErrors, droppedInside } from "./_drop.ts";
import { ReadySet, type Slot } from "./_ready_set.ts";
import type { Context } from "./context.ts";
import { PolledAfterCompletionError } from "./errors.ts";
import { adopt, type Future, release } from "./future.ts";
import type { Inspection } from "./inspection.ts";
import { Pending, type Poll } from "./poll.ts";
import { Done, Stream } from "./stream/stream.ts";

/**
 * A changing set of futures, and the stream of their values as they complete.
 * Mirrors `futures::stream::FuturesUnordered`.
 *
 * Each future has a waker of its own: one wake among ten thousand polls one
 * future. Those woken are polled in the order of their wakes, none twice in one
 * poll of the set, and all within the budget of the task that polls.
 *
 * The futures make progress only while the set is polled. To let them go on
 * while something else is waited for, run the set in a task of its own.
 *
 * An empty set is at its end, `Done`, until the next `push`; polling it then
 * goes on. A future that fails makes `pollNext` throw, and the others go on.
 *
 * Cancel safety: loses data: dropping the set drops its futures. Dropping a
 * `next()` is safe: no value is lost.
 *
 * @typeParam T The values.
 *
 * @example Usage
 * ```ts
 * import { co, FuturesUnordered, map } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { Done } from "@pollen/futures/stream";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * const order = await run(co(function* () {
 *   using set = new FuturesUnordered([20, 1, 10].map((ms) => map(sleep(ms), () => ms)));
 *   const seen: number[] = [];
 *   for (;;) {
 *     const ms = yield* set.next();
 *     if (ms === Done) return seen;
 *     seen.push(ms);
 *   }
 * }));
 * assertEquals(order, [1, 10, 20]);
 * ```
 */
export class FuturesUnordered<T> extends Stream<T> {
  readonly #set = new ReadySet<Future<T>>();
  #isDropped = false;

  /**
   * Makes a set.
   *
   * @param futures Its first futures; adopted.
   * @throws {TypeError} If they are not iterable, or one of them is no future.
   * @throws {FutureMovedError} If a living owner holds one of them; none is
   * adopted then.
   */
  constructor(futures: Iterable<Future<T>> = []) {
    super();
    assertIterable("FuturesUnordered", futures);
    const adopted: Future<T>[] = [];
    try {
      for (const future of futures) {
        adopt(this, future);
        adopted.push(future);
      }
    } catch (error) {
      adopted.forEach(release);
      throw error;
    }
    for (const future of adopted) this.#set.push(future);
  }

  /** How many futures have not ended. */
  get size(): number {
    return this.#set.size;
  }

  /**
   * Adds a future, which is polled first at the next poll of the set.
   *
   * @param future The future; adopted.
   * @throws {TypeError} If it is no future.
   * @throws {FutureMovedError} If a living owner holds it.
   * @throws {PolledAfterCompletionError} If the set was dropped.
   */
  push(future: Future<T>): void {
    if (this.#isDropped) throw dropped();
    adopt(this, future);
    this.#set.push(future);
  }

  /**
   * Polls those that were woken, until one has a value.
   *
   * @throws What a future of the set fails with.
   * @throws {PolledAfterCompletionError} If the set was dropped.
   */
  override pollNext(cx: Context): Poll<T | Done> {
    if (this.#isDropped) throw dropped();
    const set = this.#set;
    if (set.size === 0) return Done;
    set.begin(cx);
    for (let slot = set.take(); slot !== null; slot = set.take()) {
      const value = this.#poll(slot, slot.child!);
      if (value !== Pending) return value;
    }
    return Pending;
  }

  #poll(slot: Slot<Future<T>>, future: Future<T>): Poll<T> {
    let value: Poll<T>;
    try {
      value = future.poll(slot);
    } catch (error) {
      this.#retire(slot, future);
      throw error;
    }
    if (this.#isDropped) throw droppedInside(this);
    if (value !== Pending) this.#retire(slot, future);
    return value;
  }

  #retire(slot: Slot<Future<T>>, future: Future<T>): void {
    if (this.#isDropped) return; // from inside: it was given up then
    this.#set.retire(slot);
    release(future);
  }

  /** Says which futures have not ended. */
  override inspect(): Inspection {
    return { waits: `futures: ${this.size}`, children: this.#set.pending() };
  }

  /** Drops all futures that have not ended. */
  override [Symbol.dispose](): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    const errors = new DropErrors();
    this.#set.drop(errors, dropChild);
    errors.rethrow();
  }
}

function dropped(): PolledAfterCompletionError {
  return new PolledAfterCompletionError("FuturesUnordered", "was dropped");
}
