import { spawnName } from "./_spawn_name.ts";
import { type Future, nameOf } from "../future/future.ts";
import type { Core } from "./_core.ts";
import { type ExecutorOptions, makeCore } from "./_make_core.ts";
import { runOn, type RunOptions } from "./_run.ts";
import { inspectKey } from "./_host.ts";
import { type Snapshot, snapshotOf } from "./inspect/snapshot.ts";
import type { JoinHandle } from "./join_handle.ts";

export type { ExecutorOptions, RunOptions };

/** How {@linkcode Executor.spawn} starts a task. */
export interface SpawnOptions {
  /** What the task is called in errors and reports. */
  name?: string;
}

/**
 * Runs futures: polls each task when it was woken, in the order of the wakes.
 * Most programs need no executor of their own, only `run` and `spawn`. Mirrors
 * tokio's current-thread runtime.
 *
 * Tasks run in microtasks, and after a limited time the host gets a turn, so
 * that no number of busy tasks starves sockets and timers.
 *
 * @example An executor with a clock of its own
 * ```ts
 * import { Executor } from "@pollen/futures/executor";
 * import { VirtualClock } from "@pollen/futures/testing";
 * import { sleep } from "@pollen/futures/time";
 *
 * const clock = new VirtualClock();
 * using executor = new Executor({ host: clock });
 * const done = executor.run(sleep(1000));
 * clock.advance(1000);
 * await done;
 * ```
 */
export class Executor implements Disposable {
  readonly #core: Core;

  /**
   * Makes an executor. It does nothing by itself and needs no closing.
   *
   * @param options Its host and limits.
   * @throws {RangeError} If a limit is out of range.
   * @throws {TypeError} If `unjoined` is no policy, or an option is unknown.
   */
  constructor(options: ExecutorOptions = {}) {
    this.#core = makeCore(options);
  }

  /** For `coreBehind` below alone: by brackets, past `private`. */
  private static coreOf(executor: Executor): Core {
    if (#core in Object(executor)) return executor.#core;
    throw new TypeError(
      `Cannot look at ${nameOf(executor)}: it is no Executor`,
    );
  }

  // The key is no constant of the language, so it cannot stand in the class.
  static readonly #shown: void = /* @__PURE__ */ showInConsole(Executor);

  /** How many tasks have not ended yet. */
  get taskCount(): number {
    return this.#core.liveCount;
  }

  /** How many timers are armed. */
  get timerCount(): number {
    return this.#core.timerCount;
  }

  /**
   * Runs a future to its end: the way from a future to a promise.
   *
   * @param future The future; adopted.
   * @param options A signal that drops it.
   * @returns A promise of its value. It rejects with the future's own error;
   * with the signal's reason, if that is aborted; with a `CancelledError`, if
   * the executor is disposed of; with a `TypeError` or `FutureMovedError`, if
   * the future cannot be adopted.
   */
  run<T>(future: Future<T>, options: RunOptions = {}): Promise<T> {
    return runOn(this.#core, future, options);
  }

  /**
   * Starts a task that runs by itself from the next turn on.
   *
   * @param future The task's future; adopted.
   * @param options The task's name.
   * @returns A handle to join, abort or detach it.
   * @throws {TypeError} If `future` is no future, or an option is unknown.
   * @throws {FutureMovedError} If a living owner holds it.
   */
  spawn<T>(future: Future<T>, options?: SpawnOptions): JoinHandle<T> {
    return this.#core.spawn(future, spawnName(options));
  }

  /**
   * Looks at all tasks: who lives, in what state, and what it waits for. A look
   * that goes on is `observe(options, executor)` of `./observe`.
   *
   * @returns What was seen; it does not change any more.
   */
  snapshot(): Snapshot {
    return snapshotOf(this.#core);
  }

  /**
   * Aborts all tasks, those included that are spawned by what this drops. Tasks
   * spawned later run as ever.
   */
  [Symbol.dispose](): void {
    this.#core.abortAll();
  }
}

/** Has `console.log` say how many tasks and timers there are. */
function showInConsole({ prototype }: typeof Executor): void {
  Object.defineProperty(prototype, inspectKey, {
    configurable: true,
    value(this: Executor): string {
      return `Executor (${this.snapshot().summary})`;
    },
  });
}

/** The core of an executor, for the functions that take either that or none. */
export function coreBehind(executor: Executor): Core {
  return Executor["coreOf"](executor);
}
