/**
 * A source of time: milliseconds, possibly with a fraction, that never go
 * back. The zero is the clock's own. Mirrors `tokio::time::Instant::now`.
 *
 * @example Usage
 * ```ts
 * import type { Clock } from "@pollen/futures/time";
 * import { VirtualClock } from "@pollen/futures/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const virtual = new VirtualClock();
 * const clock: Clock = virtual;
 * virtual.advance(5);
 * assertEquals(clock.now(), 5);
 * ```
 */
export interface Clock {
  /** The time in milliseconds. */
  now(): number;
}
