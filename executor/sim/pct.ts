import { checkNames } from "../../future/_option_names.ts";
import { assertCount } from "./_check.ts";
import type { Schedule, Scheduler } from "./schedule.ts";

/**
 * After so many times the choices of the longest run so far, priorities give way
 * to a random walk.
 */
const PATIENCE = 2;
/** The least number of choices to spread the changes over. */
const SHORTEST = 8;

/**
 * Probabilistic concurrency testing: S. Burckhardt, P. Kothari, M. Musuvathi,
 * S. Nagarakatte, "A Randomized Scheduler with Probabilistic Guarantees of
 * Finding Bugs", ASPLOS 2010.
 *
 * Each task gets a random priority, and the ready one of the highest priority
 * is polled; at `depth` - 1 random moments the task that is next falls behind
 * all others. A bug that takes `depth` ordering constraints to show is met in a
 * run with a probability of at least 1 / (n * k^(depth - 1)), with n tasks and k
 * choices; k is learnt from the runs before.
 *
 * Priorities are unfair: a task that yields until another one has done something
 * could do so for ever. So a run that is much longer than those before goes on
 * as a random walk, as Coyote does it.
 */
class Pct implements Scheduler {
  readonly #depth: number;
  #random: () => number = () => 0;
  /** The most choices that a run had so far. */
  #longest = SHORTEST;
  #choices = 0;
  /** By id; a higher number is a higher priority, those below 0 have fallen. */
  readonly #priorities: number[] = [];
  #fallen = 0;
  readonly #changes: number[] = [];

  constructor(depth: number) {
    this.#depth = depth;
  }

  next(random: () => number): boolean {
    this.#random = random;
    this.#longest = Math.max(this.#longest, this.#choices);
    this.#choices = 0;
    this.#priorities.length = 0;
    this.#fallen = 0;
    this.#changes.length = 0;
    for (let i = 1; i < this.#depth; i++) {
      this.#changes.push(Math.floor(random() * this.#longest));
    }
    return true;
  }

  choose(ready: readonly number[], count: number): number {
    const choice = this.#choices++;
    if (choice >= PATIENCE * this.#longest) {
      return Math.floor(this.#random() * count);
    }
    let best = this.#highest(ready, count);
    for (const change of this.#changes) {
      if (change !== choice) continue;
      this.#priorities[ready[best]!] = --this.#fallen;
      best = this.#highest(ready, count);
    }
    return best;
  }

  #highest(ready: readonly number[], count: number): number {
    let best = 0;
    for (let i = 1; i < count; i++) {
      if (this.#priority(ready[i]!) > this.#priority(ready[best]!)) best = i;
    }
    return best;
  }

  #priority(id: number): number {
    return this.#priorities[id] ??= this.#random();
  }
}

/**
 * Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): random
 * priorities, which change `depth` - 1 times in a run. It finds bugs that take
 * few coincidences, however long the runs are, with a probability that can be
 * stated.
 *
 * @param options `depth`: how many ordering constraints a bug may take, at
 * least 1, 3 by default. Most bugs take one or two.
 * @returns The schedule.
 * @throws {RangeError} If `depth` is no whole number of at least 1.
 *
 * @example Usage
 * ```ts
 * import { explore, pct } from "@pollen/futures/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const schedule = pct({ depth: 2 });
 * assertEquals(explore({ schedule, runs: 100 }, () => {}).runs, 100);
 * ```
 */
export function pct(options: { depth?: number } = {}): Schedule {
  checkNames(options, { depth: true });
  const depth = options.depth ?? 3;
  assertCount("make a PCT schedule", "depth", depth, 1);
  return {
    name: `pct({ depth: ${depth} })`,
    isSystematic: false,
    start: () => new Pct(depth),
  };
}
