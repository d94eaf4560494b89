/**
 * Tools for tests: simulated time, schedules that are explored, a waker that
 * counts, a single poll.
 *
 * @example A test that takes no time
 * ```ts
 * import { Executor } from "@pollen/futures/executor";
 * import { VirtualClock } from "@pollen/futures/testing";
 * import { sleep } from "@pollen/futures/time";
 * import { assert } from "@std/assert";
 *
 * const clock = new VirtualClock();
 * using executor = new Executor({ host: clock });
 * const task = executor.spawn(sleep(1000));
 * clock.advance(1000);
 * assert(task.isFinished);
 * ```
 *
 * @module
 */

export * from "./dfs.ts";
export * from "./explore.ts";
export type { ExploreOptions, WakerOptions } from "./options.ts";
export * from "./paused_clock.ts";
export * from "./pct.ts";
export * from "./poll_once.ts";
export type * from "./schedule.ts";
export * from "./schedules.ts";
export type * from "./sim.ts";
export * from "./sim_failure.ts";
export * from "./virtual_clock.ts";
export * from "./wake_counter.ts";
