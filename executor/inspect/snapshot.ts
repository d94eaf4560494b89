import type { Core } from "../_core.ts";
import type { Task, TaskState } from "../_task.ts";
import { headOf, treeOf } from "./_text.ts";
import { type WaitInfo, waitsOf } from "./_waits.ts";
import type { ExecutorMetrics, TaskMetrics } from "../observe/metrics.ts";

export type { WaitInfo };

/** Which task is meant. */
export interface TaskIdentity {
  /** Its number, unique within its executor, from 1. */
  id: number;
  /** The name that it was spawned with. */
  name: string | null;
  /** The task of the same executor that spawned it, which may have ended. */
  parentId: number | null;
  /** Where it was spawned, if the executor was made with `spawnSites`. */
  spawnedAt: string | null;
}

/** What is known of a task that has not ended. */
export interface TaskInfo extends TaskIdentity {
  /** In line for its poll, being polled right now, or waiting to be woken. */
  state: "ready" | "running" | "waiting";
  /** What its future waits for. */
  waitsFor: WaitInfo;
  /** What it has cost so far; null unless the executor is observed. */
  metrics: TaskMetrics | null;
}

/**
 * What an executor was doing at one moment: plain data, which does not change
 * any more and holds no task. Made by `snapshot` and `Executor.snapshot`.
 *
 * Taking one stops nothing. It asks each future by its method `inspect`, and
 * takes a few microseconds a task.
 *
 * @example As text
 * ```ts
 * import { Executor } from "@pollen/futures/executor";
 * import { co } from "@pollen/futures/future";
 * import { mpsc } from "@pollen/futures/sync";
 * import { timeout } from "@pollen/futures/time";
 * import { VirtualClock } from "@pollen/futures/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new VirtualClock();
 * using executor = new Executor({ host: clock });
 * const [, orders] = mpsc<string>(4);
 * const cook = co(function* cook() {
 *   yield* timeout(orders.recv(), 5000);
 * });
 * executor.spawn(cook, { name: "cook" });
 * clock.advance(1800);
 *
 * assertEquals(
 *   executor.snapshot().toString(),
 *   `1 task, 1 timer
 * task 1 "cook" waiting: co cook › timeout (3200 ms left) › Next › MpscReceiver (values: 0, senders: 1)`,
 * );
 * ```
 */
export class Snapshot {
  /** When it was taken, by the executor's clock. */
  readonly takenAtMs: number;
  /** The tasks that have not ended, the oldest first. */
  readonly tasks: readonly TaskInfo[];
  /** How many tasks there have been. */
  readonly tasksSpawned: number;
  /** How many timers are armed. */
  readonly timersArmed: number;
  /** What the executor has done so far; null unless it is observed. */
  readonly metrics: ExecutorMetrics | null;

  private constructor(core: Core) {
    const observer = core.observer;
    this.takenAtMs = core.host.now();
    const tasks: TaskInfo[] = [];
    for (let task = core.newest; task !== null; task = task.older) {
      tasks.push(infoOf(task, observer?.metricsOf(task) ?? null));
    }
    this.tasks = tasks.reverse();
    this.tasksSpawned = core.spawnedCount;
    this.timersArmed = core.timerCount;
    this.metrics = observer?.metrics() ?? null;
  }

  /** For `snapshotOf` below alone, as in `Scope`. */
  private static of(core: Core): Snapshot {
    return new Snapshot(core);
  }

  /** One line: how many tasks and timers there are. */
  get summary(): string {
    return headOf(this);
  }

  /**
   * For a terminal: a tree, each task under the one that spawned it, with what
   * it waits for.
   */
  toString(): string {
    return treeOf(this);
  }

  /** For a log or a tool: plain data, under the names that are documented here. */
  toJSON(): SnapshotData {
    const { takenAtMs, tasks, tasksSpawned, timersArmed, metrics } = this;
    return { takenAtMs, tasks, tasksSpawned, timersArmed, metrics };
  }
}

/** The plain data of a {@linkcode Snapshot}. */
export interface SnapshotData {
  /** When it was taken, by the executor's clock. */
  takenAtMs: number;
  /** The tasks that have not ended, the oldest first. */
  tasks: readonly TaskInfo[];
  /** How many tasks there have been. */
  tasksSpawned: number;
  /** How many timers are armed. */
  timersArmed: number;
  /** What the executor has done so far; null unless it is observed. */
  metrics: ExecutorMetrics | null;
}

/** Looks at all tasks of a core. */
export function snapshotOf(core: Core): Snapshot {
  return Snapshot["of"](core);
}

/** Looks at one task, which must not have ended. */
function infoOf(
  task: Task<unknown>,
  metrics: TaskMetrics | null,
): TaskInfo {
  return {
    ...identityOf(task),
    state: stateOf(task.state),
    waitsFor: waitsOf(task.future!),
    metrics,
  };
}

/** Says which task is meant. */
export function identityOf(task: Task<unknown>): TaskIdentity {
  return {
    id: task.id,
    name: task.name ?? null,
    parentId: task.parent || null,
    spawnedAt: task.site ?? null,
  };
}

function stateOf(state: TaskState): TaskInfo["state"] {
  switch (state) {
    case "queued":
      return "ready";
    case "idle":
      return "waiting";
    default:
      return "running";
  }
}
