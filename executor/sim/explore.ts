import { Explorer, type ExploreReport } from "./_explorer.ts";
import { Natives } from "./_natives.ts";
import { World } from "./_world.ts";
import { type ExploreOptions, settingsOf } from "./options.ts";
import type { Sim, SimProgram } from "./sim.ts";

export type { ExploreReport };

/**
 * Runs a body again and again, each time with its tasks polled in another order,
 * and looks for a run that fails: that throws, that comes to a deadlock, that
 * has no end, or that leaves a task or timer behind. Mirrors `shuttle::check`
 * and `loom::model`.
 *
 * Time is simulated: when no task is ready, the clock jumps to the next event.
 * Everything in a run follows from its seed and its schedule, so a run that has
 * failed can be repeated, and is: its schedule is simplified as far as it fails
 * in the same way, and the failure shows that one, with all that happens in it.
 *
 * @param options In which orders, how many runs, what happens to wakers.
 * @param body What is run each time, as the task "main": a generator function,
 * or a function that starts tasks, or returns a future. It must make everything
 * anew that it uses, and be deterministic.
 * @returns What was explored.
 * @throws {SimFailure} At the first run that fails.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If an option is out of range.
 *
 * @example Two tasks, all orders
 * ```ts
 * import { dfs, explore } from "@pollen/futures/testing";
 * import { Mutex } from "@pollen/futures/sync";
 * import { yieldNow } from "@pollen/futures/executor";
 * import { assert } from "@std/assert";
 *
 * const report = explore({ schedule: dfs() }, (sim) => {
 *   const balance = new Mutex(100);
 *   for (const amount of [10, 20]) {
 *     sim.spawn(function* () {
 *       using guard = yield* balance.lock();
 *       const before = guard.value;
 *       yield* yieldNow();
 *       guard.value = before - amount;
 *     });
 *   }
 *   sim.atEnd(() => sim.always("both count", balance.tryLock()?.value === 70));
 * });
 * assert(report.isExhaustive);
 * ```
 */
export function explore(
  options: ExploreOptions,
  body: (sim: Sim) => SimProgram,
): ExploreReport {
  const settings = settingsOf("explore", options);
  const natives = new Natives();
  const explorer = new Explorer(
    settings,
    (host, seed, sometimes) =>
      new World(host, seed, settings, sometimes, natives),
    body,
    natives,
    {
      title: "the exploration",
      repeat: (replay) =>
        replay === null
          ? "call it again: it goes through the same runs"
          : `explore({ …, replay: "${replay}" }, …)`,
    },
  );
  const step = explorer.explore().next();
  if (step.done) return step.value;
  throw new Error("Cannot explore: it waits for a native promise");
}
