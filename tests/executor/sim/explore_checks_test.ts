import {
  assertEquals,
  assertFalse,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { shutdown } from "../../../executor/mod.ts";
import { explore, SimFailure } from "../../../executor/sim/mod.ts";
import { sleep } from "../../../executor/time/mod.ts";
import { pollFn } from "../../../future/mod.ts";
import { failureOf } from "./_explore.ts";

Deno.test("explore: what a ledger counts must be 0 at the end", () => {
  const failure = failureOf((sim) => {
    sim.ledger("cups", () => 0);
    sim.ledger("spoons", () => 2);
  });
  assertEquals(failure.kind, "leak");
  assertStringIncludes(failure.message, "leak: spoons: 2 are left");
});

Deno.test("explore: a timer that is left armed is a leak", () => {
  const failure = failureOf(() => {
    const timer = sleep(5);
    return pollFn((cx) => {
      timer.poll(cx);
    });
  });
  assertEquals(failure.kind, "leak");
  assertStringIncludes(failure.message, "timers: 1");
});

Deno.test("explore: always fails the run even if what it throws is caught", () => {
  const failure = failureOf((sim) => {
    try {
      sim.always("two is one", false, { got: 2 });
    } catch {
      // swallowed
    }
  });
  assertStringIncludes(
    failure.message,
    'It does not hold that two is one: {"got":2}',
  );
});

Deno.test("explore: sometimes must have held in some run", () => {
  let run = 0;
  explore({ runs: 10 }, (sim) => {
    run++;
    sim.sometimes("the third run", run === 3);
  });
  const failure = failureOf((sim) => {
    sim.sometimes("true at times", sim.random() < 0.5);
    sim.sometimes("pigs fly", false);
  }, { runs: 20 });
  assertEquals(failure.kind, "never");
  assertStringIncludes(
    failure.message,
    'in none of 20 runs it held that "pigs fly"\n  to repeat it: call it again: it goes through the same runs\n  options: {"schedule":"random()"',
  );
  assertFalse(failure.message.includes("true at times"));
});

Deno.test("explore: a signal reaches who listens for it, and a listener that is left is a leak", () => {
  explore({ runs: 1 }, function* (sim) {
    const end = shutdown({ grace: 1000 });
    const task = sim.spawn(end);
    yield* sim.sleep(5);
    sim.always("nobody listens for this one", !sim.signal("SIGHUP"));
    sim.always("somebody listens", sim.signal("SIGTERM"));
    const { signal } = yield* task;
    sim.always("it was heard", signal === "SIGTERM");
    sim.always("nobody listens any more", !sim.signal("SIGTERM"));
  });
  const failure = assertThrows(
    () =>
      explore({ runs: 1 }, (sim) => {
        sim.platform.onSignal!("SIGTERM", () => {});
      }),
    SimFailure,
    "leak: listeners for signals: 1 are left",
  );
  assertEquals(failure.kind, "leak");
});
