// Each primitive of ./sync and the combinators, in every order of their tasks.
import { assert, assertEquals } from "@std/assert";
import {
  dfs,
  explore,
  type ExploreOptions,
  pct,
  random,
} from "../../executor/sim/mod.ts";
import { bodies } from "./_bodies.ts";

/** Wakers as the contract allows them, at their worst. */
const wakers = {
  spurious: 0.2,
  delayed: 0.2,
  duplicated: 0.2,
  delay: 2,
  late: true,
  ledger: true,
};

for (const [name, body] of Object.entries(bodies)) {
  Deno.test(`every order: ${name}`, () => {
    const report = explore({ schedule: dfs() }, body);
    assert(report.isExhaustive);
    assert(report.runs > 1, "there is something to choose");
  });

  Deno.test(`bad wakers: ${name}`, () => {
    const ways: ExploreOptions[] = [
      { schedule: random(), wakers: { ...wakers, delay: 0 } },
      { schedule: pct({ depth: 3 }), wakers },
    ];
    for (const options of ways) {
      const first = explore({ runs: 80, ...options }, body);
      assertEquals(
        explore({ runs: 80, ...options }, body),
        first,
        "the same twice",
      );
    }
  });
}
