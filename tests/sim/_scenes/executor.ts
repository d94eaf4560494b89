import { scope, shutdown } from "../../../executor/mod.ts";
import {
  type Claim,
  futures,
  methods,
  streams,
} from "../../executor/_claims.ts";
import type { Scene, Sweep } from "./scene.ts";

const all: Record<string, Claim> = { ...futures, ...methods, ...streams };

/** Those whose drop leaves shielded work, with the waker of its last poll. */
const shielding = new Set(["scope", "shield"]);

function howKept(of: string): Pick<Scene, "unforgettable"> {
  if (shielding.has(of)) return { unforgettable: "it lends" };
  return of === "yieldNow" ? { unforgettable: "it wakes itself" } : {};
}

/** Each row of the table, its tasks started in the simulation. */
export const sweep: Sweep = {
  claims: Object.keys(all),
  left: {},
  scenes: [
    ...Object.entries(all).map(([of, { make }]): Scene => ({
      of,
      title: of,
      make: (sim) => make(sim),
      options: { mayFail: of === "timeout", lends: shielding.has(of) },
      ...howKept(of),
    })),
    {
      of: "scope",
      title: "scope, without a shield",
      make: (sim) =>
        scope(function* (s) {
          s.spawn(sim.sleep(3));
          s.spawn(sim.sleep(1));
          yield* sim.sleep(2);
        }, { timeout: 5 }),
    },
    {
      of: "shutdown",
      title: "shutdown, by a signal",
      make(sim) {
        const end = shutdown({ grace: 3 });
        sim.spawn(end.tracker.track(sim.sleep(3)));
        sim.spawn(function* () {
          yield* sim.sleep(2);
          sim.signal("SIGTERM");
        });
        return end;
      },
    },
  ],
};
