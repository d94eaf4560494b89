/**
 * Feeds the parser of responses more changed responses than the tests do.
 *
 *     deno task fuzz                a million, from a seed of its own
 *     deno task fuzz 5000000 42     as many, from that seed
 */

import { fuzz } from "./_fuzz.ts";

const [count = 1_000_000, seed = Date.now() % 2 ** 31] = Deno.args.map(Number);
if (!Number.isSafeInteger(count) || !Number.isSafeInteger(seed)) {
  console.error("usage: deno task fuzz [count] [seed]");
  Deno.exit(2);
}
console.log(`${count} inputs from seed ${seed}`);
const STEP = 100_000;
let complete = 0;
for (let done = 0; done < count; done += STEP) {
  complete += fuzz(Math.min(STEP, count - done), seed + done);
  const { heapUsed, external } = Deno.memoryUsage();
  const megabytes = ((heapUsed + external) / 2 ** 20).toFixed(0);
  console.log(
    `${
      Math.min(done + STEP, count)
    } done, ${complete} complete, ${megabytes} MiB in use`,
  );
}
