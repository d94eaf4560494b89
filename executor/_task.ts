import type { Budget } from "../future/budget.ts";
import type { Context } from "../future/context.ts";
import {
  PolledAfterCompletionError,
  ReentrantPollError,
} from "../future/errors.ts";
import { adopt, Future, release } from "../future/future.ts";
import type { Inspection } from "../future/inspection.ts";
import { Pending, type Poll } from "../future/poll.ts";
import type { Waker } from "../future/waker.ts";
import type { Core } from "./_core.ts";
import { joins, type Keeper } from "./_keeper.ts";
import { inspectKey } from "./_host.ts";
import type { Label } from "./_label.ts";
import type { Locals } from "./_locals.ts";
import { JoinError } from "./join_error.ts";
import type { JoinHandle } from "./join_handle.ts";

// Of what a module imports V8 knows neither value nor type: `=== Pending` would
// be a call, 2 or 3 ns a poll. A constant of its own it knows.
const pending: typeof Pending = Pending;

const STATES = [
  "queued",
  "running",
  "woken",
  "doomed",
  "idle",
  "completed",
  "failed",
  "cancelled",
] as const;

/** Where a task is; see the diagram of {@linkcode Task}. */
export type TaskState = typeof STATES[number];

// By their numbers, since V8 looks at each string that is stored, for its
// collector to remember: for a poll, which stores three, that is 1 of 10 ns.
const QUEUED = 0;
const RUNNING = 1;
const WOKEN = 2;
const DOOMED = 3;
const IDLE = 4;
const COMPLETED = 5; // and those after it: it has ended
const FAILED = 6;
const CANCELLED = 7;

/** How a handle ends, which gives its task no value from then on. */
type GivenUp = "completed" | "was detached" | "was dropped";

/**
 * A future that an executor runs. It is its own waker and its own context, so
 * a wake allocates nothing; and its own handle, since what a task costs that is
 * one of many is above all how many objects the collector has to copy for it.
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
export class Task<T> extends Future<T>
  implements JoinHandle<T>, Waker, Context {
  declare readonly core: Core;
  #state: number = QUEUED;
  /** What it runs; once it has ended, the value or the error. */
  #content: unknown = null;
  /** Whom its end wakes, if anybody; or how the handle was given up. */
  #joiner: Waker | GivenUp | null = null;
  /** Who learns of its failure, if it fails: its set, its scope, its joiner. */
  keeper: Keeper | null = null;
  /** The neighbours in the list of live tasks. */
  older: Task<unknown> | null = null;
  newer: Task<unknown> | null = null;
  declare readonly id: number;
  /**
   * The number of the task that spawned it, 0 if none of this executor did. Not
   * the task: that may be long gone, and must not be kept.
   */
  declare readonly parent: number;
  #label: Label | null = null;

  constructor(
    core: Core,
    future: Future<T>,
    id: number,
    parent: number,
    label: Label | null,
  ) {
    super();
    adopt(this, future);
    this.core = core;
    this.#content = future;
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
    return STATES[this.#state]!;
  }

  /** What it runs; null once it has ended. */
  get future(): Future<T> | null {
    return this.isFinished ? null : this.#content as Future<T>;
  }

  get isFinished(): boolean {
    return this.#state >= COMPLETED;
  }

  get locals(): Locals | null {
    return this.#label === null ? null : this.#label.locals;
  }

  set locals(locals: Locals | null) {
    if (this.#label !== null) this.#label.locals = locals;
    else if (locals !== null) {
      this.#label = { name: undefined, origin: null, locals };
    }
  }

  wake(): void {
    if (this.#state === IDLE) {
      this.#state = QUEUED;
      this.core.enqueue(this);
    } else if (this.#state === RUNNING) {
      this.#state = WOKEN;
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
    if (this.#state !== QUEUED) { // failed, or aborted while in line
      if (this.#state === FAILED) this.core.failed(this);
      return false;
    }
    this.#state = RUNNING;
    let value: Poll<T>;
    try {
      value = (this.#content as Future<T>).poll(cx);
    } catch (error) {
      this.#end(FAILED, error);
      return false;
    }
    if (value === pending) return this.#suspend();
    this.#end(COMPLETED, value);
    return false;
  }

  #suspend(): boolean {
    switch (this.#state) {
      case WOKEN:
        this.#state = QUEUED;
        return true;
      case RUNNING:
        this.#state = IDLE;
        return false;
      default: // doomed
        this.#cancel();
        return false;
    }
  }

  #end(how: number, outcome: unknown): void {
    this.#retire(how, outcome);
    this.locals = null;
    if (how === FAILED) this.#report();
    this.#tellKeeper();
    this.#wakeJoiner();
  }

  #retire(how: number, outcome: unknown): void {
    release(this.#content as Future<T>);
    this.#content = outcome;
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
    if (joiner === null || typeof joiner === "string") return;
    this.#joiner = null;
    this.core.wake(joiner);
  }

  /** Drops the future: now, or right after the poll that is going on. */
  abort(): void {
    switch (this.#state) {
      case QUEUED:
      case IDLE:
        this.#cancel();
        return;
      case RUNNING:
      case WOKEN:
        this.#state = DOOMED;
    }
  }

  #cancel(): void {
    const future = this.#content as Future<T>;
    this.#retire(CANCELLED, undefined);
    this.core.drop(this, future);
    this.locals = null;
    this.#tellKeeper();
    this.#wakeJoiner();
  }

  override poll(cx: Context): Poll<T> {
    if (typeof this.#joiner === "string") {
      throw new PolledAfterCompletionError("JoinHandle", this.#joiner);
    }
    switch (this.#state) {
      case COMPLETED:
      case FAILED:
      case CANCELLED:
        this.#wakeJoiner(); // another, if this is polled by what the end calls
        this.#joiner = "completed";
        this.keeper ??= joins;
        return this.valueOrThrow();
      case RUNNING:
      case WOKEN:
      case DOOMED:
        throw new ReentrantPollError(this.toString());
      default:
        if (this.#joiner === null || !this.#joiner.willWake(cx.waker)) {
          this.joinBy(cx.waker);
        }
        return Pending;
    }
  }

  /** Whom its end is to wake, who learns of its failure, too. */
  joinBy(waker: Waker): void {
    this.keeper ??= joins;
    this.#joiner = waker;
  }

  override inspect(): Inspection {
    return { name: "JoinHandle", waits: this.toString() };
  }

  detach(): void {
    if (this.#joiner === "completed" || this.#joiner === "was dropped") {
      throw new PolledAfterCompletionError("JoinHandle", this.#joiner);
    }
    const joiner = this.#giveUp("was detached");
    this.unjoin();
    if (joiner !== null) this.core.wake(joiner);
  }

  unref(): this {
    this.core.setBackground(this, true);
    return this;
  }

  ref(): this {
    this.core.setBackground(this, false);
    return this;
  }

  /** Drops the handle, and with it the task. */
  override [Symbol.dispose](): void {
    if (typeof this.#joiner === "string") return;
    const joiner = this.#giveUp("was dropped");
    this.abort();
    if (joiner !== null) this.core.wake(joiner);
  }

  /** Returns who waits on a loan of the handle: its next poll says what became. */
  #giveUp(how: GivenUp): Waker | null {
    const joiner = this.#joiner;
    this.#joiner = how;
    return typeof joiner === "string" ? null : joiner;
  }

  /** Nobody will join it any more: its failure is the executor's to report. */
  unjoin(): void {
    if (this.keeper !== joins) return;
    this.keeper = null;
    if (this.#state === FAILED) this.#report();
  }

  /** Takes it from its keeper: unless it is joined, its failure is reported. */
  unkeep(): void {
    this.keeper = joins;
    const by = this.#joiner ?? "nobody";
    if (by !== "completed" && typeof by === "string") this.unjoin();
  }

  /** Stands in line to have its failure reported, if nobody learns of it. */
  #report(): void {
    if (this.keeper === null) this.core.enqueue(this);
  }

  /** How it ended, in the task's own words: for `run`, which joins it alone. */
  outcome(): PromiseSettledResult<T> {
    switch (this.#state) {
      case COMPLETED:
        return { status: "fulfilled", value: this.#content as T };
      case FAILED:
        return { status: "rejected", reason: this.#content };
      default:
        return { status: "rejected", reason: this.failure().cause };
    }
  }

  /** What it has failed with, if it has. */
  get error(): { error: unknown } | null {
    return this.#state === FAILED ? { error: this.#content } : null;
  }

  /** The value, once it has ended; throws the `JoinError` if it has none. */
  valueOrThrow(): T {
    if (this.#state !== COMPLETED) throw this.failure();
    return this.#content as T;
  }

  /** What whoever joins it gets, after a failure or an abort. */
  failure(): JoinError {
    return new JoinError(
      this,
      this.#state === CANCELLED ? null : { error: this.#content },
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

  override toString(): string {
    return this.name === undefined
      ? `task ${this.id}`
      : `task ${this.id} "${this.name}"`;
  }

  // Not all that it is made of: the executor hangs on it.
  static readonly #shown: void = /* @__PURE__ */ showInConsole(Task);
}

/** Has `console.log` say which task it is. */
function showInConsole({ prototype }: typeof Task): void {
  Object.defineProperty(prototype, inspectKey, {
    configurable: true,
    value(this: Task<unknown>): string {
      return `JoinHandle (${this})`;
    },
  });
}
