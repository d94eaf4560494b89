import { dropChild } from "./_drop.ts";
import type { Context } from "./context.ts";
import { PolledAfterCompletionError } from "./errors.ts";
import { adopt, Future, nameOf, release } from "./future.ts";
import { Pending, type Poll } from "./poll.ts";

type State<A, B> =
  | { at: "first"; child: Future<A> }
  | { at: "second"; child: Future<B> }
  | { at: "ended"; how: "completed" | "was dropped" };

/** What a hook answers after it has called `follow`. */
export const Followed: unique symbol = Symbol("Followed");

/**
 * A future, then perhaps one that is made from how it ended. `flatMap`,
 * `recover` and `lazy` differ only in which ending they follow up.
 */
export abstract class Chain<A, B> extends Future<B> {
  #state: State<A, B>;

  constructor(first: Future<A>) {
    super();
    adopt(this, first);
    this.#state = { at: "first", child: first };
  }

  /** What becomes of the first future's value: a value, or `follow(next)`. */
  protected abstract onReady(value: A): B | typeof Followed;

  /** What becomes of its failure. */
  protected onFailed(error: unknown): B | typeof Followed {
    throw error;
  }

  /** Goes on with `next`, which is adopted. */
  protected follow(next: Future<B>): typeof Followed {
    adopt(this, next);
    this.#state = { at: "second", child: next };
    return Followed;
  }

  override poll(cx: Context): Poll<B> {
    for (;;) {
      const state = this.#state;
      switch (state.at) {
        case "first": {
          const value = this.#first(state.child, cx);
          if (value === Followed) continue;
          return value;
        }
        case "second": {
          let value: Poll<B>;
          try {
            value = state.child.poll(cx);
          } catch (error) {
            this.#end(state.child);
            throw error;
          }
          if (value === Pending) return Pending;
          this.#end(state.child);
          return value;
        }
        case "ended":
          throw new PolledAfterCompletionError(nameOf(this), state.how);
        default:
          return state satisfies never;
      }
    }
  }

  #first(child: Future<A>, cx: Context): Poll<B> | typeof Followed {
    let value: Poll<A>;
    try {
      value = child.poll(cx);
    } catch (error) {
      this.#end(child);
      return this.onFailed(error);
    }
    if (value === Pending) return Pending;
    this.#end(child);
    return this.onReady(value);
  }

  #end(child: Future<unknown>): void {
    this.#state = { at: "ended", how: "completed" };
    release(child);
  }

  override [Symbol.dispose](): void {
    const state = this.#state;
    if (state.at === "ended") return;
    this.#state = { at: "ended", how: "was dropped" };
    dropChild(state.child);
  }
}
