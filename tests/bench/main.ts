/**
 * Measures Pollen beside what would be used instead, and prints a table for each
 * area. It asserts nothing: machines differ, and are noisy.
 *
 *     deno task bench                  all areas
 *     deno task bench executor         one area
 */

import { executor } from "./executor.ts";
import { h1 } from "./h1.ts";
import { sight } from "./sight.ts";
import { structure } from "./structure.ts";
import { sync } from "./sync.ts";
import { time } from "./time.ts";

const AREAS: Record<string, () => Promise<void>> = {
  executor,
  h1,
  sight,
  structure,
  sync,
  time,
};

const chosen = Deno.args.length > 0 ? Deno.args : Object.keys(AREAS);
for (const name of chosen) {
  const area = AREAS[name];
  if (area === undefined) {
    console.error(
      `There is no area "${name}"; there are ${Object.keys(AREAS).join(", ")}`,
    );
    Deno.exit(2);
  }
  console.log(`\n=== ${name} ===`);
  await area();
}
