/**
 * Time for futures and streams: timers, sleeping, timeouts, intervals, rates. All times are milliseconds,
 * monotonic, as `performance.now()` gives them.
 *
 * All timers of an executor share one timer of the host, through a wheel on
 * which arming and cancelling take the same time for one timer and a million.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { sleep, timeout } from "@pollen/futures/time";
 *
 * await run(timeout(sleep(1), 1000));
 * ```
 *
 * @module
 */

export { AsyncTimer } from "./async_timer.ts";
export * from "./chunks_timeout.ts";
export type * from "./clock.ts";
export * from "./debounce.ts";
export * from "./interval.ts";
export * from "./now.ts";
export * from "./sample.ts";
export * from "./sleep.ts";
export * from "./throttle.ts";
export * from "./timeout.ts";
export * from "./timeout_error.ts";
export * from "./timeout_stream.ts";
