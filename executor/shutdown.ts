import { checkNames, type Names } from "../future/_option_names.ts";
import { DropErrors } from "../future/_drop.ts";
import type { Context } from "../future/context.ts";
import {
  CancelledError,
  PolledAfterCompletionError,
} from "../future/errors.ts";
import { Future, nameOf } from "../future/future.ts";
import type { Inspection } from "../future/inspection.ts";
import { Pending, type Poll } from "../future/poll.ts";
import type { Waker } from "../future/waker.ts";
import { CancellationToken } from "./cancellation_token.ts";
import type { Core } from "./_core.ts";
import { currentCore } from "./_current.ts";
import { TaskTracker } from "./task_tracker.ts";
import { sleep } from "./time/sleep.ts";

/** What {@linkcode shutdown} heeds. All of it may be left out. */
export interface ShutdownOptions {
  /** Which signals begin it: `SIGINT` and `SIGTERM` by default. */
  signals?: readonly string[];
  /** How many milliseconds the tasks have to end: 10,000 by default. */
  grace?: number;
  /** What tells the tasks to stop; made if left out. */
  token?: CancellationToken;
  /** Whose tasks are waited for; made if left out. */
  tracker?: TaskTracker;
}

const NAMES: Names<ShutdownOptions> = {
  signals: true,
  grace: true,
  token: true,
  tracker: true,
};

/** How a {@linkcode shutdown} went. */
export interface ShutdownReport {
  /** The signal that began it; null if the token was cancelled by others. */
  signal: string | null;
  /** All tasks have ended, or time was up, or a further signal came. */
  outcome: "drained" | "timed out" | "forced";
  /** How many tracked tasks have not ended. */
  left: number;
}

/**
 * A graceful end of the process, as {@linkcode shutdown} of this module makes
 * it.
 *
 * Cancel safety: safe: dropped, it stops listening. What was cancelled stays so.
 *
 *         poll           a signal, or the token       all ended
 *   new --------> ready ---------------------> draining ---------> completed
 *                                                 | grace over      ^
 *                                                 | further signal  |
 *                                                 +-----------------+
 */
export class Shutdown extends Future<ShutdownReport> {
  /** What tells the tasks to stop. */
  readonly token: CancellationToken;
  /** Whose tasks are waited for. */
  readonly tracker: TaskTracker;
  readonly #names: readonly string[];
  readonly #grace: Future<void>;
  readonly #cancelled: Future<unknown>;
  readonly #drained: Future<void>;
  #at: "new" | "ready" | "draining" | "completed" | "failed" | "was dropped" =
    "new";
  #waker: Waker | null = null;
  /** The signals that came. */
  readonly #came: string[] = [];
  /** How many of them had come when the draining began. */
  #first = 0;
  readonly #listeners: (() => void)[] = [];

  /**
   * Makes a shutdown that listens from its first poll on.
   *
   * @param options Signals, grace, token and tracker.
   * @throws {TypeError} If an option is of the wrong kind, or unknown.
   * @throws {RangeError} If `grace` is negative or NaN.
   */
  constructor(options: ShutdownOptions = {}) {
    checkNames(options, NAMES);
    const { signals = ["SIGINT", "SIGTERM"] } = options;
    if (!Array.isArray(signals)) {
      throw new TypeError(
        `Cannot shut down: signals must be an array, got ${nameOf(signals)}`,
      );
    }
    super();
    this.#names = [...signals];
    this.#grace = sleep(options.grace ?? 10_000);
    this.token = options.token ?? new CancellationToken();
    this.tracker = options.tracker ?? new TaskTracker();
    this.#cancelled = this.token.cancelled();
    this.#drained = this.tracker.wait();
  }

  /**
   * Waits for the signal, and then for the tasks.
   *
   * @throws {TypeError} If the host has no signals, or not this one.
   * @throws {PolledAfterCompletionError} If it has completed, failed or was
   * dropped.
   */
  override poll(cx: Context): Poll<ShutdownReport> {
    this.#waker = cx.waker;
    for (;;) {
      switch (this.#at) {
        case "new":
          this.#listen(currentCore());
          continue;
        case "ready":
          if (
            this.#came.length === 0 && this.#cancelled.poll(cx) === Pending
          ) return Pending;
          this.#begin(currentCore());
          continue;
        case "draining": {
          const outcome = this.#pollOutcome(cx);
          if (outcome === Pending) return Pending;
          this.#end("completed");
          return {
            signal: this.#first === 0 ? null : this.#came[0]!,
            outcome,
            left: this.tracker.size,
          };
        }
        default:
          throw new PolledAfterCompletionError("shutdown", this.#at);
      }
    }
  }

  #listen(core: Core): void {
    const { host } = core;
    try {
      if (host.onSignal === undefined) {
        throw new TypeError("Cannot listen for signals: the host has none");
      }
      for (const name of this.#names) {
        this.#listeners.push(host.onSignal(name, () => {
          this.#came.push(name);
          if (this.#waker !== null) core.wake(this.#waker);
        }));
      }
    } catch (error) {
      this.#end("failed");
      throw error;
    }
    this.#at = "ready";
  }

  #begin(core: Core): void {
    this.#at = "draining";
    this.#first = Math.min(this.#came.length, 1);
    const errors = new DropErrors();
    errors.collect(() =>
      this.token.cancel(
        new CancelledError(`Cannot go on: the process got ${this.#came[0]}`),
      )
    );
    errors.collect(() => this.tracker.close());
    try {
      errors.rethrow();
    } catch (error) { // by wakers; the shutdown goes on
      core.host.unhandled(error);
    }
  }

  #pollOutcome(cx: Context): Poll<ShutdownReport["outcome"]> {
    if (this.#drained.poll(cx) !== Pending) return "drained";
    if (this.#came.length > this.#first) return "forced";
    if (this.#grace.poll(cx) !== Pending) return "timed out";
    return Pending;
  }

  #end(how: "completed" | "failed" | "was dropped"): void {
    this.#at = how;
    this.#waker = null;
    for (const stop of this.#listeners.splice(0)) stop();
    this.#grace[Symbol.dispose]();
    this.#cancelled[Symbol.dispose]();
    this.#drained[Symbol.dispose]();
  }

  /** Says how far it is. */
  override inspect(): Inspection {
    return {
      name: "shutdown",
      waits: this.#at === "draining"
        ? `for tasks: ${this.tracker.size}`
        : `for ${this.#names.join(" or ")}`,
    };
  }

  /** Stops listening: signals do again what they do by default. */
  override [Symbol.dispose](): void {
    switch (this.#at) {
      case "new":
      case "ready":
      case "draining":
        this.#end("was dropped");
    }
  }
}

/**
 * Ends a process gracefully: at the first signal it cancels a token, which tells
 * the tasks to stop, closes a tracker and waits until the tasks that it tracks
 * have ended. It waits no longer than the grace period, and a further signal
 * ends the waiting at once. Cancelling the token by other means begins it, too.
 *
 * Since listening takes a signal's default action away, the process is yours to
 * end: see the example. It listens from its first poll until it has ended. In
 * Deno listening needs no permission, and does not hold the process.
 *
 * Cancel safety: safe: dropped, it stops listening. What was cancelled stays so.
 *
 * @param options Signals, grace, token and tracker.
 * @returns A future that says how it went; it has the token and the tracker.
 * @throws {TypeError} If an option is of the wrong kind, or unknown.
 * @throws {RangeError} If `grace` is negative or NaN.
 *
 * @example A server's main function
 * ```ts ignore
 * import { run, shutdown } from "@pollen/futures/executor";
 *
 * const end = shutdown({ grace: 5_000 });
 * startServer(end.token, end.tracker); // spawns into the tracker, heeds the token
 * const { signal, outcome, left } = await run(end);
 * console.error(`${signal}: ${outcome}, ${left} tasks left`);
 * Deno.exit(outcome === "drained" ? 0 : 1);
 * ```
 *
 * @example Begun by the program itself
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run, shutdown } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const end = shutdown({ grace: 5_000 });
 * await run(co(function* () {
 *   end.tracker.spawn(end.token.cancelled()).detach();
 *   end.token.cancel();
 *   assertEquals(yield* end, { signal: null, outcome: "drained", left: 0 });
 * }));
 * ```
 */
export function shutdown(options: ShutdownOptions = {}): Shutdown {
  return new Shutdown(options);
}
