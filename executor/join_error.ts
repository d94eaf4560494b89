import { CancelledError } from "../future/errors.ts";

/**
 * A task that was joined has no value: it failed, and `cause` is what it threw,
 * or it was aborted. Mirrors `tokio::task::JoinError`.
 *
 * @example Usage
 * ```ts
 * import { JoinError, run, spawn } from "@pollen/futures/executor";
 * import { lazy } from "@pollen/futures/future";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const task = spawn(
 *   lazy(() => {
 *     throw new RangeError("out of tea");
 *   }),
 *   { name: "kettle" },
 * );
 * const error = await assertRejects(() => run(task), JoinError, "out of tea");
 * assertEquals(error.taskName, "kettle");
 * assertEquals(error.isCancelled, false);
 * ```
 */
export class JoinError extends Error {
  /** The number of the task, unique within its executor. */
  readonly taskId: number;
  /** The name that the task was spawned with, if any. */
  readonly taskName: string | undefined;
  /** Where it was spawned, if its executor has `spawnSites`: `file:line:column`. */
  readonly taskSite: string | undefined;
  /** Whether the task was aborted, rather than failed. */
  readonly isCancelled: boolean;

  /**
   * Makes the error.
   *
   * @param task The task that has no value.
   * @param failure What it failed with; null if it was aborted.
   */
  constructor(
    task: {
      id: number;
      name?: string | undefined;
      site?: string | undefined;
    },
    failure: { error: unknown } | null,
  ) {
    const title = task.name === undefined
      ? `Task ${task.id}`
      : `Task ${task.id} "${task.name}"`;
    const place = task.site === undefined ? "" : ` (spawned at ${task.site})`;
    super(
      failure === null
        ? `${title}${place} was aborted`
        : `${title}${place} failed: ${messageOf(failure.error)}`,
      {
        cause: failure === null
          ? new CancelledError(`Cannot go on: ${title} was aborted`)
          : failure.error,
      },
    );
    this.name = "JoinError";
    this.taskId = task.id;
    this.taskName = task.name;
    this.taskSite = task.site;
    this.isCancelled = failure === null;
  }
}

function messageOf(error: unknown): string {
  try {
    if (!(error instanceof Error)) return String(error);
    return error.name === "Error"
      ? error.message
      : `${error.name}: ${error.message}`;
  } catch { // thrown by its toString, or it has none
    return typeof error;
  }
}
