import { spawnName } from "./_spawn_name.ts";
import type { Future } from "../future/future.ts";
import { currentCore } from "./_current.ts";
import type { SpawnOptions } from "./executor.ts";
import type { JoinHandle } from "./join_handle.ts";

/**
 * Starts a task that runs by itself from the next turn on: on the executor of
 * the task that is being polled or dropped, else on the default one. Mirrors
 * `tokio::spawn`.
 *
 * @param future The task's future; adopted.
 * @param options The task's name.
 * @returns A handle to join, abort or detach it.
 * @throws {TypeError} If `future` is no future, or an option is unknown.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run, spawn } from "@pollen/futures/executor";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * const twice = co(function* () {
 *   const one = spawn(sleep(2));
 *   const two = spawn(sleep(2), { name: "two" });
 *   yield* one; // both have been asleep together
 *   yield* two;
 *   return two.name;
 * });
 * assertEquals(await run(twice), "two");
 * ```
 */
export function spawn<T>(
  future: Future<T>,
  options?: SpawnOptions,
): JoinHandle<T> {
  return currentCore().spawn(future, spawnName(options));
}
