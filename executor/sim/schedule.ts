/**
 * How an exploration orders the polls of ready tasks: {@linkcode fifo},
 * {@linkcode random}, {@linkcode pct}, {@linkcode dfs}, or one of your own.
 *
 * Whenever more than one thing can happen next, the simulation asks. What can
 * happen is that one of the ready tasks is polled; or that something from
 * outside, which is due by now, happens before any of them, a message from the
 * network for example. The answers of a run, in order, are all that has to be
 * known to repeat it.
 *
 * @example Last come, first served
 * ```ts
 * import { explore, type Schedule } from "@pollen/futures/testing";
 * import { co } from "@pollen/futures/future";
 * import { yieldNow } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const lifo: Schedule = {
 *   name: "lifo",
 *   isSystematic: false,
 *   start: () => ({
 *     next: () => true,
 *     choose: (_ready, count) => count - 1,
 *   }),
 * };
 * const log: string[] = [];
 * explore({ schedule: lifo, runs: 1 }, (sim) => {
 *   for (const name of ["a", "b"]) {
 *     sim.spawn(co(function* () {
 *       log.push(name);
 *       yield* yieldNow();
 *       log.push(name);
 *     }));
 *   }
 * });
 * assertEquals(log, ["b", "b", "a", "a"]);
 * ```
 */
export interface Schedule {
  /** What it is called in failures, as one would write it. */
  readonly name: string;
  /**
   * Whether it goes through its schedules one by one and comes to an end: then
   * each run has the same randomness, and their number is not limited.
   */
  readonly isSystematic: boolean;
  /** Starts an exploration. */
  start(): Scheduler;
}

/** A {@linkcode Schedule} at work in one exploration. */
export interface Scheduler {
  /**
   * Prepares for the next run.
   *
   * @param random Numbers in [0, 1) for this run; they follow from its seed.
   * @returns `false` if there is nothing left to try.
   */
  next(random: () => number): boolean;
  /**
   * Chooses what happens next.
   *
   * @param ready The ids of the ready tasks, longest waiting first; a task has
   * the same id in each run. If 0 comes last, it stands for the outside.
   * @param count How many there are, at least 2: `ready` may be longer.
   * @returns A place in `ready`, from 0 to `count` - 1.
   */
  choose(ready: readonly number[], count: number): number;
}
