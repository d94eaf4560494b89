/** In which way a simulated run has failed. */
export type SimFailureKind =
  | "failed"
  | "deadlock"
  | "endless"
  | "leak"
  | "stuck"
  | "never"
  | "not deterministic";

/** What a {@linkcode SimFailure} carries besides its message. */
export interface SimFailureOptions extends ErrorOptions {
  /** In which way it failed. */
  kind: SimFailureKind;
  /** What repeats it: `seed:choices`. */
  replay: string;
  /** The number of the run, from 1. */
  run: number;
  /** What happened in the run, in order. */
  trace: readonly string[];
}

/**
 * A simulation has found a run that fails. The message says how, what repeats
 * it, and what happened in it; `cause` is the error that was thrown, if one was.
 *
 * @example Finding a race, and repeating it
 * ```ts
 * import { explore, SimFailure } from "@pollen/futures/testing";
 * import { yieldNow } from "@pollen/futures/executor";
 * import { co } from "@pollen/futures/future";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * function race(): void {
 *   explore({ seed: 7 }, (sim) => {
 *     let balance = 100;
 *     const withdraw = (amount: number) =>
 *       co(function* () {
 *         const before = balance;
 *         yield* yieldNow();
 *         balance = before - amount;
 *       });
 *     sim.spawn(withdraw(10));
 *     sim.spawn(withdraw(20));
 *     sim.atEnd(() => sim.always("no money is made", balance === 70));
 *   });
 * }
 * const failure = assertThrows(race, SimFailure, "no money is made");
 * assertEquals(failure.kind, "failed");
 * ```
 */
export class SimFailure extends Error {
  /** In which way it failed. */
  readonly kind: SimFailureKind;
  /** What repeats it, as the option `replay`. */
  readonly replay: string;
  /** The number of the run, from 1. */
  readonly run: number;
  /** What happened in the run, in order. */
  readonly trace: readonly string[];

  /** Makes the error. */
  constructor(message: string, options: SimFailureOptions) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "SimFailure";
    this.kind = options.kind;
    this.replay = options.replay;
    this.run = options.run;
    this.trace = options.trace;
  }
}
