import {
  CancellationToken,
  JoinSet,
  scope,
  yieldNow,
} from "../../executor/mod.ts";
import type { Sim } from "../../executor/sim/mod.ts";
import { co } from "../../future/mod.ts";
import { Done } from "../../future/stream/mod.ts";
import { steps } from "./_future_bodies.ts";

export function joinSet(sim: Sim): void {
  sim.spawn(function* () {
    using set = new JoinSet<string>();
    for (let i = 0; i < 3; i++) set.spawn(steps(2, String(i)));
    const got: string[] = [];
    for (;;) {
      const next = yield* set.joinNext();
      if (next === Done) break;
      got.push(next);
    }
    sim.always("each once", `${got.toSorted()}` === "0,1,2", got);
  });
}

/** No child outlives its scope, whichever of them fails. */
export function scoped(sim: Sim): void {
  let alive = 0;
  const child = (fails: boolean) =>
    co(function* () {
      alive++;
      try {
        yield* yieldNow();
        if (fails) throw new RangeError("as meant");
        yield* yieldNow();
      } finally {
        alive--;
      }
    });
  sim.spawn(function* () {
    try {
      yield* scope(function* (s) {
        s.spawn(child(false));
        s.spawn(child(true));
        yield* yieldNow();
      });
      sim.always("it has failed", false);
    } catch (error) {
      const cause = (error as Error).cause ?? error;
      sim.always(
        "with its child's failure",
        cause instanceof RangeError,
        String(error),
      );
    }
    sim.always("no child outlives it", alive === 0, alive);
  });
}

export function cancelling(sim: Sim): void {
  const root = new CancellationToken();
  const leaf = root.child();
  let heard = 0;
  for (const token of [root, leaf]) {
    sim.spawn(function* () {
      yield* yieldNow();
      yield* token.cancelled();
      heard++;
    });
  }
  sim.spawn(function* () {
    yield* yieldNow();
    root.cancel();
  });
  sim.atEnd(() => sim.always("all hear of it", heard === 2, heard));
}
