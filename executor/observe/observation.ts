import { checkNames, type Names } from "../../future/_option_names.ts";
import type { Core } from "../_core.ts";
import { currentCore } from "../_current.ts";
import { coreBehind, type Executor } from "../executor.ts";
import { Watch } from "./_watch.ts";
import type { Lint, LintLimits } from "./lint.ts";
import type { ExecutorMetrics } from "./metrics.ts";
import type { Trace, TraceOptions } from "./trace.ts";

/** What an observation is for, besides the metrics. */
export interface ObserveOptions {
  /**
   * Whether to look for what is ill, and from when on: `true` by default. See
   * `LintKind` for what is found.
   */
  lints?: boolean | LintLimits;
  /**
   * Is told of each finding as it is made, from inside the executor's turn. What
   * it throws is reported, and stops nothing.
   */
  onLint?: (lint: Lint) => void;
  /** Whether to keep a trace of the last events: `false` by default. */
  trace?: boolean | TraceOptions;
  /**
   * Whether to make an OpenTelemetry span for each task that is spawned from now
   * on: `false` by default. Where no telemetry is set up, nothing is made.
   */
  spans?: boolean;
}

const NAMES: Names<ObserveOptions> = {
  lints: true,
  onLint: true,
  trace: true,
  spans: true,
};

const LINTS: Names<LintLimits> = {
  pollMs: true,
  selfWakes: true,
  grantMs: true,
};

const TRACE: Names<TraceOptions> = { events: true };

/**
 * A look at an executor that goes on: it counts polls and wakes, measures how
 * long they took, and looks for what is ill. While it lasts, each poll and each
 * wake reads the clock, which makes them several times as expensive; without one
 * they cost what they always do. Snapshots have metrics while it lasts.
 *
 * Made by {@linkcode observe}; dispose of it to end it.
 *
 * @example Finding a future that forgets its waker
 * ```ts
 * import { Executor } from "@pollen/futures/executor";
 * import { Pending, pollFn } from "@pollen/futures/future";
 * import { observe } from "@pollen/futures/observe";
 * import { VirtualClock } from "@pollen/futures/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new VirtualClock();
 * using executor = new Executor({ host: clock });
 * using observation = observe({}, executor);
 * executor.spawn(pollFn(() => Pending), { name: "forgetful" });
 * clock.advance(0);
 * const [lint] = observation.lints();
 * assertEquals([lint?.kind, lint?.task?.name], ["lost-waker", "forgetful"]);
 * ```
 */
export class Observation implements Disposable {
  readonly #core: Core;
  readonly #watch: Watch;
  /** The last events, if they are kept. */
  readonly trace: Trace | null;

  private constructor(core: Core, options: ObserveOptions) {
    checkNames(options, NAMES);
    const lints = settings(options.lints ?? true);
    const trace = settings(options.trace ?? false);
    if (lints !== null) checkNames(lints, LINTS, "lints.");
    if (trace !== null) checkNames(trace, TRACE, "trace.");
    if (core.observer !== null) {
      throw new TypeError(
        "Cannot observe the executor: it is observed already; dispose of that observation first",
      );
    }
    this.#core = core;
    this.#watch = new Watch(core, {
      lints,
      onLint: options.onLint ?? null,
      trace,
      spans: options.spans ?? false,
    });
    this.trace = this.#watch.tracer?.trace ?? null;
    core.observer = this.#watch;
  }

  /** What the executor has done since the observation began. */
  metrics(): ExecutorMetrics {
    return this.#watch.metrics();
  }

  /**
   * Looks once more, and gives what was found so far: the last 256 findings, the
   * oldest first.
   */
  lints(): Lint[] {
    const goesOn = this.#core.observer === this.#watch;
    return [...goesOn ? this.#watch.look() : this.#watch.found];
  }

  /** Ends the observation; what it has found can still be read. Idempotent. */
  [Symbol.dispose](): void {
    if (this.#core.observer !== this.#watch) return;
    this.#core.observer = null;
    this.#watch[Symbol.dispose]();
  }
}

// Only `observe` makes observations, whose constructor is private.
const Observing = Observation as unknown as new (
  core: Core,
  options: ObserveOptions,
) => Observation;

function settings<T extends object>(option: boolean | T): T | null {
  if (option === true) return {} as T;
  return option === false ? null : option;
}

/**
 * Begins to observe an executor: see {@linkcode Observation}. Mirrors
 * `tokio::runtime::RuntimeMetrics` and, in what it finds, `console-subscriber`.
 *
 * @param options Whether to look for what is ill, to keep a trace, to make spans.
 * @param executor Which one; by default the one whose task is being polled, else
 * the default executor.
 * @returns The observation; dispose of it to end it.
 * @throws {TypeError} If the executor is observed already, or an option is unknown.
 * @throws {RangeError} If a limit is out of range.
 *
 * @example Usage
 * ```ts
 * import { run, yieldNow } from "@pollen/futures/executor";
 * import { observe } from "@pollen/futures/observe";
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
  return new Observing(core, options);
}
