import {
  assert,
  assertEquals,
  assertFalse,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  dfs,
  explore,
  type ExploreOptions,
  fifo,
  pct,
  random,
} from "../../../executor/sim/mod.ts";
import { join } from "../../../future/mod.ts";
import { Steps } from "./_bodies.ts";
import { failureOf, lostUpdate } from "./_explore.ts";

for (const schedule of [random(), pct(), dfs({ preemptions: 2 })]) {
  Deno.test(`explore: a lost update is found by ${schedule.name}, simplified, and repeated`, () => {
    const failure = failureOf(lostUpdate, { schedule, seed: 1 });
    const [, choices] = failure.replay.split(":");
    const departures = choices!.split(".").filter((each) =>
      /^[1-9]/.test(each)
    );
    assert(departures.length <= 2, failure.replay);
    const again = failureOf(lostUpdate, { replay: failure.replay });
    assertEquals(again.kind, "failed");
    assertEquals(again.trace, failure.trace);
    assertStringIncludes(again.message, "both are counted: 1");
  });
}

Deno.test("explore: a replay of a run that passes passes, and is one run", () => {
  const report = explore({ replay: "1:0x9.1.1" }, (sim) => {
    sim.spawn(new Steps(3));
    sim.spawn(new Steps(3));
  });
  assertEquals(report.runs, 1);
  assertFalse(report.isExhaustive);
});

Deno.test("explore: a replay that cannot be read is refused", () => {
  for (const replay of ["", "1", "1:", "x:0", "1:zero"]) {
    assertThrows(() => explore({ replay }, () => {}), SyntaxError);
  }
});

Deno.test("explore: the same options give the same digest, another seed another", () => {
  const hash = (options: ExploreOptions) =>
    explore({ runs: 50, ...options }, function* (sim) {
      const tasks = Array.from({ length: 4 }, () =>
        sim.spawn(function* () {
          for (let i = 0; i < 3; i++) yield* sim.sleep(sim.random() * 10);
        }));
      yield* join(tasks);
    }).hash;
  assertEquals(hash({}), hash({}));
  assertNotEquals(hash({ seed: 1 }), hash({ seed: 2 }));
  assertNotEquals(hash({ schedule: fifo() }), hash({ schedule: random() }));
});

Deno.test("explore: the order matters to the digest", () => {
  const hashes = new Set<number>();
  let last = 0;
  for (const replay of ["1:0", "1:1", "1:0.1", "1:1.1"]) {
    last = explore({ replay }, (sim) => {
      sim.spawn(new Steps(2));
      sim.spawn(new Steps(2));
    }).hash;
    hashes.add(last);
  }
  assertEquals(hashes.size, 4);
});
