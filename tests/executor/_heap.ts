import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export const MIB: number = 2 ** 20;

// Garbage is collected on demand, so that what is measured is what is held.
setFlagsFromString("--expose-gc");
/** Collects all garbage, now. */
export const gc: () => void = runInNewContext("gc");

/** How many bytes of the heap are in use. */
function used(): number {
  gc();
  return Deno.memoryUsage().heapUsed;
}

/** Runs `work` ten times; by how much the heap has grown, in MiB. */
export function growth(work: () => void): number {
  // Until it is compiled, and arrays have the size that they need.
  for (let i = 0; i < 3; i++) work();
  const before = used();
  for (let i = 0; i < 10; i++) work();
  return (used() - before) / MIB;
}
