import { checkNames } from "../../future/_option_names.ts";
import { assertCount } from "./_check.ts";
import type { Schedule, Scheduler } from "./schedule.ts";

/**
 * Depth first over the tree of choices, by running the whole program again for
 * each leaf: nothing has to be saved and restored, which JavaScript could not.
 * A run repeats the choices before the last that has an alternative left, takes
 * that alternative, and from there on the first of each.
 */
class Dfs implements Scheduler {
  readonly #most: number;
  // By depth: the choice, among how many, and the preemptions before it.
  readonly #path: number[] = [];
  readonly #widths: number[] = [];
  readonly #used: number[] = [];
  #length = 0;
  #depth = 0;
  #isNew = true;

  constructor(most: number) {
    this.#most = most;
  }

  next(): boolean {
    if (this.#depth < this.#length) {
      throw new Error(
        `Cannot explore depth first: a run had ${this.#depth} choices that had at least ${this.#length} before; the body is not deterministic`,
      );
    }
    this.#depth = 0;
    if (this.#isNew) {
      this.#isNew = false;
      return true;
    }
    for (let at = this.#length - 1; at >= 0; at--) {
      const choice = this.#path[at]! + 1;
      if (choice >= this.#widths[at]! || this.#used[at]! >= this.#most) {
        continue;
      }
      this.#path[at] = choice;
      this.#length = at + 1;
      return true;
    }
    return false;
  }

  choose(_ready: readonly number[], count: number): number {
    const at = this.#depth++;
    if (at < this.#length) {
      if (this.#widths[at] === count) return this.#path[at]!;
      throw new Error(
        `Cannot explore depth first: choice ${at + 1} was among ${
          this.#widths[at]
        } before and is among ${count} now; the body is not deterministic`,
      );
    }
    this.#length = this.#depth;
    this.#path[at] = 0;
    this.#widths[at] = count;
    this.#used[at] = at === 0
      ? 0
      : this.#used[at - 1]! + (this.#path[at - 1] === 0 ? 0 : 1);
    return 0;
  }
}

/**
 * All schedules, depth first; or all with at most so many preemptions. Here a
 * preemption is to choose anything but the first in line. Most bugs need one or
 * two, and with a bound the number of schedules grows with a power of the run's
 * length instead of exponentially.
 *
 * The idea of a bound is that of M. Musuvathi and S. Qadeer, "Iterative Context
 * Bounding for Systematic Testing of Multithreaded Programs", PLDI 2007 (CHESS).
 * For tasks, which give way by themselves, what counts is the departure from the
 * executor's own order: M. Emmi, S. Qadeer, Z. Rakamarić, "Delay-Bounded
 * Scheduling", POPL 2011.
 *
 * Without a bound, a body that yields until another task has done something has
 * no end of schedules; with one it has.
 *
 * @param options `preemptions`: how many at most, without limit by default.
 * @returns The schedule.
 * @throws {RangeError} If `preemptions` is no whole number of at least 0.
 *
 * @example All orders of two tasks of two polls
 * ```ts
 * import { dfs, explore } from "@pollen/futures/testing";
 * import { yieldNow } from "@pollen/futures/executor";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const report = explore({ schedule: dfs() }, (sim) => {
 *   sim.spawn(yieldNow());
 *   sim.spawn(yieldNow());
 * });
 * assert(report.isExhaustive);
 * assertEquals(report.runs, 6);
 * ```
 */
export function dfs(options: { preemptions?: number } = {}): Schedule {
  checkNames(options, { preemptions: true });
  const most = options.preemptions ?? Infinity;
  assertCount("make a depth-first schedule", "preemptions", most, 0);
  return {
    name: most === Infinity ? "dfs()" : `dfs({ preemptions: ${most} })`,
    isSystematic: true,
    start: () => new Dfs(most),
  };
}
