// Schedules that failed once, as they were simplified then. A mistake of Pollen's
// that a simulation finds is added here, with the body that shows it.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { SimFailure, simulate } from "../../net/sim/mod.ts";
import { bugs, search } from "./_bugs/mod.ts";
import { found } from "./_found.ts";

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

const foundUrl = new URL("corpus/found.json", import.meta.url);
const schedules: Record<string, string[]> = JSON.parse(
  await Deno.readTextFile(foundUrl),
);

Deno.test("corpus: there is a schedule for each mistake that was found", () => {
  assertEquals(Object.keys(schedules).sort(), Object.keys(found).sort());
});

for (const [name, { options, body }] of Object.entries(found)) {
  Deno.test(`corpus: no more: ${name}`, async () => {
    for (const replay of schedules[name]!) {
      await simulate({ ...options, replay }, body);
    }
    await simulate({ ...options, runs: 20 }, body);
  });
}
