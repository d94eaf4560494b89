// Schedules that failed once, as they were simplified then. A mistake of Pollen's
// that a simulation finds is added here, with the body that shows it.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { SimFailure } from "../../net/sim/mod.ts";
import { bugs, search } from "./_bugs/mod.ts";

interface Entry {
  bug: string;
  kind: string;
  replay: string;
}

const url = new URL("corpus/bugs.json", import.meta.url);
const corpus: Entry[] = JSON.parse(await Deno.readTextFile(url));

Deno.test("corpus: there is a schedule for each known mistake", () => {
  assertEquals(
    corpus.map((entry) => entry.bug).sort(),
    bugs.map((bug) => bug.name).sort(),
  );
});

for (const { bug: name, kind, replay } of corpus) {
  Deno.test(`corpus: ${name} fails as it did, and passes when mended`, async () => {
    const bug = bugs.find((each) => each.name === name);
    assert(bug !== undefined);
    const failure = await assertRejects(
      () => search(bug, true, { replay }),
      SimFailure,
    );
    assertEquals(failure.kind, kind);
    assertEquals((await search(bug, false, { replay })).runs, 1);
  });
}
