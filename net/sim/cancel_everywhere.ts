import { EXPLORE } from "../../executor/sim/options.ts";
import { checkNames, type Names } from "../../future/_option_names.ts";
import type { Future } from "../../future/future.ts";
import {
  type CancelReport,
  dropEverywhere,
  type DropOptions,
} from "../../executor/sim/_drop_everywhere.ts";
import { NetWorld } from "./_net_world.ts";
import type { NetSim } from "./net_sim.ts";
import type { SimNetworkOptions } from "./sim_network.ts";

export type { CancelReport, DropOptions };

/** How {@linkcode cancelEverywhere} goes about it. All of it may be left out. */
export interface CancelOptions extends DropOptions {
  /** What the network is like: ideal by default. */
  net?: SimNetworkOptions;
}

const { replay: _, ...SWEEP } = EXPLORE;

const NAMES: Names<CancelOptions> = {
  ...SWEEP,
  moments: true,
  mayFail: true,
  lends: true,
  polls: true,
  net: true,
};

/**
 * Drops a future at every moment at which it can be dropped: before its first
 * poll, and after each of its polls, right away and when it was just woken; and
 * runs it to its end. Each time, everything else in the simulation must come to
 * its end all the same, and nothing may be left behind: no task, no timer, no socket, no operation, no
 * connection of a client, no waker, and nothing that {@linkcode Sim.ledger}
 * counts.
 *
 * A waker is found to be kept when it is used after the future's end: called, or
 * compared with another. What keeps one and is never used again is not seen: let
 * happen what the future waits for, even if it was dropped meanwhile.
 *
 * @param make Makes the future, and starts whatever it deals with; anew for each
 * run.
 * @param options When to drop, in which orders tasks are polled: `fifo()` by
 * default, once for each moment.
 * @returns How many polls and runs there were.
 * @throws {SimFailure} If a run fails. It says after which poll.
 * @throws {RangeError} If an option is out of range.
 *
 * @example A lock that is waited for
 * ```ts
 * import { cancelEverywhere } from "@pollen/futures/testing";
 * import { Mutex } from "@pollen/futures/sync";
 * import { co } from "@pollen/futures/future";
 * import { assertEquals } from "@std/assert";
 *
 * const report = cancelEverywhere((sim) => {
 *   const mutex = new Mutex(0);
 *   const holder = mutex.tryLock()!;
 *   sim.spawn(function* () {
 *     yield* sim.sleep(10);
 *     holder.release();
 *   });
 *   sim.ledger("locks", () => mutex.isLocked ? 1 : 0);
 *   return co(function* () {
 *     using _guard = yield* mutex.lock();
 *     yield* sim.sleep(1);
 *   });
 * });
 * assertEquals(report.polls, 3); // in line, holding the lock, done
 * ```
 */
export function cancelEverywhere(
  make: (sim: NetSim) => Future<unknown>,
  options: CancelOptions = {},
): CancelReport {
  checkNames(options, NAMES);
  const { net = {}, ...rest } = options;
  return dropEverywhere<NetWorld>(
    (settings, natives) => (host, seed, sometimes) =>
      new NetWorld(host, seed, settings, sometimes, natives, net),
    make,
    rest,
    { net },
  );
}
