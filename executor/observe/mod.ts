/**
 * Looks at an executor while it runs: counts and measures, finds what is ill,
 * keeps a trace that Perfetto opens, makes OpenTelemetry spans, and writes a
 * dump at a signal.
 *
 * {@linkcode observe} begins it, and nobody who does not look pays for it. What
 * an executor does at one moment is told by `snapshot` of `./executor`.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { observe } from "@pollen/futures/observe";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * using observation = observe();
 * await run(sleep(2));
 * assertEquals(observation.metrics().tasksCompleted, 1);
 * assertEquals(observation.lints(), []); // nothing looks ill
 * ```
 *
 * @module
 */

export * from "./dump_on_signal.ts";
export type * from "./lint.ts";
export type * from "./metrics.ts";
export { Observation, observe, type ObserveOptions } from "./observation.ts";
export {
  Trace,
  type TraceData,
  type TraceEvent,
  type TraceOptions,
} from "./trace.ts";
