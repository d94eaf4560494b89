import type { Clock } from "./time/clock.ts";

/**
 * All that an executor needs from the world: time, turns and randomness. The
 * platform's is the default; a simulation is another one. Nothing else in
 * `executor/` names a global of the host.
 *
 * @example An executor whose clock is driven by hand
 * ```ts
 * import { Executor, type Host } from "@pollen/futures/executor";
 * import { VirtualClock } from "@pollen/futures/testing";
 * import { sleep } from "@pollen/futures/time";
 * import { assert } from "@std/assert";
 *
 * const clock = new VirtualClock();
 * const host: Host = clock;
 * using executor = new Executor({ host });
 * const task = executor.spawn(sleep(60_000));
 * clock.advance(60_000);
 * assert(task.isFinished);
 * ```
 */
export interface Host extends Clock {
  /** Calls back before the host does anything else. */
  microtask(callback: () => void): void;
  /**
   * Calls back after the host has had a turn for its own: sockets, timers.
   *
   * @param busy For how many milliseconds the executor has gone on before it
   * asks, if it did not rest: a host that does not look at its sockets each time
   * it goes round its loop is to see to it that it does. One whose loop always
   * does need not mind.
   * @param hasNews Whether tasks were woken while the host had its last turn: then
   * there may be more about to come, and it is to look at its sockets sooner.
   */
  macrotask(
    callback: () => void,
    busy?: number,
    hasNews?: boolean,
  ): unknown;
  /**
   * Calls back once, not before `delay` milliseconds (0 to 2^31 - 1) have
   * passed.
   */
  setTimer(delay: number, callback: () => void): unknown;
  /** Takes back what `setTimer` returned, before it has called. */
  clearTimer(timer: unknown): void;
  /**
   * Says whether what `setTimer` or `macrotask` returned, and which has not called
   * yet, keeps the process alive. It does from the start; a host that has no
   * process, such as a browser or a simulation, has no such method.
   */
  hold?(handle: unknown, holds: boolean): void;
  /** A number in [0, 1). */
  random(): number;
  /** Reports an error that nobody is there to catch; it must not throw. */
  unhandled(error: unknown): void;
  /**
   * Chooses the task to poll next, for simulations that try other orders than
   * first come, first served. A host without it costs the executor nothing.
   *
   * @param ready The ids of the tasks in line, longest waiting first.
   * @param count How many there are: `ready` may be longer.
   * @returns A place in `ready`; or a negative number, to be asked again, if the
   * host has let something happen meanwhile.
   */
  choose?(ready: readonly number[], count: number): number;
  /**
   * Calls back at each signal of a name, such as `"SIGTERM"`, that the process
   * gets, instead of what the signal does by default. A host without signals,
   * such as a browser, has no such method.
   *
   * @returns What ends the listening; idempotent.
   */
  onSignal?(name: string, callback: () => void): () => void;
}
