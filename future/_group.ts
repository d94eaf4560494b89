import { Children, type Order, type Visitor } from "./_children.ts";
import { DropErrors } from "./_drop.ts";
import type { Context } from "./context.ts";
import { PolledAfterCompletionError } from "./errors.ts";
import { Future, nameOf } from "./future.ts";
import { Pending, type Poll } from "./poll.ts";

/**
 * A future over several children: polls those that were woken and, once it is
 * decided, drops the others before it answers. What is left to say is what the
 * children's answers add up to.
 */
export abstract class Group<T, R> extends Future<R> implements Visitor<T> {
  readonly #order: Order;
  #children: Children<T> | null;
  #ended: "completed" | "failed" | "was dropped" = "completed";

  constructor(futures: Iterable<Future<T>>, order: Order) {
    super();
    this.#children = new Children(this, futures);
    this.#order = order;
  }

  /** How many children there were at first. */
  protected get size(): number {
    return this.#children?.size ?? 0;
  }

  abstract onReady(index: number, value: T): boolean;
  abstract onFailed(index: number, error: unknown): boolean;

  /** The result, once a visit has said `true`; it may throw. */
  protected abstract result(): R;

  override poll(cx: Context): Poll<R> {
    const children = this.#children;
    if (children === null) {
      throw new PolledAfterCompletionError(nameOf(this), this.#ended);
    }
    if (!children.poll(cx, this.#order, this) && children.size > 0) {
      return Pending;
    }
    this.#children = null;
    let failure: { error: unknown } | null = null;
    let result: R;
    try {
      result = this.result();
    } catch (error) {
      this.#ended = "failed";
      failure = { error };
    }
    const errors = new DropErrors(failure);
    children.drop(errors);
    errors.rethrow();
    return result!;
  }

  override [Symbol.dispose](): void {
    const children = this.#children;
    if (children === null) return;
    this.#children = null;
    this.#ended = "was dropped";
    const errors = new DropErrors();
    children.drop(errors);
    errors.rethrow();
  }
}
