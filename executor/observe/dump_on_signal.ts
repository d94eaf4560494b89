import { checkNames, type Names } from "../../future/_option_names.ts";
import { currentCore } from "../_current.ts";
import { printError } from "../_host.ts";
import { coreBehind, type Executor } from "../executor.ts";
import type { Lint } from "./lint.ts";
import { snapshotOf } from "../inspect/snapshot.ts";

/** What {@linkcode dumpOnSignal} waits for, and what it does then. */
export interface DumpOptions {
  /** Whose tasks: those of the executor that a `spawn` here would use, by default. */
  executor?: Executor;
  /**
   * Which signal: `"SIGUSR1"` by default. Node keeps that one for its debugger:
   * take `"SIGUSR2"` there.
   */
  signal?: string;
  /** What takes the text: the standard error output by default. */
  write?: (text: string) => void;
}

const NAMES: Names<DumpOptions> = { executor: true, signal: true, write: true };

/**
 * Writes what all tasks do to the standard error output whenever the process
 * gets a signal: `kill -USR1 <pid>` asks a server that hangs what it waits for.
 * If the executor is observed, what was found ill is written, too.
 *
 * A task that never yields keeps the signal from being seen. Listening does not
 * hold the process, and needs no permission.
 *
 * @param options Whose tasks, and which signal.
 * @returns Dispose of it to stop listening.
 * @throws {TypeError} If the executor's host does not know the signal, or has none
 * at all, as a browser and a simulation have none.
 *
 * @example Usage
 * ```ts
 * import { dumpOnSignal } from "@pollen/futures/observe";
 *
 * using _dumps = dumpOnSignal();
 * // ... the program
 * ```
 */
export function dumpOnSignal(options: DumpOptions = {}): Disposable {
  checkNames(options, NAMES);
  const { executor, signal = "SIGUSR1", write = printError } = options;
  const core = executor === undefined ? currentCore() : coreBehind(executor);
  const { host } = core;
  if (host.onSignal === undefined) {
    throw new TypeError(
      `Cannot listen for ${signal}: the executor's host has no signals`,
    );
  }
  const stop = host.onSignal(signal, () => {
    try {
      const lints = core.observer?.look() ?? [];
      write([snapshotOf(core), ...lints.map(lineOf)].join("\n"));
    } catch (error) {
      host.unhandled(error);
    }
  });
  return { [Symbol.dispose]: stop };
}

function lineOf({ kind, task, reason }: Lint): string {
  const name = task?.name ? ` "${task.name}"` : "";
  return `${kind}: ${task === null ? "" : `task ${task.id}${name}: `}${reason}`;
}
