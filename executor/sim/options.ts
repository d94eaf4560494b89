import { checkNames, type Names } from "../../future/_option_names.ts";
import { assertCount, assertProbability } from "./_check.ts";
import { random } from "./schedules.ts";
import type { Schedule } from "./schedule.ts";

/**
 * What happens to wakers, within the contract of `Future` but beyond the ways of
 * an executor in good health. Probabilities are numbers from 0 to 1.
 */
export interface WakerOptions {
  /**
   * Whether each poll has a waker of its own, and only that of the latest poll
   * wakes: true by default. It finds who keeps an old one.
   */
  fresh?: boolean;
  /** How probable it is that a task is polled without having been woken: 0. */
  spurious?: number;
  /** How probable it is that a wake arrives later: 0. */
  delayed?: number;
  /** How probable it is that a wake comes again, at once and later: 0. */
  duplicated?: number;
  /** How much later at most, in milliseconds: 0, which is in the same moment. */
  delay?: number;
  /** Whether wakers are called again after their task has ended: false. */
  late?: boolean;
  /**
   * Whether it is a leak if anybody calls a waker, or compares it with another,
   * whose task had ended before: who does has kept it, and with it all that the
   * task has held. `false` by default, since the contract allows it. With it,
   * each poll has a waker of its own.
   */
  ledger?: boolean;
}

/** How {@linkcode explore} explores. All of it may be left out. */
export interface ExploreOptions {
  /** In which orders tasks are polled: `random()` by default. */
  schedule?: Schedule;
  /**
   * How many runs at most: 1000 by default; without limit, if the schedule goes
   * through its orders one by one.
   */
  runs?: number;
  /** A whole number that all randomness follows from: 1 by default. */
  seed?: number;
  /** What happens to wakers besides: nothing by default, `fresh` included. */
  wakers?: WakerOptions;
  /**
   * How many polls and events a run may have: 100,000 by default. A run with
   * more of them is taken for one without end.
   */
  steps?: number;
  /** How many ready answers a task may take in one poll, as in `Executor`. */
  taskBudget?: number;
  /** How many runs may be spent to simplify a failure: 500 by default. */
  shrink?: number;
  /** A failure to repeat, as `SimFailure.replay` gives it. */
  replay?: string;
}

const WAKERS: Names<WakerOptions> = {
  fresh: true,
  spurious: true,
  delayed: true,
  duplicated: true,
  delay: true,
  late: true,
  ledger: true,
};

/** What every exploration takes. */
export const EXPLORE: Names<ExploreOptions> = {
  schedule: true,
  runs: true,
  seed: true,
  wakers: true,
  steps: true,
  taskBudget: true,
  shrink: true,
  replay: true,
};

/** The options of a run, complete and checked. */
export interface Settings {
  readonly schedule: Schedule;
  readonly runs: number;
  readonly seed: number;
  readonly wakers: Required<WakerOptions> | null;
  readonly steps: number;
  readonly taskBudget: number;
  readonly shrink: number;
  readonly replay: string | null;
}

export function settingsOf(action: string, options: ExploreOptions): Settings {
  checkNames(options, EXPLORE);
  const schedule = options.schedule ?? random();
  const runs = options.runs ?? (schedule.isSystematic ? Infinity : 1000);
  const seed = options.seed ?? 1;
  const steps = options.steps ?? 100_000;
  const taskBudget = options.taskBudget ?? 128;
  const shrink = options.shrink ?? 500;
  assertCount(action, "runs", runs, 1);
  assertCount(action, "seed", seed, 0);
  assertCount(action, "steps", steps, 1);
  assertCount(action, "taskBudget", taskBudget, 1);
  assertCount(action, "shrink", shrink, 0);
  let wakers: Required<WakerOptions> | null = null;
  if (options.wakers !== undefined) {
    const given = options.wakers;
    checkNames(given, WAKERS, "wakers.");
    wakers = {
      fresh: given.fresh ?? true,
      spurious: given.spurious ?? 0,
      delayed: given.delayed ?? 0,
      duplicated: given.duplicated ?? 0,
      delay: given.delay ?? 0,
      late: given.late ?? false,
      ledger: given.ledger ?? false,
    };
    for (const name of ["spurious", "delayed", "duplicated"] as const) {
      assertProbability(action, `wakers.${name}`, wakers[name]);
    }
    if (wakers.spurious === 1) {
      throw new RangeError(
        `Cannot ${action}: wakers.spurious must be less than 1, or no run ends`,
      );
    }
    if (!(wakers.delay >= 0 && wakers.delay < Infinity)) {
      throw new RangeError(
        `Cannot ${action}: wakers.delay must be a number of milliseconds, got ${wakers.delay}`,
      );
    }
  }
  return {
    schedule,
    runs,
    seed,
    wakers,
    steps,
    taskBudget,
    shrink,
    replay: options.replay ?? null,
  };
}
