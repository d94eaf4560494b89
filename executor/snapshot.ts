import { currentCore } from "./_current.ts";
import { coreBehind, type Executor } from "./executor.ts";
import { type Snapshot, snapshotOf } from "./inspect/snapshot.ts";

/**
 * Looks at all tasks of an executor: who lives, in what state, and what it waits
 * for. It stops nothing. `observe` of `./observe` looks on. Mirrors
 * `tokio::runtime::Handle::dump`, and needs no build of its own.
 *
 * @param executor Which one; by default the one whose task is being polled, else
 * the default executor.
 * @returns What was seen; it does not change any more.
 * @throws {TypeError} If it is given something else.
 *
 * @example Usage
 * ```ts
 * import { run, snapshot, spawn } from "@pollen/futures/executor";
 * import { co } from "@pollen/futures/future";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * await run(co(function* main() {
 *   using _nap = spawn(sleep(60_000), { name: "nap" });
 *   yield* sleep(1);
 *   const nap = snapshot().tasks.find((task) => task.name === "nap");
 *   assertEquals(nap?.state, "waiting");
 *   assertEquals(nap?.waitsFor.type, "AsyncTimer");
 * }));
 * ```
 */
export function snapshot(executor?: Executor): Snapshot {
  return snapshotOf(
    executor === undefined ? currentCore() : coreBehind(executor),
  );
}
