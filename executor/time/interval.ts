import { checkNames, type Names } from "../../future/_option_names.ts";
import type { Context } from "../../future/context.ts";
import { PolledAfterCompletionError } from "../../future/errors.ts";
import type { Future } from "../../future/future.ts";
import type { Inspection } from "../../future/inspection.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { Stream } from "../../future/stream/stream.ts";
import { checkMilliseconds } from "./_delay.ts";
import { AsyncTimer } from "./async_timer.ts";
import { now } from "./now.ts";
import { sleepUntil } from "./sleep.ts";

/**
 * What an {@linkcode Interval} does about ticks that were missed. Mirrors
 * `tokio::time::MissedTickBehavior`. With a period of 10, and nobody asking
 * between 15 and 47:
 *
 * | `missed`  | the ticks come at            |
 * | --------- | ---------------------------- |
 * | `"burst"` | 0, 10, 47, 47, 47, 50, 60, … |
 * | `"delay"` | 0, 10, 47, 57, 67, …         |
 * | `"skip"`  | 0, 10, 47, 50, 60, …         |
 */
export type MissedTicks = "burst" | "delay" | "skip";

/** How an {@linkcode Interval} ticks. All of it may be left out. */
export interface IntervalOptions {
  /**
   * What becomes of ticks that were missed: `"burst"`, the default, makes up for
   * them at once; `"delay"` counts anew from the late one; `"skip"` leaves them
   * out and keeps the rhythm.
   */
  missed?: MissedTicks;
  /**
   * When the first tick is due, as `now()` gives it: `now() + period` for one
   * that begins with a wait. By default it is due at the first poll.
   */
  start?: number;
}

/**
 * A tick that is so much late is not a missed one, and moves none of those after
 * it: hosts are never quite on time. It is tokio's figure.
 */
const TOLERANCE = 5;

const NAMES: Names<IntervalOptions> = { missed: true, start: true };

/**
 * Ticks without end: a stream whose items are the times at which the ticks were
 * due. Mirrors `tokio::time::Interval`.
 *
 * While nobody asks, nothing is armed: a missed tick costs nothing, and a
 * forgotten interval does not hold the process. Every tick lets the other tasks
 * that are ready run first, so that making up for many starves nobody.
 *
 * Cancel safety: loses its place: dropped, it leaves nothing behind. A `tick()` or
 * `next()` that is dropped is safe.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, take } from "@pollen/futures/stream";
 * import { Interval } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * const ticks = await run(collect(take(new Interval(2), 3)));
 * assertEquals(ticks.length, 3);
 * ```
 */
export class Interval extends Stream<number> {
  /** Milliseconds from tick to tick. */
  readonly period: number;
  /** What becomes of ticks that were missed. */
  readonly missed: MissedTicks;
  readonly #timer: AsyncTimer;
  /** When the next tick is due; null if that is when it comes. */
  #due: number | null;
  #at: "ticking" | "was dropped" = "ticking";

  /**
   * Makes an interval. Nothing runs before the first poll.
   *
   * @param period Milliseconds from tick to tick, more than 0.
   * @param options When it starts, and what it does about missed ticks.
   * @throws {TypeError} If a time is no number, `missed` no behavior, or an
   * option unknown.
   * @throws {RangeError} If `period` is not positive, or a time is NaN.
   */
  constructor(period: number, options: IntervalOptions = {}) {
    checkNames(options, NAMES);
    const { missed = "burst", start } = options;
    checkMilliseconds("period", period);
    if (start !== undefined) checkMilliseconds("start", start);
    if (!["burst", "delay", "skip"].includes(missed)) {
      throw new TypeError(
        `Cannot make an interval: missed must be "burst", "delay" or "skip", got ${
          String(missed)
        }`,
      );
    }
    super();
    this.period = period;
    this.missed = missed;
    this.#timer = start === undefined ? new AsyncTimer(0) : sleepUntil(start);
    this.#due = start ?? null;
  }

  /**
   * Waits for the next tick, as `next` does; there always is one.
   *
   * Cancel safety: safe: a tick that was not given out is the next one's.
   *
   * @returns A future of the time at which the tick was due.
   * @throws {FutureMovedError} At the first poll, if somebody holds the interval.
   *
   * @example Usage
   * ```ts
   * import { run } from "@pollen/futures/executor";
   * import { co } from "@pollen/futures/future";
   * import { interval } from "@pollen/futures/time";
   * import { assert } from "@std/assert";
   *
   * await run(co(function* () {
   *   using heartbeat = interval(2);
   *   const first = yield* heartbeat.tick();
   *   assert((yield* heartbeat.tick()) >= first + 2);
   * }));
   * ```
   */
  tick(): Future<number> {
    return this.next() as Future<number>; // it never ends
  }

  /**
   * Waits for the next tick.
   *
   * @throws {PolledAfterCompletionError} If the interval was dropped.
   */
  override pollNext(cx: Context): Poll<number> {
    this.#refuseDropped();
    if (this.#timer.poll(cx) === Pending) return Pending;
    const time = now();
    const due = this.#due ?? time;
    this.#due = this.#after(due, time);
    this.#timer.resetAt(this.#due);
    return due;
  }

  /** When the tick is due that follows one that was due then, and came now. */
  #after(due: number, time: number): number {
    const late = time - due;
    if (late <= Math.min(TOLERANCE, this.period)) return due + this.period;
    switch (this.missed) {
      case "burst":
        return due + this.period;
      case "delay":
        return time + this.period;
      case "skip":
        return time + this.period - late % this.period;
    }
  }

  /**
   * Starts counting anew. Who waits for a tick goes on waiting.
   *
   * @param delay Milliseconds until the next tick, the period by default. They
   * count from now, or from the first poll if there was none yet.
   * @throws {TypeError} If `delay` is no number.
   * @throws {RangeError} If `delay` is negative or NaN.
   * @throws {PolledAfterCompletionError} If the interval was dropped.
   *
   * @example Usage
   * ```ts
   * import { Executor } from "@pollen/futures/executor";
   * import { VirtualClock } from "@pollen/futures/testing";
   * import { interval } from "@pollen/futures/time";
   * import { assert, assertFalse } from "@std/assert";
   *
   * const clock = new VirtualClock();
   * using executor = new Executor({ host: clock });
   * using refresh = interval(60_000, { start: 60_000 });
   * const tick = executor.spawn(refresh.tick());
   * clock.advance(50_000);
   * refresh.reset(); // somebody else has just refreshed
   * clock.advance(50_000);
   * assertFalse(tick.isFinished);
   * clock.advance(10_000);
   * assert(tick.isFinished);
   * ```
   */
  reset(delay: number = this.period): void {
    this.#refuseDropped();
    this.#timer.reset(delay);
    this.#due = this.#timer.deadline ?? null;
  }

  #refuseDropped(): void {
    if (this.#at === "ticking") return;
    throw new PolledAfterCompletionError("Interval", this.#at);
  }

  /** Says when the next tick is due. */
  override inspect(): Inspection {
    return this.#timer.inspect();
  }

  /** Takes the timer off the wheel. */
  override [Symbol.dispose](): void {
    this.#at = "was dropped";
    this.#timer[Symbol.dispose]();
  }
}

/**
 * Ticks without end, a period apart: a stream, and `tick()` for sequential code.
 * The first tick comes at the first poll, the later ones a period after it, be
 * the consumer quick or slow; `options` tell what becomes of ticks that it
 * misses. Mirrors `tokio::time::interval` and `interval_at`.
 *
 * Cancel safety: loses its place: dropped, it leaves nothing behind. A `tick()`
 * that is dropped is safe.
 *
 * @param period Milliseconds from tick to tick, more than 0.
 * @param options When it starts, and what it does about missed ticks.
 * @returns The interval.
 * @throws {TypeError} If a time is no number, `missed` no behavior, or an
 * option unknown.
 * @throws {RangeError} If `period` is not positive, or a time is NaN.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { co } from "@pollen/futures/future";
 * import { interval, now } from "@pollen/futures/time";
 *
 * await run(co(function* () {
 *   using beat = interval(5, { missed: "skip", start: now() + 5 });
 *   for (let i = 0; i < 3; i++) {
 *     yield* beat.tick();
 *     // whatever takes its time
 *   }
 * }));
 * ```
 */
export function interval(
  period: number,
  options: IntervalOptions = {},
): Interval {
  return new Interval(period, options);
}
