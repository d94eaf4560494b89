import type { DropErrors } from "../future/_drop.ts";
import type { Context } from "../future/context.ts";
import type { Future } from "../future/future.ts";
import { Pending, type Poll } from "../future/poll.ts";
import type { AsyncTimer } from "./time/async_timer.ts";
import { sleep, sleepUntil } from "./time/sleep.ts";
import { TimeoutError } from "./time/timeout_error.ts";

/**
 * What ends a scope before its time: a delay, a moment, a cancellation. Given a
 * new limit of time, the timer that there is is set anew, which costs next to
 * nothing: a scope may be given one for each packet.
 */
export class ScopeLimits {
  #timeout: AsyncTimer | null = null;
  #deadline: AsyncTimer | null = null;
  #cancelled: Future<unknown> | null;
  /** The delay that was given last. */
  #delay = 0;

  constructor(cancelled: Future<unknown> | null) {
    this.#cancelled = cancelled;
  }

  /** When time is up; undefined as long as the delay does not count yet. */
  get deadline(): number | undefined {
    const moment = this.#deadline === null ? Infinity : this.#deadline.deadline;
    if (this.#timeout === null) return moment;
    const end = this.#timeout.deadline;
    return end === undefined ? end : Math.min(end, moment ?? end);
  }

  /** Sets a delay; whether it takes a poll for it to count. */
  giveTime(delay: number): boolean {
    this.#delay = delay;
    const isNew = this.#timeout === null;
    if (isNew) this.#timeout = sleep(delay);
    else this.#timeout!.reset(delay);
    return isNew;
  }

  /** Sets a moment; whether it takes a poll for it to count. */
  moveDeadline(deadline: number): boolean {
    const isNew = this.#deadline === null;
    if (isNew) this.#deadline = sleepUntil(deadline);
    else this.#deadline!.resetAt(deadline);
    return isNew;
  }

  /** The reason, once there is one: it is not polled again then. */
  poll(cx: Context): Poll<unknown> {
    if (this.#timeout !== null && this.#timeout.poll(cx) !== Pending) {
      return late(`within ${this.#delay} ms`);
    }
    if (this.#deadline !== null && this.#deadline.poll(cx) !== Pending) {
      return late("by its deadline");
    }
    return this.#cancelled === null ? Pending : this.#cancelled.poll(cx);
  }

  drop(errors: DropErrors): void {
    this.#timeout?.[Symbol.dispose]();
    this.#deadline?.[Symbol.dispose]();
    const cancelled = this.#cancelled;
    if (cancelled !== null) errors.collect(() => cancelled[Symbol.dispose]());
  }
}

function late(limit: string): TimeoutError {
  return new TimeoutError(
    `Cannot wait any longer: the scope was not done ${limit}`,
  );
}
