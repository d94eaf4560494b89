import { spawnName } from "./_spawn_name.ts";
import type { Context } from "../future/context.ts";
import type { Future } from "../future/future.ts";
import type { Inspection } from "../future/inspection.ts";
import { Pending, type Poll } from "../future/poll.ts";
import { Done, Stream } from "../future/stream/stream.ts";
import { Members } from "./_members.ts";
import type { SpawnOptions } from "./executor.ts";
import type { JoinHandle } from "./join_handle.ts";

/**
 * A set of tasks, and the stream of their values in the order in which they
 * end. Mirrors `tokio::task::JoinSet`.
 *
 * The tasks run by themselves, whether or not the set is polled; that is what
 * sets it apart from `FuturesUnordered`. What has ended is kept until it is
 * fetched: for tasks whose values nobody wants there is `TaskTracker`.
 *
 * An empty set is at its end, `Done`, until the next `spawn`; polling it then
 * goes on. For a task that failed or was aborted `joinNext` throws a `JoinError`,
 * and the others go on.
 *
 * Cancel safety: loses data: dropping the set aborts its tasks, whose futures
 * are dropped at that moment, and values that were not fetched are gone, and
 * not disposed of; failures that were not are reported as nobody's. Dropping a
 * `joinNext()` is safe: no value is lost.
 *
 * @typeParam T The values of the tasks.
 *
 * @example Usage
 * ```ts
 * import { co, map } from "@pollen/futures/future";
 * import { JoinSet, run } from "@pollen/futures/executor";
 * import { Done } from "@pollen/futures/stream";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * const order = await run(co(function* () {
 *   using set = new JoinSet<number>();
 *   for (const ms of [20, 1, 10]) set.spawn(map(sleep(ms), () => ms));
 *   const seen: number[] = [];
 *   for (;;) {
 *     const ms = yield* set.joinNext();
 *     if (ms === Done) return seen;
 *     seen.push(ms);
 *   }
 * }));
 * assertEquals(order, [1, 10, 20]);
 * ```
 */
export class JoinSet<T> extends Stream<T> {
  readonly #members = new Members<T, null>("JoinSet");

  /** How many tasks live, or have ended and were not fetched. */
  get size(): number {
    return this.#members.size;
  }

  /**
   * Starts a task, on the executor of the task that is being polled, else on the
   * default one. It may be joined by its handle, too: both get its value.
   *
   * @param future The task's future; adopted.
   * @param options The task's name.
   * @returns A handle; detaching it leaves the task in the set.
   * @throws {TypeError} If `future` is no future, or an option is unknown.
   * @throws {FutureMovedError} If a living owner holds it.
   * @throws {PolledAfterCompletionError} If the set was dropped.
   */
  spawn(future: Future<T>, options?: SpawnOptions): JoinHandle<T> {
    return this.#members.spawn(future, null, spawnName(options)).task;
  }

  /**
   * Waits for the next task to end: `next()` by the name that it has in tokio.
   *
   * Cancel safety: safe: a value that was not given out is the next one's.
   *
   * @returns A future of its value, or of `Done` if the set is empty. It fails
   * with a `JoinError` if the task failed or was aborted.
   */
  joinNext(): Future<T | Done> {
    return this.next();
  }

  /**
   * Gives the value of the task that ended first, of those not fetched.
   *
   * @throws {JoinError} If that task failed or was aborted.
   * @throws {PolledAfterCompletionError} If the set was dropped.
   */
  override pollNext(cx: Context): Poll<T | Done> {
    const member = this.#members.pollEnded(cx);
    return member === Pending || member === Done
      ? member
      : member.task.valueOrThrow();
  }

  /**
   * Aborts all tasks: their futures are dropped now; that of a task which is
   * being polled, after its poll. The set stays as it is, with so many tasks
   * that were aborted to be fetched.
   *
   * @throws What a drop throws, once all are dropped; a `SuppressedError` if
   * several do.
   * @throws {PolledAfterCompletionError} If the set was dropped.
   */
  abortAll(): void {
    this.#members.abortAll();
  }

  /** Says how many tasks it has. */
  override inspect(): Inspection {
    return { waits: `tasks: ${this.size}` };
  }

  /** Aborts all tasks and forgets them. */
  override [Symbol.dispose](): void {
    this.#members.drop();
  }
}
