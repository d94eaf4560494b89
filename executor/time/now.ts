import { currentCore } from "../_current.ts";

/**
 * The time of the executor that is polling or dropping a task, outside of that
 * of the default one: milliseconds that never go back, as `performance.now()`.
 *
 * @returns Milliseconds, with a fraction.
 *
 * @example Usage
 * ```ts
 * import { now } from "@pollen/futures/time";
 * import { assert } from "@std/assert";
 *
 * const start = now();
 * assert(now() >= start);
 * ```
 */
export function now(): number {
  return currentCore().host.now();
}
