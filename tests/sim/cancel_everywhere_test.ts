// Everything that is public and returns a future, dropped at every moment: the
// scenes are those of the tables of cancel safety, and stand beside them.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { cancelEverywhere, random, SimFailure } from "../../net/sim/mod.ts";
import { sweep as executor } from "./_scenes/executor.ts";
import { sweep as future } from "./_scenes/future.ts";
import { Forgetful, type Sweep } from "./_scenes/scene.ts";
import { sweep as http } from "./_scenes/http.ts";
import { sweep as io } from "./_scenes/io.ts";
import { sweep as net } from "./_scenes/net.ts";
import { sweep as stream } from "./_scenes/stream.ts";
import { sweep as sync } from "./_scenes/sync.ts";

const sweeps: Record<string, Sweep> = {
  "./future": future,
  "./stream": stream,
  "./sync": sync,
  "./executor and ./time": executor,
  "./io": io,
  "./net": net,
  "./http": http,
};

for (const [entry, { claims, left, scenes }] of Object.entries(sweeps)) {
  // That the claims are all that the module exports, the tests beside them say.
  Deno.test(`cancel everywhere: each future of ${entry} has a scene, or a reason`, () => {
    const swept = new Set(scenes.flatMap(({ of }) => of ?? []));
    assertEquals(
      [...swept, ...Object.keys(left)].sort(),
      claims.toSorted(),
    );
  });

  for (const { title, make, options, unforgettable } of scenes) {
    Deno.test(`cancel everywhere: ${entry}: ${title}`, () => {
      const { polls, runs } = cancelEverywhere(make, options);
      assert(runs === 2 * polls);
      assertEquals(polls > 1, unforgettable !== "it never waits");
      cancelEverywhere(make, {
        ...options,
        schedule: random(),
        runs: 3,
        wakers: { spurious: 0.2, duplicated: 0.3, late: true },
      });
    });

    if (unforgettable !== undefined) continue;
    Deno.test(`cancel everywhere: ${entry}: ${title}: who forgets to drop it is found out`, () => {
      const failure = assertThrows(
        () => cancelEverywhere((sim) => new Forgetful(make(sim)), options),
        SimFailure,
        "leak: a waker of the future was ",
      );
      assertEquals(failure.kind, "leak");
    });
  }
}
