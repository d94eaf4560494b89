import type { Context } from "../../../future/context.ts";
import { Future } from "../../../future/future.ts";
import type { Inspection } from "../../../future/inspection.ts";
import { Pending, type Poll } from "../../../future/poll.ts";
import type { AsyncTimer } from "../../../executor/time/async_timer.ts";
import { sleepUntil } from "../../../executor/time/sleep.ts";

/**
 * Sweeps, again and again, each time at the time that the sweep before gave, and
 * ends when that was none. It is a background task: what it waits for holds no
 * process.
 */
export class Sweeper extends Future<void> {
  readonly #sweep: () => number;
  readonly #timer: AsyncTimer;
  #at: number;

  /**
   * @param at When to sweep first.
   * @param sweep Sweeps; when the next time is, or `Infinity`.
   */
  constructor(at: number, sweep: () => number) {
    super();
    this.#at = at;
    this.#sweep = sweep;
    this.#timer = sleepUntil(at);
  }

  /** Sweeps at this time, if that is sooner. */
  by(at: number): void {
    if (at >= this.#at) return;
    this.#at = at;
    this.#timer.resetAt(at);
  }

  override poll(cx: Context): Poll<void> {
    while (this.#timer.poll(cx) !== Pending) {
      this.#at = this.#sweep();
      if (this.#at === Infinity) return;
      this.#timer.resetAt(this.#at);
    }
    return Pending;
  }

  override inspect(): Inspection {
    return { name: "HttpClient: idle connections", children: [this.#timer] };
  }

  override [Symbol.dispose](): void {
    this.#at = Infinity;
    this.#timer[Symbol.dispose]();
  }
}
