import { checkNames } from "../../future/_option_names.ts";
import type { Host } from "../host.ts";

/** Turns without rest after which the tasks will hardly ever come to rest. */
const RESTLESS = 100_000;

/**
 * A host whose time is driven by hand. Nothing runs by itself: `advance` and
 * `settle` run everything that is due, there and then, so that a test needs no
 * waiting and has the same outcome each time. Mirrors tokio's paused clock.
 *
 * @example Usage
 * ```ts
 * import { Executor } from "@pollen/futures/executor";
 * import { VirtualClock } from "@pollen/futures/testing";
 * import { sleep } from "@pollen/futures/time";
 * import { assert, assertFalse } from "@std/assert";
 *
 * const clock = new VirtualClock();
 * using executor = new Executor({ host: clock });
 * const day = executor.spawn(sleep(86_400_000));
 * clock.advance(86_399_999);
 * assertFalse(day.isFinished);
 * clock.advance(1);
 * assert(day.isFinished);
 * ```
 */
export class VirtualClock implements Host {
  #now: number;
  #random: () => number;
  #microtasks: (() => void)[] = [];
  #macrotasks: (() => void)[] = [];
  #timers = new Set<{ due: number; callback: () => void }>();
  #errors: unknown[] = [];

  /**
   * Makes a clock that stands still.
   *
   * @param options `now`, where it starts, 0 by default; `seed`, a whole number
   * for {@linkcode VirtualClock.random}, 1 by default.
   */
  constructor(options: { now?: number; seed?: number } = {}) {
    checkNames(options, { now: true, seed: true });
    this.#now = options.now ?? 0;
    this.#random = generator(options.seed ?? 1);
  }

  /** The time: it moves only in `advance`. */
  now(): number {
    return this.#now;
  }

  /** Puts a callback in line, before all macrotasks. */
  microtask(callback: () => void): void {
    this.#microtasks.push(callback);
  }

  /** Puts a callback in line. */
  macrotask(callback: () => void): void {
    this.#macrotasks.push(callback);
  }

  /** Remembers a callback until the time has come. */
  setTimer(delay: number, callback: () => void): unknown {
    const timer = { due: this.#now + delay, callback };
    this.#timers.add(timer);
    return timer;
  }

  /** Forgets a callback. */
  clearTimer(timer: unknown): void {
    this.#timers.delete(timer as { due: number; callback: () => void });
  }

  /** A number in [0, 1): the same ones in the same order for the same seed. */
  random(): number {
    return this.#random();
  }

  /** Keeps an error for `advance` or `settle` to throw. */
  unhandled(error: unknown): void {
    this.#errors.push(error);
  }

  /**
   * Runs everything that is ready, without moving the time.
   *
   * @throws What was left unhandled: an error, or an `AggregateError` of
   * several. An `Error`, if the tasks never come to rest.
   */
  settle(): void {
    for (let turns = 0;; turns++) {
      const turn = this.#microtasks.shift() ?? this.#macrotasks.shift();
      if (turn === undefined) break;
      if (turns === RESTLESS) {
        throw new Error(
          `Cannot settle: tasks are still ready after ${RESTLESS} turns; do they wake themselves for ever?`,
        );
      }
      turn();
    }
    const errors = this.#errors.splice(0);
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) {
      throw new AggregateError(
        errors,
        `${errors.length} errors were left unhandled`,
      );
    }
  }

  /**
   * Lets time pass: from timer to timer, running all that is ready in between.
   *
   * @param ms Milliseconds, 0 or more; finite.
   * @throws {RangeError} If `ms` is anything else.
   * @throws What {@linkcode VirtualClock.settle} throws.
   */
  advance(ms: number): void {
    if (!(Number.isFinite(ms) && ms >= 0)) {
      throw new RangeError(`Cannot advance the clock: got ${ms} ms`);
    }
    const target = this.#now + ms;
    this.settle();
    for (;;) {
      const next = this.#soonest();
      if (next === undefined || next.due > target) break;
      this.#now = Math.max(this.#now, next.due);
      this.#timers.delete(next);
      next.callback();
      this.settle();
    }
    this.#now = target;
  }

  #soonest(): { due: number; callback: () => void } | undefined {
    let soonest: { due: number; callback: () => void } | undefined;
    for (const timer of this.#timers) {
      if (soonest === undefined || timer.due < soonest.due) soonest = timer;
    }
    return soonest;
  }
}

/** Mulberry32 (Tommy Ettinger, 2017): 32 bits of state are plenty for a test. */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
