/**
 * Measures ways to do the same thing beside each other: in rounds that take
 * turns, so that whatever else the machine does hits all of them, and with
 * medians, so that a round that was disturbed does not count.
 *
 * How fast one way is beside another is the median over the rounds of the ratio
 * within a round, of processor time. That includes what V8 spends on collecting
 * garbage and compiling beside the program, and does not include what other
 * programs take. If a target lies between the quartiles of that ratio, it cannot
 * be told whether it is met, and the table says so.
 *
 * All areas run in one process, as all of a program does: by the second area the
 * places of the library that poll a future have seen many classes of them, and
 * V8 calls what it would inline in a program that has but one.
 */
import { cpuUsage } from "node:process";
import { getHeapStatistics } from "node:v8";
import { draw, type Figure, report, type Verdict } from "./_report.ts";

/** One way to do `n` things; it may prepare, and times only what it is given. */
export type Way = (n: number, time: Stopwatch) => unknown;

/** Runs and times the part of a way that counts. */
export interface Stopwatch {
  <T>(part: () => T): T;
  /** Takes what another process has measured of itself, in milliseconds. */
  add(wall: number, cpu: number): void;
}

export interface Result {
  name: string;
  /** Nanoseconds for each of the things: the median over the rounds. */
  median: number;
  /** Nanoseconds of processor time, likewise. */
  cpu: number;
  /** Between the quartiles of processor time, as a part of the median. */
  spread: number;
  /** Processor time in each round. */
  rounds: number[];
}

const ROUNDS = 9;
/** Milliseconds of work after which a way is warm. */
const WARM = 250;

/** Rounds of all ways, in turns, once all are warm. */
export async function compare(
  n: number,
  ways: Record<string, Way>,
  rounds: number = ROUNDS,
): Promise<Result[]> {
  const all = Object.entries(ways).map(([name, way]) => ({
    name,
    way,
    wall: [] as number[],
    cpu: [] as number[],
  }));
  for (const { way } of all) await warmUp(n, way);
  for (let round = 0; round < rounds; round++) {
    for (const each of all) {
      collectYoung();
      const { wall, cpu } = await timed(n, each.way);
      each.wall.push((wall * 1e6) / n);
      each.cpu.push((cpu * 1e6) / n);
    }
  }
  return all.map(({ name, wall, cpu }) => {
    const [low, median, high] = quartiles(cpu);
    return {
      name,
      median: quartiles(wall)[1],
      cpu: median,
      spread: (high - low) / median,
      rounds: cpu,
    };
  });
}

/**
 * V8 compiles beside the program what was called often, and again once it knows
 * more: a short round is over before that. What promises are made of is compiled
 * when the program starts.
 */
async function warmUp(n: number, way: Way): Promise<void> {
  for (let worked = 0; worked < WARM;) {
    const { wall, cpu } = await timed(n, way);
    worked += Math.max(wall, cpu);
  }
}

/** Milliseconds, by the clock and of the processor. */
async function timed(
  n: number,
  way: Way,
): Promise<{ wall: number; cpu: number }> {
  const total = { wall: 0, cpu: 0 };
  let pending: Promise<unknown> | undefined;
  const stopwatch = <T>(part: () => T): T => {
    const start = performance.now();
    const before = cpuUsage();
    const stop = () => {
      const { user, system } = cpuUsage(before);
      total.cpu += (user + system) / 1000;
      total.wall += performance.now() - start;
    };
    const result = part();
    if (result instanceof Promise) pending = result.then(stop);
    else stop();
    return result;
  };
  const add = (wall: number, cpu: number) => {
    total.wall += wall;
    total.cpu += cpu;
  };
  await way(n, Object.assign(stopwatch, { add }));
  await pending;
  return total;
}

/** For a slow one: does only a part of the `n` things, and counts for all. */
export function part(way: Way, of: number): Way {
  return async (n, time) => {
    const { wall, cpu } = await timed(n / of, way);
    time.add(wall * of, cpu * of);
  };
}

/** The quartiles, the median between them. */
export function quartiles(values: number[]): [number, number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.round((sorted.length - 1) * part)]!;
  return [at(0.25), at(0.5), at(0.75)];
}

/**
 * Prints a table: the first way is ours, and the others are set against it.
 *
 * @param targets How often as fast ours is to be as which other.
 */
export function table(
  title: string,
  unit: string,
  results: Result[],
  targets: Record<string, number> = {},
): void {
  const [ours] = results;
  report(
    title,
    results.map((each): Figure => {
      const { name, median, cpu, spread } = each;
      const figure: Figure = { name, value: median, unit, cpu, spread };
      if (each === ours) return figure;
      const ratios = quartiles(each.rounds.map((t, i) => t / ours!.rounds[i]!));
      figure.ratio = ratios[1];
      const target = targets[name];
      if (target === undefined) return figure;
      const verdict = judge(ratios, target);
      return { ...figure, target: `${target}x`, verdict };
    }),
  );
}

/** Whether a ratio, of which these are the quartiles, is as great as it is to be. */
export function judge([low, , high]: number[], target: number): Verdict {
  if (low! >= target) return "met";
  return high! < target ? "not met" : "too noisy to tell";
}

/**
 * What each way costs at several sizes, for each of the things: as a table and
 * a chart. Small sizes are done many times over.
 *
 * @param limit How often as much the largest size may cost as 1,000, for ours.
 */
export async function growth(
  title: string,
  sizes: number[],
  ways: Record<string, (size: number) => unknown>,
  limit: number,
): Promise<void> {
  const names = Object.keys(ways);
  const series = names.map((name) => ({ name, values: [] as number[] }));
  const figures: Figure[] = [];
  let base: Result | undefined;
  for (const size of sizes) {
    const repeats = Math.max(1, Math.floor(50_000 / size));
    const repeated = Object.entries(ways).map(([name, way]) => [
      name,
      (_: number, time: Stopwatch) =>
        time(async () => {
          for (let i = 0; i < repeats; i++) await way(size);
        }),
    ]);
    const results = await compare(
      size * repeats,
      Object.fromEntries(repeated),
      size > 100_000 ? 3 : 5,
    );
    results.forEach((each, i) => {
      series[i]!.values.push(each.cpu);
      const ratio = each.cpu / results[0]!.cpu;
      const figure: Figure = {
        name: `${size.toLocaleString("en").padStart(9)}  ${each.name}`,
        value: each.cpu,
        unit: "ns",
        spread: each.spread,
      };
      figures.push(i === 0 ? figure : { ...figure, ratio });
    });
    const ours = results[0]!;
    if (size === 1_000) base = ours;
    if (size === sizes.at(-1) && base !== undefined) {
      const times = ours.rounds.map((t) => t / base!.cpu);
      const [low, median, high] = quartiles(times);
      figures.push({
        name: `the largest as often as 1,000`,
        value: median,
        unit: "x",
        target: `at most ${limit}x`,
        verdict: high <= limit
          ? "met"
          : low > limit
          ? "not met"
          : "too noisy to tell",
      });
    }
  }
  report(`${title}: processor time for each`, figures);
  draw(title, "ns each", sizes, series);
}

/** Prints one figure with a limit that it may not exceed. */
export function atMost(
  title: string,
  value: number,
  unit: string,
  limit: number,
): Figure {
  return {
    name: title,
    value,
    unit,
    target: `at most ${limit}`,
    verdict: value <= limit ? "met" : "not met",
  };
}

/**
 * Bytes that each of `n` things allocates: what three times as many take beyond
 * what as many took, so that what is made once does not count. As V8 counts in
 * steps of many kilobytes, `n` is to be large; the figure is the median.
 */
export async function allocatedEach(
  n: number,
  work: (n: number) => unknown,
): Promise<number> {
  await warmUp(n, (n, time) => time(() => work(n)));
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const one = await allocated(() => work(n));
    const three = await allocated(() => work(3 * n));
    rounds.push((three - one) / (2 * n));
  }
  return Math.max(0, quartiles(rounds)[1]);
}

/**
 * Bytes that V8 has allocated meanwhile. The size of the heap would not do: it is
 * smaller after a collection, and collections come when they like.
 */
async function allocated(work: () => unknown): Promise<number> {
  const before = allocatedInAll();
  await work();
  return allocatedInAll() - before;
}

function allocatedInAll(): number {
  const { total_allocated_bytes: bytes } = getHeapStatistics() as {
    total_allocated_bytes?: number;
  };
  if (bytes === undefined) throw new Error("this V8 does not count that");
  return bytes;
}

type Gc = (options?: { type: "minor" }) => void;

function gc(): Gc {
  const { gc } = globalThis as { gc?: Gc };
  if (gc === undefined) throw new Error("run with --v8-flags=--expose-gc");
  return gc;
}

/** Collects all garbage: before memory is measured. */
export function collectGarbage(): void {
  gc()();
}

/**
 * Collects young garbage: before a time is measured. Not all of it: a full
 * collection throws compiled code away, together with what V8 has learned of
 * shapes that no object has at the moment. Functions in machine code of V8's own,
 * as those of promises are, lose nothing by that; ours would be measured in the
 * interpreter, at a tenth of their speed.
 */
export function collectYoung(): void {
  gc()({ type: "minor" });
}
