// The checker, checked: each known mistake is found, and nothing without it.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { SimFailure } from "../../net/sim/mod.ts";
import { bugs, search } from "./_bugs/mod.ts";

Deno.test("bugs: each known mistake is found, and found again from its replay", async (t) => {
  const runs: Record<string, number> = {};
  for (const bug of bugs) {
    await t.step(bug.name, async () => {
      const failure = await assertRejects(() => search(bug, true), SimFailure);
      assert(bug.kinds.includes(failure.kind), failure.message);
      runs[bug.name] = failure.run;
      const { replay } = failure;
      const again = await assertRejects(
        () => search(bug, true, { replay }),
        SimFailure,
      );
      assertEquals(again.trace, failure.trace);
    });
  }
  assert(Object.keys(runs).length >= 12);
  for (const [name, run] of Object.entries(runs)) {
    console.log(`  ${name.padEnd(26)} found in run ${run}`);
  }
});

for (const bug of bugs) {
  Deno.test(`bugs: nothing is found where there is no "${bug.name}"`, async () => {
    const report = await search(bug, false, { runs: 300 });
    assertEquals(report.runs, 300);
  });
}
