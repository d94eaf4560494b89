import { currentCore } from "./_current.ts";
import { coreBehind, type Executor } from "./executor.ts";
import {
  type Observation,
  observeCore,
  type ObserveOptions,
} from "./inspect/observation.ts";

/**
 * Begins to observe an executor: see {@linkcode Observation}. Mirrors
 * `tokio::runtime::RuntimeMetrics` and, in what it finds, `console-subscriber`.
 *
 * @param options Whether to look for what is ill, to keep a trace, to make spans.
 * @param executor Which one; by default the one whose task is being polled, else
 * the default executor.
 * @returns The observation; dispose of it to end it.
 * @throws {TypeError} If the executor is observed already.
 * @throws {RangeError} If a limit is out of range.
 *
 * @example Usage
 * ```ts
 * import { observe, run, yieldNow } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * using observation = observe();
 * await run(yieldNow());
 * assertEquals(observation.metrics().polls, 2);
 * assertEquals(observation.lints(), []);
 * ```
 */
export function observe(
  options: ObserveOptions = {},
  executor?: Executor,
): Observation {
  const core = executor === undefined ? currentCore() : coreBehind(executor);
  return observeCore(core, options);
}
