import { activeTask } from "../_core.ts";
import type { Task } from "../_task.ts";
import type { TaskRecord } from "./_record.ts";
import { END, EventRing, type Noted, POLL, SPAWN, WAKE } from "./_ring.ts";

/** How a trace is kept. */
export interface TraceOptions {
  /**
   * How many events are kept; the oldest make room for the latest. 65,536 by
   * default, at about 50 bytes each, which are taken at once.
   */
  events?: number;
}

/** An event in Chrome's trace format; which fields it has depends on `ph`. */
export interface TraceEvent {
  /** What happened. */
  name: string;
  /** `"X"` a poll, `"i"` an instant, `"s"`, `"f"` an arrow, `"M"` a name. */
  ph: "X" | "i" | "s" | "f" | "M";
  /** When, in microseconds of the executor's clock. */
  ts: number;
  /** How long, in microseconds. */
  dur?: number;
  /** The executor: 1. */
  pid: 1;
  /** The task's number; 0 for what no task did. */
  tid: number;
  /** The group of the event. */
  cat?: string;
  /** Which arrow. */
  id?: number;
  /** That an arrow ends at the poll that encloses its end. */
  bp?: "e";
  /** That an instant belongs to its task. */
  s?: "t";
  /** What else is known. */
  args?: Record<string, string | number>;
}

/** A trace in Chrome's trace format, as Perfetto and `chrome://tracing` read it. */
export interface TraceData {
  /** The events, in the order of their times, after the names. */
  traceEvents: TraceEvent[];
  /** How times are shown. */
  displayTimeUnit: "ms";
  /** How many events have made room for later ones. */
  otherData: { eventsLost: number };
}

/**
 * The last events of an executor: each poll as a span on the track of its task,
 * each wake with an arrow from the poll that made it to the poll that it led to,
 * and the spawns and ends. `JSON.stringify(trace)` is a file that Perfetto opens.
 *
 * @example Writing it to a file
 * ```ts
 * import { Executor } from "@pollen/futures/executor";
 * import { observe } from "@pollen/futures/observe";
 * import { sleep } from "@pollen/futures/time";
 * import { assert } from "@std/assert";
 *
 * using executor = new Executor();
 * using observation = observe({ trace: true }, executor);
 * await executor.run(sleep(1));
 * const json = JSON.stringify(observation.trace);
 * // await Deno.writeTextFile("trace.json", json); // and open it in ui.perfetto.dev
 * assert(json.startsWith('{"traceEvents":['));
 * ```
 */
export class Trace {
  readonly #ring: EventRing;

  private constructor(options: TraceOptions) {
    const events = options.events ?? 65_536;
    if (!Number.isInteger(events) || events < 1 || events > 2 ** 24) {
      throw new RangeError(
        `Cannot trace: events must be a whole number from 1 to 16777216, got ${events}`,
      );
    }
    this.#ring = new EventRing(events);
  }

  /** For the tracer of this file. */
  private static ringOf(trace: Trace): EventRing {
    return trace.#ring;
  }

  /** How many events are there. */
  get size(): number {
    return this.#ring.size;
  }

  /** How many events have made room for later ones. */
  get lost(): number {
    return this.#ring.lost;
  }

  /** The trace as Chrome's format has it. */
  toJSON(): TraceData {
    const noted = [...this.#ring];
    const led = new Set(
      noted.map((each) => each.kind === POLL ? each.link : 0),
    );
    const wakes = new Set(
      noted.map((each) => each.kind === WAKE ? each.link : 0),
    );
    const isWhole = (link: number) =>
      link > 0 && led.has(link) && wakes.has(link);
    const events = noted.flatMap((each) => eventsOf(each, isWhole(each.link)));
    // A poll is noted when it ends, and what happened in it before. The sort is
    // stable, and puts a poll before what happened as it began.
    events.sort((a, b) =>
      a.ts - b.ts || Number(b.ph === "X") - Number(a.ph === "X")
    );
    return {
      traceEvents: [...namesOf(noted), ...events],
      displayTimeUnit: "ms",
      otherData: { eventsLost: this.lost },
    };
  }
}

// Only an observation makes traces, whose constructor is private.
const Tracing = Trace as unknown as new (options: TraceOptions) => Trace;

function eventsOf(noted: Noted, hasArrow: boolean): TraceEvent[] {
  const { kind, task, other, link, text } = noted;
  const base = { ts: noted.at * 1000, pid: 1 as const };
  const arrow = { ...base, name: "wake", cat: "wake", id: link };
  const instant = { ...base, ph: "i" as const, s: "t" as const };
  switch (kind) {
    case POLL: {
      const dur = noted.took * 1000;
      const poll: TraceEvent[] = [
        { ...base, name: text, ph: "X", dur, tid: task, cat: "poll" },
      ];
      if (hasArrow) poll.push({ ...arrow, ph: "f", tid: task, bp: "e" });
      return poll;
    }
    case WAKE: {
      const wake: TraceEvent[] = [
        { ...instant, name: "wake", tid: other, cat: "wake", args: { task } },
      ];
      if (hasArrow) wake.push({ ...arrow, ph: "s", tid: other });
      return wake;
    }
    case SPAWN:
      return [
        { ...instant, name: "spawn", tid: other, cat: "task", args: { task } },
      ];
    default:
      return [{ ...instant, name: text, tid: task, cat: "task" }];
  }
}

/** The names of the tracks, and their order. */
function* namesOf(noted: readonly Noted[]): Generator<TraceEvent> {
  const base = { ph: "M" as const, ts: 0, pid: 1 as const };
  yield { ...base, tid: 0, name: "process_name", args: { name: "Pollen" } };
  const names = new Map<number, string>([[0, "host"]]);
  for (const { kind, task, other, text } of noted) {
    if (kind !== END) names.set(task, `task ${task} ${text}`);
    else if (!names.has(task)) names.set(task, `task ${task}`);
    if (!names.has(other)) names.set(other, `task ${other}`);
  }
  for (const [tid, name] of names) {
    yield { ...base, tid, name: "thread_name", args: { name } };
    yield {
      ...base,
      tid,
      name: "thread_sort_index",
      args: { sort_index: tid },
    };
  }
}

/** Notes what happens; its time comes from who calls. */
export class Tracer {
  readonly trace: Trace;
  readonly #ring: EventRing;
  readonly #nameOf: (record: TaskRecord) => string;
  #wakes = 0;

  constructor(options: TraceOptions, nameOf: (record: TaskRecord) => string) {
    this.trace = new Tracing(options);
    this.#ring = Trace["ringOf"](this.trace);
    this.#nameOf = nameOf;
  }

  spawned(record: TaskRecord, now: number): void {
    const { id, parent } = record.task;
    this.#ring.add(SPAWN, now, 0, id, parent, 0, this.#nameOf(record));
  }

  woken(record: TaskRecord, now: number): void {
    record.wokenBy = ++this.#wakes;
    const by = activeTask();
    // A task of another executor has no track here.
    const tid = by !== null && by.core === record.task.core ? by.id : 0;
    const { id } = record.task;
    this.#ring.add(WAKE, now, 0, id, tid, this.#wakes, this.#nameOf(record));
  }

  polled(
    record: TaskRecord,
    start: number,
    took: number,
    wokenBy: number,
  ): void {
    const { id } = record.task;
    this.#ring.add(POLL, start, took, id, 0, wokenBy, this.#nameOf(record));
  }

  ended(task: Task<unknown>, now: number): void {
    this.#ring.add(END, now, 0, task.id, 0, 0, task.state);
  }
}
