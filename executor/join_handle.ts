import type { Context } from "../future/context.ts";
import type { Future } from "../future/future.ts";
import type { Poll } from "../future/poll.ts";
import { Task } from "./_task.ts";

/**
 * A spawned task, and a future of its value. Mirrors `tokio::task::JoinHandle`,
 * with one difference: dropping it aborts the task, as in `smol`, so that what
 * nobody holds does not go on unseen. `detach()` lets the task run on.
 *
 * A handle that is merely forgotten does not abort: JavaScript runs no code
 * when a variable goes out of scope, unless it was declared with `using`.
 *
 * Cancel safety: dropping the handle aborts the task, which is as safe as the
 * task's future; the value of one that has ended is gone, and not disposed of.
 * Lend the handle with `pin` to stop waiting without that.
 *
 * @typeParam T The value of the task.
 *
 * @example Usage
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run, spawn } from "@pollen/futures/executor";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * await run(co(function* () {
 *   using worker = spawn(co(function* () {
 *     yield* sleep(1);
 *     return "done";
 *   }));
 *   assertEquals(yield* worker, "done");
 * })); // had it thrown before, `using` would have aborted the worker
 * ```
 */
export interface JoinHandle<T> extends Future<T> {
  /** The number of the task, unique within its executor, from 1. */
  readonly id: number;

  /** The name that the task was spawned with, if any. */
  readonly name: string | undefined;

  /** Whether the task has completed, failed or been aborted. */
  readonly isFinished: boolean;

  /**
   * Drops the task's future, at once; if the task is being polled right now,
   * after that poll, unless that poll ends it by itself. Joining it gives a
   * {@linkcode JoinError} from then on. A task that has ended is left as it is.
   */
  abort(): void;

  /**
   * Makes it a background task: once only such tasks are left on its executor,
   * neither their timers nor their turns keep the process alive, and it ends when
   * nothing else does. Their sockets still do: those have an `unref` of their own.
   * Mirrors `unref` of the timers of Deno and Node. The rest of the handle is as
   * before; a task that has ended is left as it is.
   *
   * @returns The handle.
   *
   * @example A heartbeat that the program does not wait for
   * ```ts
   * import { co } from "@pollen/futures/future";
   * import { run, spawn } from "@pollen/futures/executor";
   * import { interval, sleep } from "@pollen/futures/time";
   *
   * using _heartbeat = spawn(co(function* () {
   *   using beat = interval(10_000);
   *   for (;;) {
   *     yield* beat.tick();
   *     // report how things stand
   *   }
   * })).unref();
   * await run(sleep(1)); // the program's work; when it is done, the process ends
   * ```
   */
  unref(): this;

  /**
   * Makes it a task again for which the process stays alive, as each is at first.
   *
   * @returns The handle.
   */
  ref(): this;

  /**
   * Gives the handle up and lets the task run on by itself. Its failure, if it
   * fails, is reported by the executor.
   *
   * @throws {PolledAfterCompletionError} If the handle was joined or dropped.
   */
  detach(): void;

  /**
   * Waits for the task to end.
   *
   * @throws {JoinError} If the task failed or was aborted.
   * @throws {ReentrantPollError} If the task waits for itself.
   * @throws {PolledAfterCompletionError} If the handle was joined, detached or
   * dropped.
   */
  poll(cx: Context): Poll<T>;

  /** Aborts the task, unless it has ended or was detached. */
  [Symbol.dispose](): void;
}

/**
 * What `instanceof` asks for. Handles are made by spawning alone. Each is the
 * task itself, of which this is the part that is for its user.
 */
export const JoinHandle: abstract new (...none: never) => JoinHandle<unknown> =
  Task;
