import { assertThrows } from "@std/assert";
import { yieldNow } from "../../../executor/mod.ts";
import {
  explore,
  type ExploreOptions,
  type Sim,
  SimFailure,
  type SimProgram,
} from "../../../executor/sim/mod.ts";
import { co } from "../../../future/mod.ts";
import { Steps } from "./_bodies.ts";

export function failureOf(
  body: (sim: Sim) => SimProgram,
  options: ExploreOptions = {},
): SimFailure {
  return assertThrows(() => void explore(options, body), SimFailure);
}

/** Two tasks that read, wait and write. */
export function lostUpdate(sim: Sim): void {
  let value = 0;
  const add = () =>
    co(function* () {
      yield* new Steps(3);
      const before = value;
      yield* yieldNow();
      value = before + 1;
    });
  sim.spawn(add(), { name: "one" });
  sim.spawn(new Steps(5), { name: "idler" });
  sim.spawn(add(), { name: "two" });
  sim.atEnd(() => sim.always("both are counted", value === 2, value));
}
