import type { Schedule } from "./schedule.ts";

/**
 * First come, first served, as the executor itself does it: one schedule.
 *
 * @returns The schedule.
 *
 * @example Usage
 * ```ts
 * import { explore, fifo } from "@pollen/futures/testing";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(explore({ schedule: fifo(), runs: 3 }, () => {}).runs, 3);
 * ```
 */
export function fifo(): Schedule {
  return {
    name: "fifo()",
    isSystematic: false,
    start: () => ({ next: () => true, choose: () => 0 }),
  };
}

/**
 * Each choice anew and evenly at random: a random walk. It finds what many
 * schedules show; what takes one task to be very slow is better left to
 * {@linkcode pct}.
 *
 * @returns The schedule.
 *
 * @example Usage
 * ```ts
 * import { explore, random } from "@pollen/futures/testing";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(explore({ schedule: random(), runs: 100 }, () => {}).runs, 100);
 * ```
 */
export function random(): Schedule {
  return {
    name: "random()",
    isSystematic: false,
    start() {
      let number: () => number;
      return {
        next(random) {
          number = random;
          return true;
        },
        choose: (_ready, count) => Math.floor(number() * count),
      };
    },
  };
}
