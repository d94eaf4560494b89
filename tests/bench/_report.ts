/**
 * What the benches have found, in one place: printed as tables as they come,
 * or, if asked, as JSON at the end; and drawn as charts.
 */
import { chart, type Series } from "./_chart.ts";

/** One way to do a thing, measured. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** Nanoseconds of the processor for each. */
  cpu?: number;
  /** Between the quartiles of the rounds, as a part of the median. */
  spread?: number;
  /** How often as fast ours is. */
  ratio?: number;
  target?: string;
  verdict?: Verdict;
}

export type Verdict = "met" | "not met" | "too noisy to tell";

interface Section {
  area: string;
  title: string;
  figures: Figure[];
}

/** What could not be measured, and why. */
interface Skipped {
  area: string;
  name: string;
  reason: string;
}

interface Chart {
  area: string;
  title: string;
  unit: string;
  sizes: number[];
  series: Series[];
}

const sections: Section[] = [];
const charts: Chart[] = [];
const skipped: Skipped[] = [];
let area = "";
let isSilent = false;

/** Says whose figures come next. */
export function enter(name: string): void {
  area = name;
  print(`\n=== ${name} ===`);
}

/** Prints no tables from now on. */
export function silence(): void {
  isSilent = true;
}

/** Prints a line, unless the figures are wanted as JSON. */
export function print(line: string): void {
  if (!isSilent) console.log(line);
}

/** Says by name what is not measured on this machine. */
export function skip(name: string, reason: string): void {
  skipped.push({ area, name, reason });
  print(`\n(skipped: ${name}: ${reason})`);
}

/** A table: its title, and a line for each figure. */
export function report(title: string, figures: Figure[]): void {
  sections.push({ area, title, figures });
  print(`\n${title}`);
  const width = Math.max(28, ...figures.map(({ name }) => name.length));
  for (const each of figures) print(`  ${lineOf(each, width)}`);
}

function lineOf(each: Figure, width: number): string {
  const { name, value, unit, cpu, spread, ratio, target, verdict } = each;
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  let line = `${name.padEnd(width)} ${value.toFixed(digits).padStart(9)} ${
    unit.padEnd(5)
  }`;
  if (cpu !== undefined) line += ` cpu ${cpu.toFixed(0).padStart(6)}`;
  if (spread !== undefined) {
    line += `  ±${(spread * 50).toFixed(0).padStart(3)} %`;
  }
  if (ratio !== undefined) line += `  ours ${ratio.toFixed(1)}x as fast`;
  if (target !== undefined) line += `  target ${target}: ${verdict}`;
  if (spread !== undefined && spread > 0.5) line += "  (wide spread)";
  return line.trimEnd();
}

/** A chart of what each costs at several sizes. */
export function draw(
  title: string,
  unit: string,
  sizes: number[],
  series: Series[],
): void {
  charts.push({ area, title, unit, sizes, series });
}

/** All figures, for machines. */
export function toJson(): string {
  return JSON.stringify({ sections, growth: charts, skipped }, null, 2);
}

/** Writes the charts of each area to a folder; their paths. */
export async function writeCharts(folder: string): Promise<string[]> {
  await Deno.mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const name of new Set(charts.map(({ area }) => area))) {
    const path = `${folder}/${name}.svg`;
    const own = charts.filter((each) => each.area === name);
    await Deno.writeTextFile(path, chart(own));
    paths.push(path);
  }
  return paths;
}
