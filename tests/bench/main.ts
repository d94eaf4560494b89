/**
 * Measures Pollen beside what would be used instead, and prints a table for each
 * area. It asserts nothing: machines differ, and are noisy.
 *
 *     deno task bench                  all areas
 *     deno task bench executor         one area
 *     deno task bench --json           figures for machines
 *     deno task bench --svg charts     a chart of growth for each area, there
 *
 * Beside what the platform has stand libraries from npm, and programs in Rust and
 * Go that are built here: see `peers/`. What is not to be had on a machine is left
 * out, by its name. The first time, building takes some minutes.
 */

import { enter, print, silence, toJson, writeCharts } from "./_report.ts";
import { executor } from "./executor.ts";
import { fairness } from "./fairness.ts";
import { h1 } from "./h1.ts";
import { http } from "./http.ts";
import { io } from "./io.ts";
import { sight } from "./sight.ts";
import { sim } from "./sim.ts";
import { structure } from "./structure.ts";
import { size } from "./size.ts";
import { sync } from "./sync.ts";
import { time } from "./time.ts";

const AREAS: Record<string, () => Promise<void>> = {
  executor,
  fairness,
  h1,
  http,
  io,
  sight,
  sim,
  size,
  structure,
  sync,
  time,
};

const chosen = [...Deno.args];
const isJson = takeFlag("--json");
const folder = takeOption("--svg");
for (const name of chosen) {
  if (Object.hasOwn(AREAS, name)) continue;
  fail(
    `There is no area "${name}"; there are ${Object.keys(AREAS).join(", ")}`,
  );
}
if (isJson) silence();
if (folder !== null) await assertWritable(folder);
for (const name of chosen.length > 0 ? chosen : Object.keys(AREAS)) {
  enter(name);
  await AREAS[name]!();
}
if (folder !== null) {
  for (const path of await writeCharts(folder)) print(`\nDrew ${path}`);
}
if (isJson) console.log(toJson());

function takeFlag(name: string): boolean {
  const at = chosen.indexOf(name);
  if (at >= 0) chosen.splice(at, 1);
  return at >= 0;
}

function takeOption(name: string): string | null {
  const at = chosen.indexOf(name);
  if (at < 0) return null;
  const [, value] = chosen.splice(at, 2);
  if (value === undefined) fail(`${name} needs a folder`);
  return value!;
}

/** Asks before the benches run, rather than after some minutes. */
async function assertWritable(path: string): Promise<void> {
  const { state } = await Deno.permissions.request({ name: "write", path });
  if (state !== "granted") fail(`Cannot draw: no leave to write to ${path}`);
}

function fail(why: string): never {
  console.error(why);
  Deno.exit(2);
}
