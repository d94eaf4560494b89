import { checkNames, type Names } from "../future/_option_names.ts";
import { nameOf } from "../future/future.ts";
import type { SpawnOptions } from "./executor.ts";

const NAMES: Names<SpawnOptions> = { name: true };

/** The name that a task is to have; without options, as a rule, for nothing. */
export function spawnName(
  options: SpawnOptions | undefined,
): string | undefined {
  if (options === undefined) return undefined;
  checkNames(options, NAMES);
  const { name } = options;
  if (name === undefined || typeof name === "string") return name;
  throw new TypeError(
    `Cannot spawn a task: its name must be a string, got ${nameOf(name)}`,
  );
}
