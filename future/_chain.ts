import { dropChild, droppedInside } from "./_drop.ts";
import type { Context } from "./context.ts";
import { PolledAfterCompletionError, ReentrantPollError } from "./errors.ts";
import { adopt, Future, nameOf, release } from "./future.ts";
import type { Inspection } from "./inspection.ts";
import { Pending, type Poll } from "./poll.ts";

type First<A> = { at: "first"; child: Future<A> };
type Second<B> = { at: "second"; child: Future<B> };
type State<A, B> =
  | First<A>
  | { at: "between" } // in a hook
  | Second<B>
  | { at: "ended"; how: "completed" | "failed" | "was dropped" };

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
  protected abstract onReady(value: A, cx: Context): B | typeof Followed;

  /** What becomes of its failure. */
  protected onFailed(error: unknown): B | typeof Followed {
    throw error;
  }

  /** Goes on with `next`, which is adopted. */
  protected follow(next: Future<B>): typeof Followed {
    adopt(this, next);
    if (this.#state.at !== "between") {
      dropChild(next);
      throw droppedInside(this);
    }
    this.#state = { at: "second", child: next };
    return Followed;
  }

  override poll(cx: Context): Poll<B> {
    for (;;) {
      const state = this.#state;
      switch (state.at) {
        case "first": {
          const value = this.#first(state, cx);
          if (value === Followed) continue;
          return value;
        }
        case "second":
          return this.#second(state, cx);
        case "between":
          throw new ReentrantPollError(nameOf(this));
        case "ended":
          throw new PolledAfterCompletionError(nameOf(this), state.how);
        default:
          return state satisfies never;
      }
    }
  }

  #first(state: First<A>, cx: Context): Poll<B> | typeof Followed {
    let value: Poll<A>;
    try {
      value = state.child.poll(cx);
    } catch (error) {
      if (this.#state !== state) throw error;
      return this.#hook(state.child, () => this.onFailed(error));
    }
    if (this.#state !== state) throw droppedInside(this);
    if (value === Pending) return Pending;
    const ready = value;
    return this.#hook(state.child, () => this.onReady(ready, cx));
  }

  #hook(
    child: Future<A>,
    hook: () => B | typeof Followed,
  ): B | typeof Followed {
    this.#state = { at: "between" };
    release(child);
    let how: "completed" | "failed" = "failed";
    try {
      const value = hook();
      how = "completed";
      return value;
    } finally {
      if (this.#state.at === "between") this.#state = { at: "ended", how };
    }
  }

  #second(state: Second<B>, cx: Context): Poll<B> {
    let value: Poll<B>;
    try {
      value = state.child.poll(cx);
    } catch (error) {
      this.#end("failed", state.child);
      throw error;
    }
    if (value !== Pending) this.#end("completed", state.child);
    else if (this.#state !== state) throw droppedInside(this);
    return value;
  }

  #end(how: "completed" | "failed", child: Future<B>): void {
    this.#state = { at: "ended", how };
    release(child);
  }

  override inspect(): Inspection {
    const state = this.#state;
    return { children: "child" in state ? [state.child] : [] };
  }

  override [Symbol.dispose](): void {
    const state = this.#state;
    if (state.at === "ended") return;
    this.#state = { at: "ended", how: "was dropped" };
    if (state.at !== "between") dropChild(state.child);
  }
}
