import { proceed } from "../budget.ts";
import type { Context } from "../context.ts";
import { PolledAfterCompletionError } from "../errors.ts";
import { Future, nameOf } from "../future.ts";
import { Pending, type Poll } from "../poll.ts";
import type { Waker } from "../waker.ts";
import { observer } from "./_grants.ts";
import type { Waiter } from "./_wait_list.ts";

/**
 * A future that stands in line for something that is granted to one at a time,
 * or refused to all.
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
 */
export abstract class Wait<T> extends Future<T> {
  #at:
    | "new"
    | "waiting"
    | "granted"
    | "refused"
    | "completed"
    | "failed"
    | "was dropped" = "new";
  #waiter: Waiter<unknown> | null = null;

  /** Takes what it wants at once, is refused, or gets in line. */
  protected abstract arrive(
    waker: Waker,
  ): "granted" | "refused" | Waiter<unknown>;

  /** What the grant becomes. */
  protected abstract take(): T;

  /** What a refusal becomes; most waits are never refused. */
  protected refused(): T {
    throw new Error(`Cannot refuse ${nameOf(this)}: nobody should have`);
  }

  /** Gives a grant back that was not taken. */
  protected abstract passOn(): void;

  /** Is called once the future has left the line without a grant. */
  protected left(): void {}

  /** Sets the grant aside; the caller takes the waiter out of the line. */
  grant(): void {
    this.#at = "granted";
    observer?.granted(this, this.#waiter!.waker);
  }

  /** Ends the waiting; the caller takes the waiter out of the line. */
  refuse(): void {
    this.#at = "refused";
  }

  override poll(cx: Context): Poll<T> {
    switch (this.#at) {
      case "new":
        return this.#arrive(cx);
      case "waiting":
        this.#waiter!.keep(cx.waker);
        return Pending;
      case "granted":
        if (!proceed(cx)) return Pending;
        this.#waiter!.leave();
        observer?.settled(this);
        return this.#take();
      case "refused":
        this.#waiter!.leave();
        return this.#refused();
      default:
        throw new PolledAfterCompletionError(nameOf(this), this.#at);
    }
  }

  #arrive(cx: Context): Poll<T> {
    // Asked before, not after: what is taken must be handed out in this poll.
    if (cx.budget?.exhausted) {
      cx.waker.wake();
      return Pending;
    }
    this.#at = "failed"; // if arriving throws
    const outcome = this.arrive(cx.waker);
    switch (outcome) {
      case "granted":
        cx.budget?.spend();
        return this.#take();
      case "refused":
        return this.#refused();
      default:
        this.#at = "waiting";
        this.#waiter = outcome;
        return Pending;
    }
  }

  #take(): T {
    this.#at = "failed"; // if it throws
    const value = this.take();
    this.#at = "completed";
    return value;
  }

  #refused(): T {
    this.#at = "failed";
    const value = this.refused();
    this.#at = "completed";
    return value;
  }

  /** Says how it stands with what it waits for, as `"the lock"`. */
  protected standing(what: string): string {
    switch (this.#at) {
      case "new":
        return `for ${what}, not polled yet`;
      case "granted":
        return `was granted ${what}, not polled since`;
      default:
        return `in line for ${what}`;
    }
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
    this.#waiter?.leave();
    if (at === "waiting") {
      this.left();
    } else if (at === "granted") {
      observer?.settled(this);
      this.passOn();
    }
  }
}
