import type { Context } from "../../future/context.ts";
import { Pending } from "../../future/poll.ts";
import { noopWaker } from "../../future/waker.ts";
import { AsyncTimer } from "../../executor/time/async_timer.ts";
import type { Moment } from "./_moment.ts";

const NOBODY: Context = { waker: noopWaker };

/** Which deadline passed, and how long it was. */
export interface Passed {
  readonly deadline: string;
  readonly ms: number;
}

/**
 * The deadlines of a request: that of the phase it is in, and that of the
 * whole. Both stand behind one timer. Entering a phase moves a number and
 * leaves the timer alone: it is moved when it fires before its time, or stands
 * later than what it should fire at, so that a request with eight phases
 * arms it once.
 */
export class DeadlineTimer {
  readonly #moment: Moment;
  readonly #totalMs: number;
  readonly #totalEnd: number;
  #phase = "";
  #phaseMs = Infinity;
  #phaseEnd = Infinity;
  #timer: AsyncTimer | null = null;
  /** When the timer fires; `Infinity` if it is not armed. */
  #armedFor = Infinity;

  /** @param total Milliseconds for the whole, from this moment on. */
  constructor(moment: Moment, total: number) {
    this.#moment = moment;
    this.#totalMs = total;
    this.#totalEnd = moment.time + total;
  }

  /** Enters a phase that may take `ms` from this moment on. */
  enter(phase: string, ms: number): void {
    this.#phase = phase;
    this.#phaseMs = ms;
    this.#phaseEnd = this.#moment.time + ms;
  }

  /** No phase is going on. */
  leave(): void {
    this.#phaseMs = Infinity;
    this.#phaseEnd = Infinity;
  }

  /**
   * Nobody waits now. Whoever did is not held on to: he may have a response in
   * his hands that is to be forgotten.
   */
  rest(): void {
    this.leave();
    if (this.#armedFor === Infinity) return;
    if (this.#timer!.poll(NOBODY) !== Pending) this.#armedFor = Infinity;
  }

  /** Waits for a deadline to pass; call it after all else was pending. */
  poll(cx: Context): Passed | typeof Pending {
    for (;;) {
      const end = Math.min(this.#phaseEnd, this.#totalEnd);
      if (this.#armedFor > end) this.#arm(end);
      const timer = this.#timer;
      if (timer === null || this.#armedFor === Infinity) return Pending;
      if (timer.poll(cx) === Pending) return Pending;
      this.#armedFor = Infinity;
      if (this.#moment.tick() >= end) return this.#passed();
    }
  }

  #arm(end: number): void {
    const delay = Math.max(0, end - this.#moment.time);
    if (this.#timer === null) this.#timer = new AsyncTimer(delay);
    else this.#timer.reset(delay);
    this.#armedFor = end;
  }

  #passed(): Passed {
    return this.#totalEnd <= this.#phaseEnd
      ? { deadline: "total", ms: this.#totalMs }
      : { deadline: this.#phase, ms: this.#phaseMs };
  }

  /** Takes the timer off the wheel. */
  drop(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    this.#armedFor = Infinity;
    this.leave();
  }
}
