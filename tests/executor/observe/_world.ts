import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Executor, type ExecutorOptions } from "../../../executor/mod.ts";
import {
  type Observation,
  observe,
  type ObserveOptions,
} from "../../../executor/observe/mod.ts";
import { VirtualClock } from "../../../executor/sim/mod.ts";

/** A clock that a task can move while it is polled, as if it took its time. */
export class StepClock extends VirtualClock {
  #spent = 0;

  override now(): number {
    return super.now() + this.#spent;
  }

  /** Lets time pass without letting anything run. */
  spend(ms: number): void {
    this.#spent += ms;
  }
}

/** An executor that is observed. */
export interface World extends Disposable {
  clock: StepClock;
  executor: Executor;
  observation: Observation;
}

export function observed(
  options: ObserveOptions = {},
  executorOptions: ExecutorOptions = {},
): World {
  const clock = new StepClock();
  const executor = new Executor({
    host: clock,
    unjoined: "ignore",
    ...executorOptions,
  });
  const observation = observe(options, executor);
  return {
    clock,
    executor,
    observation,
    [Symbol.dispose]() {
      observation[Symbol.dispose]();
      executor[Symbol.dispose]();
    },
  };
}

let collect: (() => void) | undefined;

/** Collects all garbage, from outside of any job that still refers to it. */
export async function collectGarbage(): Promise<void> {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  // What was made or looked at in this job is kept to its end.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
}
