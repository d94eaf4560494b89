import { dropChild, DropErrors, droppedInside } from "../future/_drop.ts";
import type { Context } from "../future/context.ts";
import {
  CancelledError,
  PolledAfterCompletionError,
  ReentrantPollError,
} from "../future/errors.ts";
import { adopt, Future, release } from "../future/future.ts";
import type { Inspection } from "../future/inspection.ts";
import { Pending, type Poll } from "../future/poll.ts";
import type { Waker } from "../future/waker.ts";
import type { Core } from "./_core.ts";
import { currentCore } from "./_current.ts";
import type { Keeper } from "./_keeper.ts";
import type { Task } from "./_task.ts";
import { ScopeLimits } from "./_scope_limits.ts";

/**
 * A body and the tasks that were spawned into it, as one future.
 *
 *         poll          the body and all children have ended
 *   new --------> open ---------------------------------------> completed
 *                  |
 *                  |  a failure, a limit, `cancel`: the children are dropped
 *                  v  there and then, the body at the next poll
 *               closing --------------------------------------> failed
 *                        all have ended: also children that were being polled,
 *                        and work that is shielded
 *
 * The children are dropped from the newest on, then the body: in the opposite of
 * the order in which they came to be, as with `using`. Since that happens at the
 * first failure, there is no second one but what cleaning up throws.
 */
export class ScopeRun<T> extends Future<T> implements Keeper {
  #at:
    | "new"
    | "idle"
    | "polling"
    | "doomed" // dropped from inside its poll
    | "completed"
    | "failed"
    | "was dropped" = "new";
  #body: Future<T> | null;
  /** What it closes for before its time. */
  #limits: ScopeLimits | null;
  #value: T | undefined;
  /** Null while it is open, then what it will throw. */
  #failure: DropErrors | null = null;
  /** What it waits for; shielded work goes on while it closes. */
  readonly #tasks = new Map<Task<unknown>, "child" | "shielded">();
  #waker: Waker | null = null;

  constructor(body: Future<T>, limits: ScopeLimits | null) {
    super();
    adopt(this, body);
    this.#body = body;
    this.#limits = limits;
  }

  get size(): number {
    return this.#tasks.size;
  }

  get isClosing(): boolean {
    return this.#failure !== null;
  }

  override poll(cx: Context): Poll<T> {
    switch (this.#at) {
      case "new":
      case "idle":
        break;
      case "polling":
      case "doomed":
        throw new ReentrantPollError("scope");
      default:
        throw new PolledAfterCompletionError("scope", this.#at);
    }
    this.#at = "polling";
    if (this.#waker === null || !this.#waker.willWake(cx.waker)) {
      this.#waker = cx.waker;
    }
    if (!this.isClosing) this.#pollBody(cx);
    if (!this.isClosing && !this.#isDone) this.#pollLimits(cx);
    if (this.isClosing) this.#dropBody(this.#failure!);
    if (this.#isDone) return this.#end();
    this.#suspend();
    return Pending;
  }

  get #isDone(): boolean {
    return this.#body === null && this.size === 0;
  }

  #pollBody(cx: Context): void {
    const body = this.#body;
    if (body === null) return;
    let value: Poll<T>;
    try {
      value = body.poll(cx);
    } catch (error) {
      this.#giveUpBody();
      this.#fail(error);
      return;
    }
    if (value === Pending) return;
    this.#giveUpBody();
    this.#value = value;
  }

  #pollLimits(cx: Context): void {
    const reason = this.#limits === null ? Pending : this.#limits.poll(cx);
    if (reason !== Pending) this.close(reason);
  }

  #suspend(): void {
    const doomed = this.#at === "doomed";
    this.#at = "idle";
    if (!doomed) return;
    this.#drop();
    throw droppedInside(this);
  }

  #end(): T {
    this.#waker = null;
    const errors = this.#failure ?? new DropErrors();
    this.#at = "failed"; // if it throws
    this.#dropLimits(errors);
    errors.rethrow();
    this.#at = "completed";
    return this.#value as T;
  }

  #giveUpBody(): void {
    release(this.#body!);
    this.#body = null;
  }

  #dropBody(errors: DropErrors): void {
    const body = this.#body;
    if (body === null) return;
    this.#body = null;
    errors.collect(() => dropChild(body));
  }

  #dropLimits(errors: DropErrors): void {
    const limits = this.#limits;
    this.#limits = null;
    limits?.drop(errors);
  }

  /** When time is up; undefined if that is not known. */
  get deadline(): number | undefined {
    return this.#limits === null ? Infinity : this.#limits.deadline;
  }

  /** Gives it other limits of time, unless it closes already or does not run. */
  limit(set: (limits: ScopeLimits) => boolean): void {
    if (this.#failure !== null || !this.#isRunning()) return;
    if (set(this.#limits ??= new ScopeLimits(null))) this.#wake();
  }

  spawn<U>(future: Future<U>, name: string | undefined): Task<U> {
    if (this.#failure !== null) {
      throw new CancelledError("Cannot spawn into scope: it is closing");
    }
    if (!this.#isRunning()) {
      throw new CancelledError(`Cannot spawn into scope: it ${this.#tense()}`);
    }
    return this.#take(currentCore(), future, name, "child");
  }

  /** Takes work in that its scope, closing or not, waits for; if it runs. */
  shelter(
    core: Core,
    future: Future<unknown>,
    name: string | undefined,
  ): boolean {
    if (!this.#isRunning()) return false;
    this.#take(core, future, name, "shielded");
    return true;
  }

  #take<U>(
    core: Core,
    future: Future<U>,
    name: string | undefined,
    as: "child" | "shielded",
  ): Task<U> {
    const task = core.spawn(future, name);
    task.keeper = this;
    this.#tasks.set(task, as);
    return task;
  }

  #isRunning(): boolean {
    return this.#at === "idle" || this.#at === "polling" ||
      this.#at === "doomed";
  }

  #tense(): string {
    switch (this.#at) {
      case "new":
        return "has not begun";
      case "was dropped":
        return "was dropped";
      default:
        return `has ${this.#at}`;
    }
  }

  abortAll(): void {
    for (const [task, as] of [...this.#tasks].reverse()) {
      if (as === "child") task.abort();
    }
  }

  /** Cancels it, unless it closes already or does not run. */
  close(reason: unknown): void {
    if (this.#failure !== null || !this.#isRunning()) return;
    this.#failure = new DropErrors({ error: reason });
    this.#dropLimits(this.#failure);
    this.abortAll();
    this.#wake();
  }

  #fail(error: unknown): void {
    if (this.#failure === null) this.close(error);
    else this.#failure.add(error);
  }

  dropFailed(error: unknown): boolean {
    this.#fail(error);
    return true;
  }

  ended(task: Task<unknown>): void {
    this.#tasks.delete(task);
    const failure = task.error;
    if (failure !== null) this.#fail(failure.error);
    if (this.size === 0) this.#wake();
  }

  #wake(): void {
    // While it is polled it sees for itself.
    if (this.#at === "idle") this.#waker?.wake();
  }

  override inspect(): Inspection {
    const children = `for children: ${this.size}`;
    return {
      name: "scope",
      waits: this.#failure === null ? children : `${children}, closing`,
      // What the body waits for: the co around it is the scope's own.
      children: this.#body?.inspect().children ?? [],
    };
  }

  override [Symbol.dispose](): void {
    switch (this.#at) {
      case "polling":
        this.#at = "doomed";
        return;
      case "new":
      case "idle":
        this.#drop();
    }
  }

  #drop(): void {
    this.#at = "was dropped";
    this.#waker = null;
    const errors = new DropErrors();
    this.#failure = errors;
    for (const task of [...this.#tasks.keys()].reverse()) {
      task.abort();
      // One that is being polled ends after that poll, and is on its own.
      task.unkeep();
    }
    this.#tasks.clear();
    this.#dropBody(errors);
    this.#dropLimits(errors);
    errors.rethrow();
  }
}
