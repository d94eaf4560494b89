/**
 * Measures ways to do the same thing beside each other: in rounds that take
 * turns, so that whatever else the machine does hits all of them, and with
 * medians, so that a round that was disturbed does not count.
 */

/** One way to do `n` things; it may prepare, and times only what it is given. */
export type Way = (n: number, time: Stopwatch) => unknown;

/** Runs and times the part of a way that counts. */
export type Stopwatch = <T>(part: () => T) => T;

export interface Result {
  name: string;
  /** Nanoseconds for each of the things: the median over the rounds. */
  median: number;
  /** From the quickest to the slowest round, as a part of the median. */
  spread: number;
}

const ROUNDS = 9;

/** Rounds of all ways, in turns; the first one, which warms up, is left out. */
export async function compare(
  n: number,
  ways: Record<string, Way>,
): Promise<Result[]> {
  const times = new Map(
    Object.keys(ways).map((name) => [name, [] as number[]]),
  );
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, way] of Object.entries(ways)) {
      collectGarbage();
      const time = await timed(n, way);
      if (round > 0) times.get(name)!.push((time * 1e6) / n);
    }
  }
  return [...times].map(([name, each]) => {
    each.sort((a, b) => a - b);
    const median = each[each.length >> 1]!;
    return { name, median, spread: (each.at(-1)! - each[0]!) / median };
  });
}

async function timed(n: number, way: Way): Promise<number> {
  let total = 0;
  let pending: Promise<unknown> | undefined;
  await way(n, (part) => {
    const start = performance.now();
    const result = part();
    if (result instanceof Promise) {
      pending = result.then(() => total += performance.now() - start);
    } else {
      total += performance.now() - start;
    }
    return result;
  });
  await pending;
  return total;
}

/** Bytes that `work` allocates, as far as the heap shows them. */
export async function allocated(
  work: () => void | Promise<void>,
): Promise<number> {
  await work(); // compiled, and all that is made once is made
  collectGarbage();
  const before = Deno.memoryUsage().heapUsed;
  await work();
  return Deno.memoryUsage().heapUsed - before;
}

export function collectGarbage(): void {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error("run with --v8-flags=--expose-gc");
  gc();
}

/** Prints a table: the first way is ours, and the others are set against it. */
export function table(title: string, unit: string, results: Result[]): void {
  const [ours] = results;
  console.log(`\n${title}`);
  const width = Math.max(...results.map(({ name }) => name.length));
  for (const each of results) {
    const ratio = each === ours
      ? ""
      : `   ours is ${(each.median / ours!.median).toFixed(1)}x as fast`;
    const noise = each.spread > 0.5
      ? `  (rounds differ by ${(each.spread * 100).toFixed(0)} %)`
      : "";
    console.log(
      `  ${each.name.padEnd(width)}  ${
        each.median.toFixed(1).padStart(9)
      } ${unit}${ratio}${noise}`,
    );
  }
}
