import type { Waker } from "../../future/waker.ts";
import type { Core } from "../_core.ts";
import { TimerWheel } from "./_wheel.ts";
import type { AsyncTimer } from "./async_timer.ts";

/** Hosts fire a timer of 2^31 ms or more at once; longer waits are chunked. */
const LONGEST_HOST_DELAY = 2 ** 31 - 1;

/** How many delays begin to count at one reading of the clock, at most. */
const BATCH = 256;

/**
 * All timers of an executor over one timer of the host.
 *
 * Arming and cancelling touch the wheel alone. The host's timer is set when the
 * executor comes to rest (`settle`): a deadline that is armed and cancelled
 * within a turn does not reach the host, unless it was the soonest of several.
 * One that is cancelled later leaves the host's timer to fire in vain, which is
 * cheaper than to move it. Only the last one to go takes it along, so that
 * nothing holds the process.
 *
 * To read the clock costs as much as all the rest of arming a timer. So the
 * delays that are armed or reset in a turn are put by, and begin to count
 * together: at the end of the turn, or after `BATCH` of them. That is a little
 * later than when they were asked for, never sooner, and before the host could
 * have fired them: a timer is never early, and a poll that takes long uses up
 * nobody's delay. What is put by names its timer by row and sequence number; it
 * is void when the timer was cancelled or reset meanwhile.
 */
export class Timers {
  readonly #core: Core;
  readonly #wakerOf: (timer: AsyncTimer) => Waker;
  readonly #wheel: TimerWheel<AsyncTimer>;
  /** No timer on the wheel is due before this. */
  #soonest = Infinity;
  #hostTimer: { due: number; timer: unknown } | null = null;
  #isHeld = true;

  // The delays put by: typed arrays that are used again, so nothing is allocated.
  #waiting = 0;
  readonly #rows = new Float64Array(BATCH);
  readonly #sequences = new Float64Array(BATCH);
  readonly #delays = new Float64Array(BATCH);

  /** @param wakerOf Tells whom a timer wakes, which is nobody else's business. */
  constructor(core: Core, wakerOf: (timer: AsyncTimer) => Waker) {
    this.#core = core;
    this.#wakerOf = wakerOf;
    this.#wheel = new TimerWheel(this.now());
  }

  /** How many timers are armed. */
  get size(): number {
    return this.#wheel.count;
  }

  now(): number {
    return this.#core.host.now();
  }

  /** Arms a timer for a moment; its row. `Infinity` never comes. */
  arm(deadline: number, timer: AsyncTimer): number {
    const row = this.#wheel.insert(deadline, timer);
    this.#hasten(deadline);
    return row;
  }

  /** Arms a timer for a delay; its row. */
  start(delay: number, timer: AsyncTimer): number {
    const row = this.#wheel.take(timer);
    this.#putBy(row, delay);
    return row;
  }

  /** Moves an armed timer to another moment. */
  rearm(row: number, deadline: number): void {
    this.#wheel.move(row, deadline);
    if (this.#wheel.size === 0) this.#stop();
    else this.#hasten(deadline);
  }

  /** Gives an armed timer a delay that begins to count anew. */
  restart(row: number, delay: number): void {
    this.#wheel.renew(row);
    this.#putBy(row, delay);
  }

  #putBy(row: number, delay: number): void {
    const at = this.#waiting++;
    this.#rows[at] = row;
    this.#sequences[at] = this.#wheel.sequenceOf(row);
    this.#delays[at] = delay;
    if (at === 0) this.#core.schedule();
    else if (at === BATCH - 1) this.#count(this.now());
  }

  /** Lets the delays that were put by count from now on. */
  #count(now: number): void {
    const wheel = this.#wheel;
    for (let at = 0; at < this.#waiting; at++) {
      const row = this.#rows[at]!;
      if (wheel.sequenceOf(row) !== this.#sequences[at]) continue;
      const deadline = now + this.#delays[at]!;
      wheel.set(row, deadline);
      if (deadline < this.#soonest) this.#soonest = deadline;
    }
    this.#waiting = 0;
  }

  #hasten(deadline: number): void {
    if (deadline >= this.#soonest) return;
    this.#soonest = deadline;
    this.#core.schedule();
  }

  /** Whether a timer is armed still, in the row that it was given. */
  holds(row: number, timer: AsyncTimer): boolean {
    return this.#wheel.valueOf(row) === timer;
  }

  /** When an armed timer is due. */
  deadlineOf(row: number): number {
    if (this.#waiting > 0) this.#count(this.now());
    return this.#wheel.deadlineOf(row);
  }

  /** Cancels an armed timer. */
  disarm(row: number): void {
    const wheel = this.#wheel;
    wheel.remove(row);
    if (wheel.size === 0) this.#stop();
  }

  /** Nothing is left on the wheel that will fire. */
  #stop(): void {
    this.#soonest = Infinity;
    if (this.#hostTimer !== null) this.#core.schedule();
  }

  /**
   * Brings the host's timer in line; called when the executor rests.
   *
   * @param holds Whether it shall keep the process alive.
   */
  settle(holds: boolean): void {
    const before = this.#hostTimer;
    this.#settle();
    const set = this.#hostTimer;
    // The host holds the process for each timer, until it is told otherwise.
    const isHeld = set === before ? this.#isHeld : true;
    if (set !== null && isHeld !== holds) {
      this.#core.host.hold?.(set.timer, holds);
    }
    this.#isHeld = holds;
  }

  #settle(): void {
    const wheel = this.#wheel;
    let now: number | undefined;
    if (this.#waiting > 0) this.#count(now = this.now());
    const set = this.#hostTimer;
    if (wheel.size === 0) {
      this.#soonest = Infinity;
      if (set === null) return;
      this.#hostTimer = null;
      this.#core.host.clearTimer(set.timer);
    } else if (set === null || this.#soonest < set.due) {
      if (set !== null) this.#core.host.clearTimer(set.timer);
      now ??= this.now();
      const delay = Math.min(
        Math.max(0, this.#soonest - now),
        LONGEST_HOST_DELAY,
      );
      this.#hostTimer = {
        due: now + delay,
        timer: this.#core.host.setTimer(delay, this.#fire),
      };
    }
  }

  #fire = (): void => {
    this.#hostTimer = null;
    this.#core.hostHadTurn();
    const wheel = this.#wheel;
    const now = this.now();
    if (this.#waiting > 0) this.#count(now);
    const due = wheel.advance(now);
    this.#soonest = wheel.next();
    this.#core.schedule();
    for (const timer of due) {
      try {
        this.#wakerOf(timer).wake();
      } catch (error) {
        this.#core.host.unhandled(error);
      }
    }
  };
}
