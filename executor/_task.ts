import type { Budget } from "../future/budget.ts";
import type { Context } from "../future/context.ts";
import { ReentrantPollError } from "../future/errors.ts";
import { adopt, type Future, release } from "../future/future.ts";
import { Pending, type Poll } from "../future/poll.ts";
import type { Waker } from "../future/waker.ts";
import type { Core } from "./_core.ts";
import type { Locals } from "./_locals.ts";
import type { Origin } from "./_origin.ts";
import { JoinError } from "./join_error.ts";

/** Where a task is; see the diagram of {@linkcode Task}. */
export type TaskState =
  | "queued"
  | "running"
  | "woken"
  | "doomed"
  | "idle"
  | "completed"
  | "failed"
  | "cancelled";

/**
 * What keeps a task besides the handle: a set, a scope. It learns of the task's
 * failure, so that nobody else need join it.
 */
export interface Keeper {
  /**
   * The future has thrown while it was dropped; `ended` follows. Whether the
   * keeper will pass that on: if not, it is the executor's to report.
   */
  dropFailed(error: unknown): boolean;
  /** The task has completed, failed or been aborted, and its future is gone. */
  ended(task: Task<unknown>): void;
}

/** What few tasks have: so one that has neither is smaller. */
export interface Label {
  name: string | undefined;
  /** Where it was spawned, if the executor was asked to remember. */
  origin: Origin | null;
}

/**
 * A future that an executor runs. It is its own waker and its own context, so
 * a wake allocates nothing.
 *
 *           run                    Pending
 *   queued -----> running ------------------------> idle
 *     ^             | wake                           |
 *     |             v        Pending                 | wake
 *     +----------- woken                             |
 *     +----------------------------------------------+
 *
 * From each of them `abort` leads to `cancelled`; from `running` and `woken`
 * by way of `doomed`, since a future is not dropped from inside its poll. An
 * answer leads to `completed` or `failed`. A task that failed stands in line
 * once more: its failure is not reported before those ahead of it, one of which
 * may be about to join it, have been polled.
 */
export class Task<T> implements Waker, Context {
  readonly core: Core;
  #state: TaskState = "queued";
  /** What it runs; null once it has ended. */
  #future: Future<T> | null;
  #joiner: Waker | null = null;
  /** Whether somebody learns of its failure, if it fails. */
  joined = false;
  /** The set or scope that it was spawned into. */
  keeper: Keeper | null = null;
  /** The neighbours in the list of live tasks. */
  older: Task<unknown> | null = null;
  newer: Task<unknown> | null = null;
  /** The values of task-locals that it sees: see `task_local.ts`. */
  locals: Locals | null = null;
  /** The value or the error, once it has ended. */
  #outcome: unknown = undefined;
  readonly id: number;
  /**
   * The number of the task that spawned it, 0 if none of this executor did. Not
   * the task: that may be long gone, and must not be kept.
   */
  readonly parent: number;
  readonly #label: Label | null;

  constructor(
    core: Core,
    future: Future<T>,
    id: number,
    parent: number,
    label: Label | null,
  ) {
    adopt(this, future);
    this.core = core;
    this.#future = future;
    this.id = id;
    this.parent = parent;
    this.#label = label;
  }

  /** The name that it was spawned with, if any. */
  get name(): string | undefined {
    return this.#label?.name;
  }

  get waker(): Waker {
    return this;
  }

  get budget(): Budget {
    return this.core.budget;
  }

  get state(): TaskState {
    return this.#state;
  }

  /** What it runs; null once it has ended. */
  get future(): Future<T> | null {
    return this.#future;
  }

  get isFinished(): boolean {
    return this.#future === null;
  }

  wake(): void {
    if (this.#state === "idle") {
      this.#state = "queued";
      this.core.enqueue(this);
    } else if (this.#state === "running") {
      this.#state = "woken";
    }
  }

  willWake(other: Waker): boolean {
    return this === other;
  }

  /**
   * One poll, with this context, the task itself as a rule; it never throws.
   * Whether it was woken meanwhile, and is to stand in line again.
   */
  run(cx: Context): boolean {
    if (this.#state !== "queued") { // failed, or aborted while in line
      if (this.#state === "failed") this.core.failed(this);
      return false;
    }
    this.#state = "running";
    let value: Poll<T>;
    try {
      value = this.#future!.poll(cx);
    } catch (error) {
      this.#end("failed", error);
      return false;
    }
    if (value === Pending) return this.#suspend();
    this.#end("completed", value);
    return false;
  }

  #suspend(): boolean {
    switch (this.#state) {
      case "woken":
        this.#state = "queued";
        this.core.observer?.queued(this);
        return true;
      case "running":
        this.#state = "idle";
        return false;
      default: // doomed
        this.#cancel();
        return false;
    }
  }

  #end(how: "completed" | "failed", outcome: unknown): void {
    this.#outcome = outcome;
    this.locals = null;
    this.#retire(how);
    if (how === "failed") this.#report();
    this.#tellKeeper();
    this.#wakeJoiner();
  }

  #retire(how: "completed" | "failed" | "cancelled"): void {
    release(this.#future!);
    this.#future = null;
    this.#state = how;
    this.core.ended(this);
  }

  #tellKeeper(): void {
    try {
      this.keeper?.ended(this);
    } catch (error) { // by a waker
      this.core.host.unhandled(error);
    }
  }

  #wakeJoiner(): void {
    const joiner = this.#joiner;
    this.#joiner = null;
    if (joiner !== null) this.core.wake(joiner);
  }

  /** Drops the future: now, or right after the poll that is going on. */
  abort(): void {
    switch (this.#state) {
      case "queued":
      case "idle":
        this.#cancel();
        return;
      case "running":
      case "woken":
        this.#state = "doomed";
    }
  }

  #cancel(): void {
    const future = this.#future!;
    this.#retire("cancelled");
    this.core.drop(this, future);
    this.locals = null;
    this.#tellKeeper();
    this.#wakeJoiner();
  }

  /** Waits for the end: the value, or throws a `JoinError`. */
  pollJoin(waker: Waker): Poll<T> {
    switch (this.#state) {
      case "completed":
        return this.#outcome as T;
      case "failed":
      case "cancelled":
        this.joined = true;
        throw this.failure();
      case "running":
      case "woken":
      case "doomed":
        throw new ReentrantPollError(this.toString());
      default:
        this.joined = true;
        if (this.#joiner === null || !this.#joiner.willWake(waker)) {
          this.#joiner = waker;
        }
        return Pending;
    }
  }

  /** Nobody will join it any more: its failure is the executor's to report. */
  unjoin(): void {
    if (!this.joined || this.keeper !== null) return;
    this.joined = false;
    if (this.#state === "failed") this.#report();
  }

  /** Gives it to whoever learns of its end from now on. */
  keepBy(keeper: Keeper): void {
    this.keeper = keeper;
    this.joined = true;
  }

  /** Takes it from its keeper: its failure is the executor's to report again. */
  unkeep(): void {
    this.keeper = null;
    this.unjoin();
  }

  /** Stands in line to have its failure reported, if nobody learns of it. */
  #report(): void {
    if (!this.joined) this.core.enqueue(this);
  }

  /** How it ended, in the task's own words: for `run`, which joins it alone. */
  outcome(): PromiseSettledResult<T> {
    switch (this.#state) {
      case "completed":
        return { status: "fulfilled", value: this.#outcome as T };
      case "failed":
        return { status: "rejected", reason: this.#outcome };
      default:
        return { status: "rejected", reason: this.failure().cause };
    }
  }

  /** What it has failed with, if it has. */
  get error(): { error: unknown } | null {
    return this.#state === "failed" ? { error: this.#outcome } : null;
  }

  /** The value, once it has ended; throws the `JoinError` if it has none. */
  valueOrThrow(): T {
    if (this.#state !== "completed") throw this.failure();
    return this.#outcome as T;
  }

  /** What whoever joins it gets, after a failure or an abort. */
  failure(): JoinError {
    return new JoinError(
      this,
      this.#state === "cancelled" ? null : { error: this.#outcome },
    );
  }

  linkAfter(older: Task<unknown> | null): void {
    this.older = older;
    if (older !== null) older.newer = this;
  }

  unlink(): void {
    if (this.older !== null) this.older.newer = this.newer;
    if (this.newer !== null) this.newer.older = this.older;
    this.older = null;
    this.newer = null;
  }

  /** Where it was spawned, as `file:line:column`, if that is known. */
  get site(): string | undefined {
    return this.#label?.origin?.site;
  }

  toString(): string {
    return this.name === undefined
      ? `task ${this.id}`
      : `task ${this.id} "${this.name}"`;
  }
}
