import type { Budget } from "../../future/budget.ts";
import type { Context } from "../../future/context.ts";
import type { Waker } from "../../future/waker.ts";
import type { Task } from "../_task.ts";
import type { TaskMetrics } from "./metrics.ts";

/**
 * The waker of a task that is observed. The record of the task refers to it
 * weakly: once all who were given it have let go of it, and the collector has
 * been there, it is known that nobody can wake the task any more.
 */
export class TaskWaker implements Waker {
  readonly task: Task<unknown>;

  constructor(task: Task<unknown>) {
    this.task = task;
  }

  wake(): void {
    this.task.wake();
  }

  willWake(other: Waker): boolean {
    return this === other;
  }
}

/** What an observation knows of one task; also the context of its polls. */
export class TaskRecord implements Context {
  readonly task: Task<unknown>;
  /** Whether it was seen from its spawn on: nobody has an older waker. */
  readonly isWhole: boolean;
  polls = 0;
  wakes = 0;
  /** How many polls in a row have done nothing but ask for the next. */
  selfWakes = 0;
  /** Whether anybody was ever given the waker. */
  wasAsked = false;
  /** Whether it was reported that nobody can wake it. */
  isLost = false;
  /** Whether it was woken during its latest poll. */
  wokeItself = false;
  /** What it is called in traces and spans, once that was asked for. */
  label: string | null = null;
  /** The number of the wake that put it in line; 0 for none that was traced. */
  wokenBy = 0;
  #waker: WeakRef<TaskWaker> | null = null;

  #phase: "ready" | "busy" | "idle";
  #since: number;
  #lastPoll: number;
  #busy = 0;
  #ready = 0;
  #idle = 0;

  constructor(task: Task<unknown>, isWhole: boolean, now: number) {
    this.task = task;
    this.isWhole = isWhole;
    this.#phase = task.state === "queued" ? "ready" : "idle";
    this.#since = now;
    this.#lastPoll = now;
  }

  get waker(): Waker {
    this.wasAsked = true;
    const kept = this.#waker?.deref();
    if (kept !== undefined) return kept;
    const waker = new TaskWaker(this.task);
    this.#waker = new WeakRef(waker);
    return waker;
  }

  get budget(): Budget {
    return this.task.budget;
  }

  /** Whether its waker is gone: all who had it have let go of it. */
  get isForsaken(): boolean {
    return this.#waker !== null && this.#waker.deref() === undefined;
  }

  get isPolled(): boolean {
    return this.#phase === "busy";
  }

  /** It was put in line; whether by a wake, or as it was spawned. */
  queued(now: number): boolean {
    switch (this.#phase) {
      case "ready":
        return false;
      case "busy":
        this.wakesItself();
        return true;
      case "idle":
        this.#idle += now - this.#since;
        this.#since = now;
        this.#phase = "ready";
    }
    this.wakes++;
    return true;
  }

  /** It was woken in its own poll. */
  wakesItself(): void {
    this.wokeItself = true;
    this.wakes++;
  }

  pollBegins(now: number): void {
    this.#ready += now - this.#since;
    this.#since = now;
    this.#phase = "busy";
    this.wokeItself = false;
    this.polls++;
  }

  /** How long the poll took. */
  pollEnds(now: number): number {
    const took = now - this.#since;
    this.#busy += took;
    this.#since = now;
    this.#lastPoll = now;
    this.#phase = this.wokeItself ? "ready" : "idle";
    return took;
  }

  metrics(now: number): TaskMetrics {
    const here = now - this.#since;
    const phase = this.#phase;
    return {
      polls: this.polls,
      wakes: this.wakes,
      busyMs: this.#busy + (phase === "busy" ? here : 0),
      readyMs: this.#ready + (phase === "ready" ? here : 0),
      idleMs: this.#idle + (phase === "idle" ? here : 0),
      sinceLastPollMs: now - this.#lastPoll,
    };
  }
}
