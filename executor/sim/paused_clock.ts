import { checkNames } from "../../future/_option_names.ts";
import { isOutsideBusy, whenOutsideIdle } from "../../future/_outside.ts";
import { platformHost } from "../_host.ts";
import type { Host } from "../host.ts";

/**
 * A host whose time stands still while anything is going on, and jumps to the
 * next timer when nothing is: hours pass in milliseconds, and no timeout fires
 * because the machine was slow. All else is the platform's: sockets and promises
 * work as ever. Mirrors `tokio::time::pause`, with auto-advance.
 *
 * It jumps when no task is ready, **and** no work outside is under way: neither
 * I/O of `./net`, dropped or not, nor a promise that a `fromPromise` was given as
 * a function and that is still wanted. (tokio jumps during I/O, and a timeout then
 * beats an answer that is on its way.) So a read that nobody will ever answer, or
 * an `accept`, stops the clock for as long as it lasts. What the library cannot
 * see does not stop it: a promise of your own, or one that `fromPromise` was given
 * ready-made, for that may well be waiting for the clock itself.
 *
 * For tests that drive each step by hand, there is {@linkcode VirtualClock}.
 *
 * @example Usage
 * ```ts
 * import { Executor } from "@pollen/futures/executor";
 * import { PausedClock } from "@pollen/futures/testing";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new PausedClock();
 * using executor = new Executor({ host: clock });
 * await executor.run(sleep(3_600_000)); // at once
 * assertEquals(clock.now(), 3_600_000);
 * ```
 */
export class PausedClock implements Host {
  readonly #host: Host;
  #now: number;
  readonly #timers = new Set<{ due: number; callback: () => void }>();
  /** Turns that were asked for and have not been had. */
  #turns = 0;
  /** Whether it will look if all is at rest. */
  #look: "none" | "coming" | "when outside work is done" = "none";

  /**
   * Makes a clock that stands still until it is needed.
   *
   * @param options `now`, where it starts, 0 by default; `host`, of which it takes
   * all but the time, the platform by default.
   */
  constructor(options: { now?: number; host?: Host } = {}) {
    checkNames(options, { now: true, host: true });
    this.#now = options.now ?? 0;
    this.#host = options.host ?? platformHost;
  }

  /** The time: it moves only from timer to timer. */
  now(): number {
    return this.#now;
  }

  /** Calls back before the platform does anything else. */
  microtask(callback: () => void): void {
    this.#turns++;
    this.#host.microtask(() => this.#turn(callback));
  }

  /** Calls back after the platform has had a turn. */
  macrotask(callback: () => void): void {
    this.#turns++;
    this.#host.macrotask(() => this.#turn(callback));
  }

  #turn(callback: () => void): void {
    this.#turns--;
    try {
      callback();
    } finally {
      this.#lookLater();
    }
  }

  /** Remembers a callback for when its time is the next to come. */
  setTimer(delay: number, callback: () => void): unknown {
    const timer = { due: this.#now + delay, callback };
    this.#timers.add(timer);
    this.#lookLater();
    return timer;
  }

  /** Forgets a callback. */
  clearTimer(timer: unknown): void {
    this.#timers.delete(timer as { due: number; callback: () => void });
  }

  /** A number in [0, 1), as the host's. */
  random(): number {
    return this.#host.random();
  }

  /** Reports an error as the host does. */
  unhandled(error: unknown): void {
    this.#host.unhandled(error);
  }

  /** Looks after a turn of the platform: what it completes comes first. */
  #lookLater(): void {
    if (this.#look !== "none" || this.#timers.size === 0) return;
    this.#look = "coming";
    this.#host.macrotask(this.#lookNow);
  }

  #lookNow = (): void => {
    this.#look = "none";
    if (this.#turns > 0) return; // the last of them will look again
    if (isOutsideBusy()) {
      this.#look = "when outside work is done";
      whenOutsideIdle(() => {
        this.#look = "none";
        this.#lookLater();
      });
      return;
    }
    this.#jump();
  };

  #jump(): void {
    let soonest: { due: number; callback: () => void } | undefined;
    for (const timer of this.#timers) {
      if (soonest === undefined || timer.due < soonest.due) soonest = timer;
    }
    if (soonest === undefined) return;
    this.#timers.delete(soonest);
    this.#now = Math.max(this.#now, soonest.due);
    soonest.callback();
    this.#lookLater();
  }
}
