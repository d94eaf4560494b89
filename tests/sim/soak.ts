/**
 * Simulates the HTTP client over a network that fails, for as many runs as are
 * asked for, each from another seed:
 *
 *     deno task sim                    20,000 runs, from seed 1
 *     deno task sim 100000 500         100,000 runs, from seed 500
 *
 * A failure says how to repeat it, and shows all that happened.
 */
import process from "node:process";
import { type SimTestOptions, simulate } from "../../net/sim/mod.ts";
import {
  trial,
  trialOptions,
  WAYS,
  webOptions,
  webTrial,
} from "./_http_work.ts";

const [all = 20_000, first = 1] = Deno.args.map(Number);
const ways: [string, SimTestOptions, typeof trial][] = [
  ...Object.entries(WAYS).map(([way, options]): typeof ways[number] => [
    way,
    { ...trialOptions, ...options },
    trial,
  ]),
  ["by fetch and web streams", webOptions, webTrial],
];
for (const [way, options, body] of ways) {
  const before = process.cpuUsage();
  const { runs, steps } = await simulate({
    ...options,
    twice: false,
    runs: Math.ceil(all / ways.length),
    seed: first,
  }, body);
  const { user, system } = process.cpuUsage(before);
  const seconds = ((user + system) / 1e6).toFixed(1);
  console.log(
    `${way}: ${runs} runs, ${steps} steps, ${seconds} s of processor time`,
  );
}
