import type { Context } from "../../future/context.ts";
import { PolledAfterCompletionError } from "../../future/errors.ts";
import { Future } from "../../future/future.ts";
import type { Inspection } from "../../future/inspection.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { noopWaker, type Waker } from "../../future/waker.ts";
import type { Core } from "../_core.ts";
import { currentCore } from "../_current.ts";
import { checkMilliseconds } from "./_delay.ts";
import { Timers } from "./_timers.ts";

const NONE = -1;

/**
 * A future that completes at a time. `sleep(ms)` and `sleepUntil(deadline)`
 * make one too. Mirrors `tokio::time::Sleep`.
 *
 * A delay counts from the first poll, since a future does nothing before it, or
 * rather from the end of that turn of the executor: so a poll that takes long
 * uses up nobody's time. For a fixed moment use `sleepUntil`. The timer belongs to
 * the executor that polls it first. It never fires early, and as a rule less than
 * 2 ms late; a delay may be of any length, and `Infinity` never ends. A delay of 0
 * lets the other tasks that are ready run first, as `yieldNow` does.
 *
 * Cancel safety: loses its place: dropped, it leaves nothing behind, and one
 * made anew starts anew. Lend it with `pin` to keep its deadline.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { AsyncTimer } from "@pollen/futures/time";
 *
 * await run(new AsyncTimer(1));
 * ```
 *
 * @example A deadline that each packet puts off
 * ```ts
 * import { Executor } from "@pollen/futures/executor";
 * import { co, pin } from "@pollen/futures/future";
 * import { VirtualClock } from "@pollen/futures/testing";
 * import { AsyncTimer } from "@pollen/futures/time";
 * import { assert, assertFalse } from "@std/assert";
 *
 * const clock = new VirtualClock();
 * using executor = new Executor({ host: clock });
 * using idle = new AsyncTimer(30);
 * const watch = executor.spawn(pin(idle));
 * clock.advance(20);
 * idle.reset(30); // a packet came in
 * clock.advance(29);
 * assertFalse(watch.isFinished);
 * clock.advance(1);
 * assert(watch.isFinished);
 * ```
 */
export class AsyncTimer extends Future<void> {
  #state:
    | "delayed"
    | "fixed"
    | "due" // it was not worth arming
    | "armed"
    | "completed"
    | "was dropped" = "delayed";
  /** The delay while `delayed`, the deadline while `fixed`; of no use later. */
  #when: number;
  /** The timers of the executor that polled it first. */
  #timers: Timers | null = null;
  /** Where it stands on the wheel while armed, and whom it wakes. */
  #row = NONE;
  #waker: Waker = noopWaker;

  /**
   * Makes a timer. Nothing runs before the first poll.
   *
   * @param delay Milliseconds from the first poll on.
   * @throws {TypeError} If `delay` is no number.
   * @throws {RangeError} If `delay` is negative or NaN.
   */
  constructor(delay: number) {
    checkMilliseconds("delay", delay);
    super();
    this.#when = delay;
  }

  /** For `timerUntil` below alone: by brackets, past `private`. */
  private static until(deadline: number): AsyncTimer {
    const timer = new AsyncTimer(0);
    timer.#fix(deadline);
    return timer;
  }

  /**
   * The moment for which it is set, as `now()` gives it; undefined as long as a
   * delay has not begun to count, and once the time has come. Mirrors
   * `tokio::time::Sleep::deadline`.
   */
  get deadline(): number | undefined {
    if (this.#state === "fixed") return this.#when;
    return this.#isArmed() ? this.#timers!.deadlineOf(this.#row) : undefined;
  }

  /**
   * Waits for the time to come.
   *
   * @throws {PolledAfterCompletionError} If it has completed, and was not reset
   * since, or was dropped.
   */
  override poll(cx: Context): Poll<void> {
    switch (this.#state) {
      case "delayed":
      case "fixed":
        return this.#start(cx);
      case "armed":
        if (this.#isArmed()) {
          if (!this.#waker.willWake(cx.waker)) this.#waker = cx.waker;
          return Pending;
        }
        this.#end("completed");
        return;
      case "due":
        this.#end("completed");
        return;
      default:
        throw new PolledAfterCompletionError("AsyncTimer", this.#state);
    }
  }

  #start(cx: Context): Poll<void> {
    const timers = this.#timers ??= AsyncTimer.#timersOf(currentCore());
    const when = this.#when;
    const row = this.#state === "delayed"
      ? when > 0 ? timers.start(when, this) : NONE
      : when > timers.now()
      ? timers.arm(when, this)
      : NONE;
    if (row !== NONE) {
      this.#row = row;
      this.#waker = cx.waker;
      this.#state = "armed";
      return Pending;
    }
    // Nothing to wait for, but a loop of such timers must let others run.
    this.#state = "due";
    cx.waker.wake();
    return Pending;
  }

  /** The timers of an executor, made for the first of them. */
  static #timersOf(core: Core): Timers {
    return core.timers ??= new Timers(core, (timer) => timer.#waker);
  }

  /** Whether it stands on the wheel still: if not, it has fired. */
  #isArmed(): boolean {
    return this.#state === "armed" &&
      this.#timers!.holds(this.#row, this);
  }

  /**
   * Sets the timer anew: to `delay` milliseconds from now, or from the first
   * poll if there was none yet. Who waits for it goes on waiting. A timer that
   * has completed can be polled again afterwards. It costs a few steps on the
   * wheel: no allocation, and no call to the host unless it comes sooner.
   *
   * @param delay Milliseconds from now, or rather from the end of the turn.
   * @throws {TypeError} If `delay` is no number.
   * @throws {RangeError} If `delay` is negative or NaN.
   * @throws {PolledAfterCompletionError} If the timer was dropped.
   */
  reset(delay: number): void {
    checkMilliseconds("delay", delay);
    this.#refuseDropped();
    if (this.#isArmed()) {
      this.#timers!.restart(this.#row, delay);
    } else if (this.#timers === null) {
      this.#state = "delayed";
      this.#when = delay;
    } else {
      this.#fix(this.#timers.now() + delay);
    }
  }

  /**
   * Sets the timer anew, as `reset` does, to a moment rather than a delay.
   * Mirrors `tokio::time::Sleep::reset`.
   *
   * @param deadline A time as `now()` gives it.
   * @throws {TypeError} If `deadline` is no number.
   * @throws {RangeError} If `deadline` is NaN.
   * @throws {PolledAfterCompletionError} If the timer was dropped.
   */
  resetAt(deadline: number): void {
    checkMilliseconds("deadline", deadline);
    this.#refuseDropped();
    if (this.#isArmed()) {
      this.#timers!.rearm(this.#row, deadline);
    } else {
      this.#fix(deadline);
    }
  }

  #refuseDropped(): void {
    if (this.#state === "was dropped") {
      throw new PolledAfterCompletionError("AsyncTimer", "was dropped");
    }
  }

  /** Completed, or fired and about to be polled: the next poll arms it. */
  #fix(deadline: number): void {
    this.#state = "fixed";
    this.#when = deadline;
  }

  /** Says how much time is left. */
  override inspect(): Inspection {
    const state = this.#state;
    switch (state) {
      case "delayed":
        return { waits: `${this.#when} ms, not started` };
      case "fixed":
        return { waits: "not started" };
      case "armed": {
        if (!this.#isArmed()) return { waits: "due" };
        const deadline = this.#timers!.deadlineOf(this.#row);
        const left = Math.ceil(deadline - this.#timers!.now());
        return { waits: `${Math.max(0, left)} ms left` };
      }
      default:
        return { waits: state };
    }
  }

  /** Takes the timer off the wheel. */
  override [Symbol.dispose](): void {
    if (this.#isArmed()) this.#timers!.disarm(this.#row);
    this.#end("was dropped");
  }

  #end(how: "completed" | "was dropped"): void {
    this.#state = how;
    this.#waker = noopWaker; // it may hold a task
  }
}

/** A timer for a moment rather than a delay. */
export function timerUntil(deadline: number): AsyncTimer {
  return AsyncTimer["until"](deadline);
}
