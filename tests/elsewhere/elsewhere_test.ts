// The entries that need no Deno, bundled, in other engines.
import { assertEquals } from "@std/assert";
import { deno } from "../project/_deno.ts";

const WELL = "all well: futures, time, streams, sync, fair, structure, sight";

Deno.test("elsewhere: the program is well in Deno itself, without any permission", async () => {
  const { stdout, stderr } = await deno([
    "run",
    "--no-lock",
    "tests/elsewhere/smoke.ts",
  ]);
  assertEquals([stdout, stderr], [`${WELL}\n`, ""]);
});

for (const engine of ["node", "browser"]) {
  Deno.test(`elsewhere: bundled, it is well in ${engine}, where there is one`, async () => {
    const { stdout, stderr } = await deno([
      "run",
      "--no-lock",
      "--allow-all",
      "tests/elsewhere/_elsewhere.ts",
      engine,
    ]);
    const outcome = JSON.parse(
      stdout || `{"printed":${JSON.stringify(stderr)}}`,
    );
    if ("missing" in outcome) {
      console.log(`NOT TESTED in ${engine}: ${outcome.missing}`);
      return;
    }
    assertEquals(outcome.printed, WELL);
  });
}
