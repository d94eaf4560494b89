import { cpuUsage } from "node:process";
import type { Executor } from "../../executor/mod.ts";
import type { ObserveOptions } from "../../executor/observe/mod.ts";
import type { Future } from "../../future/mod.ts";
import { collectGarbage, collectYoung, quartiles } from "./_harness.ts";
import { type Figure, report } from "./_report.ts";

type Pollen =
  & typeof import("../../executor/mod.ts")
  & typeof import("../../executor/observe/mod.ts")
  & typeof import("../../future/mod.ts")
  & typeof import("../../executor/time/mod.ts");

const ROOT = new URL("../../", import.meta.url);
const ROUNDS = 5;

/**
 * What it costs to be able to look, and to look. Copies of the library whose core
 * has no place for an observer are set against copies of it as it is: fresh ones
 * each round, since how well a copy gets compiled is a matter of luck. They warm up
 * and are measured with no full collection between, which would throw the compiled
 * code away: then all ways look alike, and slow.
 *
 * To observe a poll costs ten times the poll, the shortest there is: half of that
 * to read the clock, once for each poll where it was three times.
 */
export async function sight(): Promise<void> {
  await compareTo("A wake and a poll of a task", wakes, 300_000);
  await compareTo("Spawning and ending a task", spawns, 50_000);
  await dumps(await copy((source) => source), 10_000);
}

/** What is compared: the copy, and how it is observed, if it is. */
const WAYS: Record<string, [isWhole: boolean, observe: ObserveOptions | null]> =
  {
    "no place to look from": [false, null],
    "nobody looks": [true, null],
    "observed, without lints": [true, { lints: false }],
    "observed": [true, {}],
    "observed and traced": [true, { trace: true }],
  };

/** The file that tells the observer what happens. */
const TELLING = "executor/_core.ts";

/** The library from a place of its own, with that file rewritten. */
async function copy(rewrite: (source: string) => string): Promise<Pollen> {
  const to = new URL(`file://${await Deno.makeTempDir()}/`);
  for (const folder of ["future/", "executor/"]) await copyInto(to, folder);
  const file = new URL(TELLING, to);
  await Deno.writeTextFile(file, rewrite(await Deno.readTextFile(file)));
  const modules = await Promise.all(
    ["executor/", "executor/observe/", "future/", "executor/time/"]
      .map((folder) => import(new URL(`${folder}mod.ts`, to).href)),
  );
  return Object.assign({}, ...modules);
}

async function copyInto(to: URL, folder: string): Promise<void> {
  await Deno.mkdir(new URL(folder, to), { recursive: true });
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))
  ) {
    if (isDirectory) await copyInto(to, `${folder}${name}/`);
    else {
      const path = folder + name;
      const text = await Deno.readTextFile(new URL(path, ROOT));
      await Deno.writeTextFile(new URL(path, to), text);
    }
  }
}

/** Cuts all places out where a core tells the observer. */
function withoutObserver(source: string): string {
  const cut = source
    .replace(
      /const observer = this\.observer;\s+const isWoken = observer === null \? task\.run\(task\) : observer\.poll\(task\);/,
      "const isWoken = task.run(task);",
    )
    .replace(/^\s+this\.observer\?\..*;\n/gm, "");
  if (/\.observer/.test(cut) || cut === source) {
    throw new Error("the core looks other than this bench knows it");
  }
  return cut;
}

/** A task that wakes itself so many times; nanoseconds for each. */
async function wakes(
  pollen: Pollen,
  n: number,
  observe: ObserveOptions | null,
): Promise<number> {
  let left = n;
  const busy = pollen.pollFn((cx) => {
    if (left-- === 0) return;
    cx.waker.wake();
    return pollen.Pending;
  });
  return await timed(pollen, observe, n, (executor) => executor.run(busy));
}

async function spawns(
  pollen: Pollen,
  n: number,
  observe: ObserveOptions | null,
): Promise<number> {
  const all: Future<unknown> = pollen.lazy(() => {
    for (let i = 0; i < n; i++) pollen.spawn(pollen.ready(i)).detach();
    return pollen.yieldNow();
  });
  return await timed(pollen, observe, n, (executor) => executor.run(all));
}

/** Nanoseconds of processor time for each of `n` things. */
async function timed(
  pollen: Pollen,
  options: ObserveOptions | null,
  n: number,
  work: (executor: Executor) => Promise<unknown>,
): Promise<number> {
  using executor = new pollen.Executor();
  using _observation = options && pollen.observe(options, executor);
  collectYoung();
  const start = cpuUsage();
  await work(executor);
  const { user, system } = cpuUsage(start);
  return (user + system) * 1000 / n;
}

/**
 * Prints for each way the median, and the median of its ratios to the first way,
 * from rounds that take turns.
 */
async function compareTo(
  title: string,
  measure: typeof wakes,
  n: number,
): Promise<void> {
  const names = Object.keys(WAYS);
  const times = new Map(names.map((name) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++) {
    // Who goes first may matter: by turns.
    const order = round % 2 === 0 ? names : names.toReversed();
    for (const name of order) {
      const [isWhole, observe] = WAYS[name]!;
      // Not shared: to have been observed changes how a copy gets compiled.
      const pollen = await copy(
        isWhole ? (source) => source : withoutObserver,
      );
      for (let i = 0; i < 3; i++) await measure(pollen, n, observe); // warms up
      times.get(name)!.push(await measure(pollen, n, observe));
    }
  }
  const base = times.get(names[0]!)!;
  report(
    `${title}, in processor time`,
    [...times].map(([name, each]): Figure => {
      const figure = figureOf(name, each, "ns");
      if (name === names[0]) return figure;
      const [, ratio] = quartiles(each.map((time, i) => time / base[i]!));
      return { ...figure, ratio };
    }),
  );
}

function figureOf(name: string, times: number[], unit: string): Figure {
  const [low, value, high] = quartiles(times);
  return { name, value, unit, spread: (high - low) / value };
}

async function dumps(pollen: Pollen, count: number): Promise<void> {
  using executor = new pollen.Executor();
  for (let i = 0; i < count; i++) {
    const waits = pollen.co(function* waits() {
      yield* pollen.sleep(1e9);
    });
    executor.spawn(pollen.timeout(waits, 2e9), { name: `task ${i}` });
  }
  await executor.run(pollen.yieldNow());
  const ways: Record<string, () => unknown> = {
    "snapshot()": () => executor.snapshot(),
    "snapshot() and its text": () => `${executor.snapshot()}`,
    "snapshot() and its JSON": () => JSON.stringify(executor.snapshot()),
  };
  const figures = Object.entries(ways).map(([name, way]) => {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      collectGarbage();
      const start = cpuUsage();
      way();
      const { user, system } = cpuUsage(start);
      times.push((user + system) / 1000);
    }
    return figureOf(name, times, "ms");
  });
  report(
    `A dump of ${count} tasks that wait, each for a timeout over a co, in processor time`,
    figures,
  );
}
