import type { Executor } from "../../executor/mod.ts";
import type { VirtualClock } from "../../executor/sim/mod.ts";
import { lazy } from "../../future/mod.ts";

/**
 * Runs `fn` inside a task, there and then: a timer that is polled there for the
 * first time belongs to that task's executor.
 */
export function inside<T>(
  executor: Executor,
  clock: VirtualClock,
  fn: () => T,
): T {
  let result: { value: T } | undefined;
  executor.spawn(lazy(() => {
    result = { value: fn() };
  }));
  clock.settle();
  return result!.value;
}
