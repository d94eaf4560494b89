import { proceed } from "../budget.ts";
import type { Context } from "../context.ts";
import { PolledAfterCompletionError } from "../errors.ts";
import { Future } from "../future.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import type { Waker } from "../waker.ts";
import { observer } from "./_grants.ts";
import { keep, leave, type RingNode } from "./_wait_list.ts";

/**
 * Where one asks for something that is granted to one at a time, or refused to
 * all: a lock, a place in a channel, a notice.
 *
 * @typeParam T What the grant becomes.
 * @typeParam A What a wait brings along: the value to send.
 */
export interface Desk<T, A> {
  /** What a wait here is called in an error's text. */
  readonly waitName: string;
  /**
   * Gives at once, refuses (see `refused`), or puts the wait in line and
   * answers `Pending`.
   */
  arrive(wait: Wait<T, A>, waker: Waker): Poll<T>;
  /** What the grant becomes. */
  take(wait: Wait<T, A>): T;
  /** What a refusal becomes, or throws. */
  refused(wait: Wait<T, A>): T;
  /** Takes a grant back that was not taken. */
  passOn(wait: Wait<T, A>): void;
  /** What a wait here is, and what it waits for: see `Wait.standing`. */
  inspect(wait: Wait<T, A>): Inspection;
  /** Is called once a wait has left the line without a grant. */
  left(wait: Wait<T, A>): void;
}

/**
 * A future that stands in line for something at a desk.
 *
 *          poll          grant             poll
 *   new --------> waiting ------> granted ------> completed
 *    |               |               |
 *    |  poll: there  | refuse        | drop: the grant is passed on
 *    |  and then     v        poll   v
 *    |            refused ------> failed, or was dropped
 *    +----------------------------------------------> completed
 *
 * What is granted is set aside at once, so nobody can jump the queue between
 * the grant and the poll that takes it. What a drop does depends on the state:
 * out of the line the others move up, and a grant goes to the next.
 *
 * One class for all desks, and itself the place in the line: a wait costs one
 * allocation, and V8 compiles its methods for one shape. With a class for each
 * of a lock, a send, … over two base classes, a send that did not have to wait
 * took 210 ns in a program that used all of them; it takes 30 now.
 */
export class Wait<T, A = void> extends Future<T> implements RingNode {
  #at:
    | "new"
    | "waiting"
    | "granted"
    | "refused"
    | "completed"
    | "failed"
    | "was dropped" = "new";
  readonly #desk: Desk<T, A>;
  /** What it brings along, if that matters: the value to send. */
  value: A;
  /** How many permits it asks for. */
  readonly count: number;

  waker: Waker | null = null;
  before: RingNode = this;
  after: RingNode = this;

  constructor(desk: Desk<T, A>, value: A, count = 1) {
    super();
    this.#desk = desk;
    this.value = value;
    this.count = count;
  }

  get [Symbol.toStringTag](): string {
    return this.#desk.waitName;
  }

  /** Sets the grant aside; the caller takes the wait out of the line. */
  grant(): void {
    this.#at = "granted";
    observer?.granted(this, this.waker);
  }

  /** Ends the waiting; the caller takes the wait out of the line. */
  refuse(): void {
    this.#at = "refused";
  }

  override poll(cx: Context): Poll<T> {
    switch (this.#at) {
      case "new":
        return this.arrive(cx);
      case "waiting":
        keep(this, cx.waker);
        return Pending;
      case "granted":
        if (!proceed(cx)) return Pending;
        leave(this);
        observer?.settled(this);
        return this.take();
      case "refused":
        leave(this);
        return this.refused();
      default:
        throw new PolledAfterCompletionError(this.#desk.waitName, this.#at);
    }
  }

  /**
   * For one that was enlisted: whether it was granted what it waits for. Its owner
   * knows what to make of that, and the desk is not asked.
   */
  pollGrant(cx: Context): Poll<void> {
    if (this.#at !== "granted") return this.poll(cx) as Poll<void>;
    if (!proceed(cx)) return Pending;
    leave(this);
    observer?.settled(this);
    this.#at = "completed";
  }

  private arrive(cx: Context): Poll<T> {
    // Asked before, not after: what is taken must be handed out in this poll.
    const budget = cx.budget;
    if (budget?.exhausted) {
      cx.waker.wake();
      return Pending;
    }
    this.#at = "failed"; // if arriving throws
    const value = this.#desk.arrive(this, cx.waker);
    if (value === Pending) {
      this.#at = "waiting";
      return Pending;
    }
    this.#at = "completed";
    budget?.spend();
    return value;
  }

  private take(): T {
    this.#at = "failed"; // if it throws
    const value = this.#desk.take(this);
    this.#at = "completed";
    return value;
  }

  private refused(): T {
    this.#at = "failed";
    const value = this.#desk.refused(this);
    this.#at = "completed";
    return value;
  }

  override inspect(): Inspection {
    return this.#desk.inspect(this);
  }

  /** Says how it stands with what it waits for, as `"the lock"`. */
  standing(what: string): string {
    switch (this.#at) {
      case "new":
        return `for ${what}, not polled yet`;
      case "granted":
        return `was granted ${what}, not polled since`;
      default:
        return `in line for ${what}`;
    }
  }

  /**
   * Takes note that it stands in line, where its owner has put it: for whoever
   * asks again and again with the same wait.
   */
  enlist(): void {
    this.#at = "waiting";
  }

  override [Symbol.dispose](): void {
    const at = this.#at;
    switch (at) {
      case "completed":
      case "failed":
      case "was dropped":
        return;
    }
    this.#at = "was dropped";
    leave(this);
    if (at === "waiting") {
      this.#desk.left(this);
    } else if (at === "granted") {
      observer?.settled(this);
      this.#desk.passOn(this);
    }
  }
}
