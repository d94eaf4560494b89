import { dropChild, droppedInside } from "./_drop.ts";
import type { Context } from "./context.ts";
import { PolledAfterCompletionError, ReentrantPollError } from "./errors.ts";
import { adopt, Future, nameOf, release } from "./future.ts";
import type { Inspection } from "./inspection.ts";
import { Pending, type Poll } from "./poll.ts";

/** What a hook answers after it has called `follow`. */
export const Followed: unique symbol = Symbol("Followed");

/**
 * A future, then perhaps one that is made from how it ended. `flatMap`,
 * `recover` and `lazy` differ only in which ending they follow up.
 */
export abstract class Chain<A, B> extends Future<B> {
  // Ordinary properties, for the reason that `Future` gives.
  declare private _at:
    | "first"
    | "between" // in a hook
    | "second"
    | "completed"
    | "failed"
    | "was dropped";
  /** Null between the two and at the end. */
  declare private _child: Future<A> | Future<B> | null;

  constructor(first: Future<A>) {
    super();
    adopt(this, first);
    this._at = "first";
    this._child = first;
  }

  /** What becomes of the first future's value: a value, or `follow(next)`. */
  protected abstract onReady(value: A, cx: Context): B | typeof Followed;

  /** What becomes of its failure. */
  protected onFailed(error: unknown): B | typeof Followed {
    throw error;
  }

  /** Goes on with `next`, which is adopted. */
  protected follow(next: Future<B>): typeof Followed {
    adopt(this, next);
    if (this._at !== "between") {
      dropChild(next);
      throw droppedInside(this);
    }
    this._at = "second";
    this._child = next;
    return Followed;
  }

  override poll(cx: Context): Poll<B> {
    for (;;) {
      switch (this._at) {
        case "first": {
          const value = this.first(this._child as Future<A>, cx);
          if (value === Followed) continue;
          return value;
        }
        case "second":
          return this.second(this._child as Future<B>, cx);
        case "between":
          throw new ReentrantPollError(nameOf(this));
        default:
          throw new PolledAfterCompletionError(nameOf(this), this._at);
      }
    }
  }

  private first(child: Future<A>, cx: Context): Poll<B> | typeof Followed {
    let value: Poll<A>;
    try {
      value = child.poll(cx);
    } catch (error) {
      if (this._at !== "first") throw error;
      this.leave("between", child);
      return this.hook(false, error, cx);
    }
    if (this._at !== "first") throw droppedInside(this);
    if (value === Pending) return Pending;
    this.leave("between", child);
    return this.hook(true, value, cx);
  }

  private hook(
    isReady: boolean,
    how: unknown,
    cx: Context,
  ): B | typeof Followed {
    try {
      const value = isReady ? this.onReady(how as A, cx) : this.onFailed(how);
      if (this._at === "between") this._at = "completed";
      return value;
    } catch (error) {
      if (this._at === "between") this._at = "failed";
      throw error;
    }
  }

  private second(child: Future<B>, cx: Context): Poll<B> {
    let value: Poll<B>;
    try {
      value = child.poll(cx);
    } catch (error) {
      this.leave("failed", child);
      throw error;
    }
    if (value !== Pending) this.leave("completed", child);
    else if (this._at !== "second") throw droppedInside(this);
    return value;
  }

  private leave(
    at: "between" | "completed" | "failed",
    child: Future<unknown>,
  ): void {
    this._at = at;
    this._child = null;
    release(child);
  }

  override inspect(): Inspection {
    return { children: this._child === null ? [] : [this._child] };
  }

  override [Symbol.dispose](): void {
    switch (this._at) {
      case "completed":
      case "failed":
      case "was dropped":
        return;
    }
    const child = this._child;
    this._at = "was dropped";
    this._child = null;
    if (child !== null) dropChild(child);
  }
}
