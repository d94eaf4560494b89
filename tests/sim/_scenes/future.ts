import { race } from "../../../future/mod.ts";
import { promises } from "../../future/_claims.ts";
import { subjects } from "../../future/_scenes.ts";
import { Noticed, type Scene, type Sweep } from "./scene.ts";

const NATIVE = "it waits for a native promise: swept by hand beside its table";

const neverWaits = new Set([
  "lazy that throws",
  "lazy with a value",
  "pollFn that throws",
  "ready",
]);

function howKept(title: string): Pick<Scene, "unforgettable"> {
  if (title.startsWith("pin")) return { unforgettable: "it lends" };
  return neverWaits.has(title) ? { unforgettable: "it never waits" } : {};
}

/** Each subject of the table, its steps a millisecond apart. */
export const sweep: Sweep = {
  claims: Object.keys(promises),
  left: { fromPromise: NATIVE },
  scenes: subjects.filter(({ of }) => of !== "fromPromise").map((
    subject,
  ): Scene => ({
    of: subject.of,
    title: subject.title,
    options: {
      mayFail: subject.set().ends === "failed",
      lends: subject.of === "pin",
    },
    ...howKept(subject.title),
    make(sim) {
      const scene = subject.set();
      sim.spawn(function* () {
        for (const step of scene.steps) {
          yield* sim.sleep(1);
          step();
          // Whoever polls a function knows when to.
          if (subject.of === "pollFn") future.nudge();
        }
        // What was lent is its owner's to drop.
        if (subject.of === "pin") {
          yield* sim.sleep(1);
          for (const leaf of scene.leaves) leaf[Symbol.dispose]();
        }
      });
      sim.ledger("leaves", () =>
        scene.leaves.filter((leaf) =>
          // A body that has not come to a future does not own it.
          leaf.isAlive && (leaf.polls > 0 || subject.of !== "co")
        ).length);
      const future = new Noticed(
        scene.ends === "never"
          ? race([scene.future, sim.sleep(2)])
          : scene.future,
      );
      return future;
    },
  })),
};
