import type { Context } from "../future/context.ts";
import { PolledAfterCompletionError } from "../future/errors.ts";
import { Future } from "../future/future.ts";
import type { Inspection } from "../future/inspection.ts";
import type { Poll } from "../future/poll.ts";
import type { Task } from "./_task.ts";

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
export class JoinHandle<T> extends Future<T> {
  readonly #task: Task<T>;
  #state: "held" | "completed" | "detached" | "was dropped" = "held";

  private constructor(task: Task<T>) {
    super();
    this.#task = task;
  }

  /** For `handleOf` below alone, as in `Scope`. */
  private static of<T>(task: Task<T>): JoinHandle<T> {
    return new JoinHandle(task);
  }

  /** The number of the task, unique within its executor, from 1. */
  get id(): number {
    return this.#task.id;
  }

  /** The name that the task was spawned with, if any. */
  get name(): string | undefined {
    return this.#task.name;
  }

  /** Whether the task has completed, failed or been aborted. */
  get isFinished(): boolean {
    return this.#task.isFinished;
  }

  /**
   * Drops the task's future, at once; if the task is being polled right now,
   * after that poll, unless that poll ends it by itself. Joining it gives a
   * {@linkcode JoinError} from then on. A task that has ended is left as it is.
   */
  abort(): void {
    this.#task.abort();
  }

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
  unref(): this {
    this.#task.core.setBackground(this.#task, true);
    return this;
  }

  /**
   * Makes it a task again for which the process stays alive, as each is at first.
   *
   * @returns The handle.
   */
  ref(): this {
    this.#task.core.setBackground(this.#task, false);
    return this;
  }

  /**
   * Gives the handle up and lets the task run on by itself. Its failure, if it
   * fails, is reported by the executor.
   *
   * @throws {PolledAfterCompletionError} If the handle was joined or dropped.
   */
  detach(): void {
    if (this.#state === "completed" || this.#state === "was dropped") {
      throw new PolledAfterCompletionError(`JoinHandle`, this.#state);
    }
    this.#state = "detached";
    this.#task.unjoin();
  }

  /**
   * Waits for the task to end.
   *
   * @throws {JoinError} If the task failed or was aborted.
   * @throws {ReentrantPollError} If the task waits for itself.
   * @throws {PolledAfterCompletionError} If the handle was joined, detached or
   * dropped.
   */
  override poll(cx: Context): Poll<T> {
    switch (this.#state) {
      case "held":
        break;
      case "detached":
        throw new PolledAfterCompletionError("JoinHandle", "was detached");
      default:
        throw new PolledAfterCompletionError("JoinHandle", this.#state);
    }
    if (this.#task.isFinished) this.#state = "completed";
    return this.#task.pollJoin(cx.waker);
  }

  /** Says which task it waits for. */
  override inspect(): Inspection {
    return { waits: this.#task.toString() };
  }

  /** Aborts the task, unless it has ended or was detached. */
  override [Symbol.dispose](): void {
    if (this.#state !== "held") return;
    this.#state = "was dropped";
    this.#task.abort();
  }
}

/** Makes the handle of a task. */
export function handleOf<T>(task: Task<T>): JoinHandle<T> {
  return JoinHandle["of"](task);
}
