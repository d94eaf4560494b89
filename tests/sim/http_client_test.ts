// The HTTP client over a network that fails: first nothing may go wrong, then,
// with the faults gone, everything must go right in time. `deno task sim` makes
// many more runs of the same.
import { simTest } from "../../net/sim/mod.ts";
import {
  trial,
  trialOptions,
  WAYS,
  webOptions,
  webTrial,
} from "./_http_work.ts";

/** Of each kind; every one of them is made twice, and must be the same. */
const RUNS = 128;

for (const [way, options] of Object.entries(WAYS)) {
  simTest(
    `http client: right or failed, once at most, within its limits; ${way}`,
    { ...trialOptions, ...options, runs: RUNS },
    trial,
  );
}

simTest(
  "http client: right or failed, once at most, within its limits; by fetch and web streams",
  { ...webOptions, runs: RUNS },
  webTrial,
);
