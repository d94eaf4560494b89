/**
 * Runs futures: an executor, tasks and their handles.
 *
 * {@linkcode run} takes a future to a promise, {@linkcode spawn} starts a task
 * beside the others, and the {@linkcode JoinHandle} it returns joins, aborts
 * or detaches it. What runs is told by {@linkcode snapshot}, and watched by
 * `observe` of `./observe`.
 *
 * @example Usage
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run, spawn } from "@pollen/futures/executor";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * const sum = await run(co(function* () {
 *   const slow = spawn(co(function* () {
 *     yield* sleep(2);
 *     return 40;
 *   }));
 *   return (yield* slow) + 2;
 * }));
 * assertEquals(sum, 42);
 * ```
 *
 * @module
 */

export * from "./cancellation_token.ts";
export {
  Executor,
  type ExecutorOptions,
  type RunOptions,
  type SpawnOptions,
} from "./executor.ts";
export type * from "./host.ts";
export {
  Snapshot,
  type SnapshotData,
  type TaskIdentity,
  type TaskInfo,
  type WaitInfo,
} from "./inspect/snapshot.ts";
export * from "./join_error.ts";
export { JoinHandle } from "./join_handle.ts";
export * from "./join_map.ts";
export * from "./join_set.ts";
export * from "./run.ts";
export { Scope, scope, type ScopeOptions } from "./scope.ts";
export * from "./shield.ts";
export * from "./shutdown.ts";
export * from "./snapshot.ts";
export * from "./spawn.ts";
export { type TaskLocal, taskLocal } from "./task_local.ts";
export * from "./task_tracker.ts";
export * from "./unconstrained.ts";
export * from "./yield_now.ts";
