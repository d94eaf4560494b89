import { dropChild, droppedInside } from "./_drop.ts";
import type { Context } from "./context.ts";
import { PolledAfterCompletionError } from "./errors.ts";
import { adopt, Future, nameOf, release } from "./future.ts";
import type { Inspection } from "./inspection.ts";
import { Pending, type Poll } from "./poll.ts";

/**
 * A future over one child: adopts it, gives it up when it ends, drops it when
 * dropped. What is left to say is what becomes of its value or failure.
 */
export abstract class Unary<A, B> extends Future<B> {
  #child: Future<A> | null;
  #ended: "completed" | "failed" | "was dropped" = "failed";

  constructor(child: Future<A>) {
    super();
    adopt(this, child);
    this.#child = child;
  }

  /** What the combinator makes of the child's value. */
  protected abstract onReady(value: A): B;

  /** What it makes of the child's failure: by default it is passed on. */
  protected onFailed(error: unknown): B {
    throw error;
  }

  override poll(cx: Context): Poll<B> {
    const child = this.#child;
    if (child === null) {
      throw new PolledAfterCompletionError(nameOf(this), this.#ended);
    }
    let value: Poll<A>;
    try {
      value = child.poll(cx);
    } catch (error) {
      this.give(child);
      return this.complete(this.onFailed(error));
    }
    if (value === Pending) {
      if (this.#child === null) throw droppedInside(this);
      return Pending;
    }
    this.give(child);
    return this.complete(this.onReady(value));
  }

  private complete(result: B): B {
    this.#ended = "completed";
    return result;
  }

  private give(child: Future<A>): void {
    this.#child = null;
    release(child);
  }

  override inspect(): Inspection {
    return { children: this.#child === null ? [] : [this.#child] };
  }

  override [Symbol.dispose](): void {
    const child = this.#child;
    if (child === null) return;
    this.#child = null;
    this.#ended = "was dropped";
    dropChild(child);
  }
}
