import type { Core } from "../_core.ts";
import type { Observer } from "../_observer.ts";
import type { Task } from "../_task.ts";
import { Histogram } from "./_histogram.ts";
import { Lints } from "./_lints.ts";
import { TaskRecord } from "./_record.ts";
import { Spans } from "./_spans.ts";
import { waitsOf } from "../inspect/_waits.ts";
import type { Lint, LintLimits } from "./lint.ts";
import type { ExecutorMetrics, TaskMetrics } from "./metrics.ts";
import { type TraceOptions, Tracer } from "./trace.ts";

/** What is watched for, besides what is counted. */
export interface Watched {
  lints: LintLimits | null;
  onLint: ((lint: Lint) => void) | null;
  trace: TraceOptions | null;
  spans: boolean;
}

/** The observer of a core: counts, and passes on what the others want to know. */
export class Watch implements Observer {
  readonly #core: Core;
  readonly #records = new Map<Task<unknown>, TaskRecord>();
  readonly #times = new Histogram();
  readonly #lints: Lints | null;
  readonly tracer: Tracer | null;
  readonly #spans: Spans | null;
  readonly #onLint: ((lint: Lint) => void) | null;

  #spawned = 0;
  #completed = 0;
  #failed = 0;
  #cancelled = 0;
  #polls = 0;
  #wakes = 0;
  #turns = 0;
  #hostYields = 0;
  #busy = 0;
  /**
   * When the poll ended that was before in this turn: that is when the next one
   * begins. To read the clock costs as much as all else that is done for a poll.
   */
  #lastEnd: number | null = null;
  /** Whether code of others runs between polls: what makes spans, or chooses. */
  readonly #hasGaps: boolean;

  constructor(core: Core, watched: Watched) {
    this.#core = core;
    const report = (error: unknown) => core.host.unhandled(error);
    this.#onLint = watched.onLint;
    this.tracer = watched.trace && new Tracer(watched.trace, nameOf);
    this.#lints = watched.lints &&
      new Lints(core, this.#records, watched.lints, (lint) => this.#tell(lint));
    this.#spans = watched.spans ? Spans.find(report) : null;
    this.#hasGaps = this.#spans !== null || core.host.choose !== undefined;
    const now = core.host.now();
    for (let task = core.newest; task !== null; task = task.older) {
      this.#records.set(task, new TaskRecord(task, false, now));
    }
  }

  spawned(task: Task<unknown>): void {
    const now = this.#core.host.now();
    const record = new TaskRecord(task, true, now);
    this.#records.set(task, record);
    this.#spawned++;
    this.tracer?.spawned(record, now);
    this.#spans?.spawned(task, nameOf(record));
  }

  queued(task: Task<unknown>): void {
    // A task that has failed stands in line to have that reported.
    if (task.state !== "queued") return;
    const record = this.#records.get(task)!;
    if (record.isPolled && this.tracer === null) {
      record.wakesItself(); // at what moment is of no interest
      this.#wakes++;
      return;
    }
    const now = this.#core.host.now();
    if (!record.queued(now)) return;
    this.#wakes++;
    this.tracer?.woken(record, now);
  }

  poll(task: Task<unknown>): boolean {
    const record = this.#records.get(task);
    // If it has ended, its failure is to be reported.
    if (record === undefined) return task.run(task);
    const start = this.#lastEnd ?? this.#core.host.now();
    const { wokenBy } = record; // another, if it wakes itself in this poll
    record.pollBegins(start);
    const isWoken = this.#spans === null
      ? task.run(record)
      : this.#spans.poll(task, () => task.run(record));
    if (isWoken) this.queued(task);
    const end = this.#core.host.now();
    const took = record.pollEnds(end);
    this.#lastEnd = this.#hasGaps ? null : end;
    this.#polls++;
    this.#busy += took;
    this.#times.add(took);
    this.tracer?.polled(record, start, took, wokenBy);
    this.#lints?.polled(record, took);
    if (task.isFinished) this.#over(record);
    return isWoken;
  }

  ended(task: Task<unknown>): void {
    switch (task.state) {
      case "completed":
        this.#completed++;
        break;
      case "failed":
        this.#failed++;
        break;
      default:
        this.#cancelled++;
    }
    const record = this.#records.get(task)!;
    this.#records.delete(task);
    // If it is being polled, that poll is to be counted first.
    if (!record.isPolled) this.#over(record);
  }

  #over(record: TaskRecord): void {
    const now = this.#core.host.now();
    this.tracer?.ended(record.task, now);
    this.#spans?.ended(record, record.metrics(now).busyMs);
  }

  turned(idle: boolean, spent: boolean): void {
    this.#turns++;
    this.#lastEnd = null;
    if (spent && !idle) this.#hostYields++;
    if (idle) this.#lints?.idle();
  }

  look(): readonly Lint[] {
    this.#lints?.look();
    return this.found;
  }

  /** What was found so far. */
  get found(): readonly Lint[] {
    return this.#lints?.found ?? [];
  }

  metrics(): ExecutorMetrics {
    return {
      tasksSpawned: this.#spawned,
      tasksCompleted: this.#completed,
      tasksFailed: this.#failed,
      tasksCancelled: this.#cancelled,
      polls: this.#polls,
      wakes: this.#wakes,
      turns: this.#turns,
      hostYields: this.#hostYields,
      busyMs: this.#busy,
      pollTimes: this.#times.toJSON(),
    };
  }

  metricsOf(task: Task<unknown>): TaskMetrics {
    return this.#records.get(task)!.metrics(this.#core.host.now());
  }

  #tell(lint: Lint): void {
    this.#spans?.found(lint);
    try {
      this.#onLint?.(lint);
    } catch (error) {
      this.#core.host.unhandled(error);
    }
    this.#lastEnd = null;
  }

  [Symbol.dispose](): void {
    this.#lints?.[Symbol.dispose]();
    this.#spans?.[Symbol.dispose]();
  }
}

/** What spans and tracks are called: the task's name, else what it runs. */
function nameOf(record: TaskRecord): string {
  const { name, future } = record.task;
  if (record.label !== null) return record.label;
  return record.label = name ?? (future === null ? "" : waitsOf(future).type);
}
