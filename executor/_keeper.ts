import type { Task } from "./_task.ts";

/**
 * What keeps a task besides the handle: a set, a scope. It learns of the task's
 * failure, so that nobody else need join it.
 */
export interface Keeper {
  /**
   * The future has thrown while it was dropped; `ended` follows. Whether the
   * keeper will pass that on: if not, it is the executor's to report.
   */
  dropFailed(error: unknown): boolean;
  /** The task has completed, failed or been aborted, and its future is gone. */
  ended(task: Task<unknown>): void;
}

/** Whoever joins it keeps it, too: then nobody else need learn of its failure. */
export const joins: Keeper = { dropFailed: () => false, ended() {} };
