import type { Task } from "./_task.ts";
import type { Lint } from "./observe/lint.ts";
import type { ExecutorMetrics, TaskMetrics } from "./observe/metrics.ts";

/**
 * Sees what a core does, as it does it. A core without one pays a comparison
 * for each of these places. None of them may throw.
 */
export interface Observer {
  /** A task was spawned; it is put in line next. */
  spawned(task: Task<unknown>): void;
  /** A task was put in line. */
  queued(task: Task<unknown>): void;
  /**
   * Is to run the task, with a context of its own if it likes; returns what
   * `Task.run` does: if the task was woken in its poll, it is in line again, and
   * `queued` is not called for that.
   */
  poll(task: Task<unknown>): boolean;
  /** A task has ended. */
  ended(task: Task<unknown>): void;
  /**
   * A turn is over: whether nothing is left in line, and whether the host must
   * have its turn before the next.
   */
  turned(idle: boolean, spent: boolean): void;

  /** Looks for what is ill; all that was found so far. */
  look(): readonly Lint[];
  /** What the core has done since it is observed; null if it does not count. */
  metrics(): ExecutorMetrics | null;
  /** What a live task has cost since then. */
  metricsOf(task: Task<unknown>): TaskMetrics | null;
}
