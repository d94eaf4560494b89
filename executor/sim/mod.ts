/**
 * Tools for tests: a clock that is driven by hand, a waker that counts, a
 * single poll.
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

export * from "./poll_once.ts";
export * from "./virtual_clock.ts";
export * from "./wake_counter.ts";
