import type { Future } from "../../future/future.ts";
import type { SpawnOptions } from "../executor.ts";
import type { Host } from "../host.ts";
import type { JoinHandle } from "../join_handle.ts";
import type { AsyncTimer } from "../time/async_timer.ts";

/** How {@linkcode Sim.spawn} starts a task. */
export interface SimSpawnOptions extends SpawnOptions {
  /**
   * Whether the run may end while the task lives, which is aborted then: a
   * server that waits for the next client. It is no deadlock either.
   */
  background?: boolean;
}

/** What a body may be made of: code that waits, a future, or tasks alone. */
export type SimProgram =
  | Generator<Future<unknown>, unknown, unknown>
  | Future<unknown>
  | void;

/**
 * One run of a simulation, for the body of the test: the tasks, the time, and
 * what must hold. Everything in it follows from the seed and the schedule.
 *
 * @example Usage
 * ```ts
 * import { explore } from "@pollen/futures/testing";
 * import { assert } from "@std/assert";
 *
 * const report = explore({ runs: 20 }, function* (sim) {
 *   const quick = sim.spawn(sim.sleep(sim.random() * 10), { name: "quick" });
 *   const slow = sim.spawn(sim.sleep(60_000), { name: "slow" });
 *   yield* quick;
 *   sim.always("the slow one sleeps", !slow.isFinished);
 *   sim.sometimes("it took long", sim.now() > 5);
 *   yield* slow;
 * });
 * assert(report.runs === 20);
 * ```
 */
export interface Sim {
  /** What the randomness of this run follows from. */
  readonly seed: number;
  /** The host of the run, for what takes its time and randomness from one. */
  readonly platform: Host;
  /** The simulated time in milliseconds; it starts at 0. */
  now(): number;
  /** A number in [0, 1). */
  random(): number;
  /**
   * Waits, in simulated time.
   *
   * @param delay Milliseconds.
   */
  sleep(delay: number): AsyncTimer;
  /**
   * Sends a signal to the process that is simulated, as for a `shutdown` that
   * listens for it.
   *
   * @param name Such as `"SIGTERM"`.
   * @returns Whether anybody listens for it: else it would end the process.
   */
  signal(name: string): boolean;
  /**
   * Starts a task. Its failure fails the run, unless it is joined.
   *
   * @param program A future, or a generator function without parameters.
   * @param options The task's name; whether the run may end before it.
   * @returns A handle, as that of the executor's `spawn`.
   */
  spawn<T>(
    program: Future<T> | (() => Generator<Future<unknown>, T, unknown>),
    options?: SimSpawnOptions,
  ): JoinHandle<T>;
  /**
   * What must hold whenever this is called.
   *
   * @param what In words, for the failure.
   * @param holds Whether it does. If it does not, the run has failed, whatever
   * becomes of the error that is thrown.
   * @param detail What else to show.
   */
  always(what: string, holds: boolean, detail?: unknown): void;
  /**
   * What must have held once at least, in some of all runs: that a test has
   * come to the case that it is for.
   *
   * @param what In words, for the failure.
   * @param holds Whether it does.
   */
  sometimes(what: string, holds: boolean): void;
  /**
   * Checks something once all tasks have ended.
   *
   * @param check Called then; what it throws fails the run.
   */
  atEnd(check: () => void): void;
  /**
   * Counts something that must be 0 at the end of each run: permits, sockets,
   * whatever must not leak.
   *
   * @param what What is counted, in words.
   * @param count Counts it.
   */
  ledger(what: string, count: () => number): void;
  /**
   * Takes a note for the trace, which is shown if the run fails.
   *
   * @param what What has happened; called only if there is somebody to read it.
   */
  note(what: string | (() => string)): void;
}
