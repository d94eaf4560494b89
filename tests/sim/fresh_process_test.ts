import { assertEquals, assertNotEquals } from "@std/assert";
import { type ExploreReport, simulate } from "../../net/sim/mod.ts";
import {
  trial,
  trialOptions,
  WAYS,
  webOptions,
  webTrial,
} from "./_http_work.ts";

const RUNS = 60;

const here = (name: string) =>
  JSON.stringify(new URL(name, import.meta.url).href);

const child = `
import { simulate } from ${here("../../net/sim/mod.ts")};
import * as work from ${here("./_http_work.ts")};
const way = Object.values(work.WAYS).at(-1);
const options = { ...work.trialOptions, ...way, runs: ${RUNS}, seed: 7, twice: false };
const web = { ...work.webOptions, runs: ${RUNS}, seed: 7, twice: false };
console.log(JSON.stringify([
  await simulate(options, work.trial),
  await simulate(web, work.webTrial),
]));
`;

async function fresh(): Promise<[ExploreReport, ExploreReport]> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--ext=ts", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  });
  await using process = command.spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(child));
  await writer.close();
  const { stdout } = await process.output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("http client: a seed gives the same runs here and in a fresh process", async () => {
  const way = Object.values(WAYS).at(-1)!;
  const options = { ...trialOptions, ...way, runs: RUNS, twice: false };
  const web = { ...webOptions, runs: RUNS, twice: false };
  const [there, here, other, webHere, webOther] = await Promise.all([
    fresh(),
    simulate({ ...options, seed: 7 }, trial),
    simulate({ ...options, seed: 8 }, trial),
    simulate({ ...web, seed: 7 }, webTrial),
    simulate({ ...web, seed: 8 }, webTrial),
  ]);
  assertEquals([here, webHere], there);
  assertNotEquals(here.hash, other.hash);
  assertNotEquals(webHere.hash, webOther.hash);
});
