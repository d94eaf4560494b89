import type { Waker } from "../../future/mod.ts";
import type { Host } from "../host.ts";
import { TimerWheel } from "./_wheel.ts";

/** Hosts fire a timer of 2^31 ms or more at once; longer waits are chunked. */
const LONGEST_HOST_DELAY = 2 ** 31 - 1;

/**
 * All timers of an executor over one timer of the host.
 *
 * Arming and cancelling touch the wheel alone. The host's timer is set when the
 * executor comes to rest (`settle`): a deadline that is armed and cancelled
 * within a turn does not reach the host, unless it was the soonest of several.
 * One that is cancelled later leaves the host's timer to fire in vain, which is
 * cheaper than to move it. Only the last one to go takes it along, so that
 * nothing holds the process.
 */
export class Timers {
  readonly #host: Host;
  readonly #requestSettle: () => void;
  readonly #beforeWakes: () => void;
  /** Made for the first timer: an executor without any needs none. */
  #wheel: TimerWheel<Waker> | null = null;
  /** No timer is due before this. */
  #soonest = Infinity;
  #hostTimer: { due: number; timer: unknown } | null = null;

  /**
   * @param requestSettle Asks for `settle` to be called soon.
   * @param beforeWakes Called when the host's timer has fired: a new turn.
   */
  constructor(host: Host, requestSettle: () => void, beforeWakes: () => void) {
    this.#host = host;
    this.#requestSettle = requestSettle;
    this.#beforeWakes = beforeWakes;
  }

  /** How many timers are armed. */
  get size(): number {
    return this.#wheel?.count ?? 0;
  }

  now(): number {
    return this.#host.now();
  }

  /** Arms a timer; its row. A deadline of `Infinity` never comes. */
  arm(deadline: number, waker: Waker): number {
    this.#wheel ??= new TimerWheel(this.#host.now());
    const row = this.#wheel.insert(deadline, waker);
    this.#hasten(deadline);
    return row;
  }

  /** Moves an armed timer to another deadline. */
  rearm(row: number, deadline: number): void {
    const wheel = this.#wheel!;
    wheel.move(row, deadline);
    if (wheel.size === 0) this.#stop();
    else this.#hasten(deadline);
  }

  #hasten(deadline: number): void {
    if (deadline >= this.#soonest) return;
    this.#soonest = deadline;
    this.#requestSettle();
  }

  /**
   * What tells the timer in a row from a later one in the same row: a timer is
   * armed as long as its row has the number that it had then.
   */
  sequenceOf(row: number): number {
    return this.#wheel!.sequenceOf(row);
  }

  /** Replaces the waker of an armed timer. */
  keep(row: number, waker: Waker): void {
    const wheel = this.#wheel!;
    if (!wheel.valueOf(row).willWake(waker)) wheel.setValue(row, waker);
  }

  /** Cancels an armed timer. */
  disarm(row: number): void {
    const wheel = this.#wheel!;
    wheel.remove(row);
    if (wheel.size === 0) this.#stop();
  }

  /** Nothing is left that will fire. */
  #stop(): void {
    this.#soonest = Infinity;
    if (this.#hostTimer !== null) this.#requestSettle();
  }

  /** Brings the host's timer in line; called when the executor rests. */
  settle(): void {
    if (this.#wheel === null) return;
    const set = this.#hostTimer;
    if (this.#wheel.size === 0) {
      if (set === null) return;
      this.#hostTimer = null;
      this.#host.clearTimer(set.timer);
    } else if (set === null || this.#soonest < set.due) {
      if (set !== null) this.#host.clearTimer(set.timer);
      const now = this.#host.now();
      const delay = Math.min(
        Math.max(0, this.#soonest - now),
        LONGEST_HOST_DELAY,
      );
      this.#hostTimer = {
        due: now + delay,
        timer: this.#host.setTimer(delay, this.#fire),
      };
    }
  }

  #fire = (): void => {
    this.#hostTimer = null;
    this.#beforeWakes();
    const wheel = this.#wheel!;
    const wakers = wheel.advance(this.#host.now());
    this.#soonest = wheel.next();
    this.#requestSettle();
    for (const waker of wakers) {
      try {
        waker.wake();
      } catch (error) {
        this.#host.unhandled(error);
      }
    }
  };
}
