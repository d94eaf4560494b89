import { Children, type Order, type Visitor } from "./_children.ts";
import { DropErrors, droppedInside } from "./_drop.ts";
import type { Context } from "./context.ts";
import { PolledAfterCompletionError, ReentrantPollError } from "./errors.ts";
import { Future, nameOf } from "./future.ts";
import type { Inspection } from "./inspection.ts";
import { Pending, type Poll } from "./poll.ts";

/**
 * A future over several children: polls those that were woken and, once it is
 * decided, drops the others before it answers. What is left to say is what the
 * children's answers add up to.
 */
export abstract class Group<T, R> extends Future<R> implements Visitor<T> {
  readonly #order: Order;
  readonly #children: Children<T>;
  #at:
    | "idle"
    | "polling"
    | "doomed" // dropped from inside its poll: dropped as soon as that returns
    | "completed"
    | "failed"
    | "was dropped" = "idle";

  constructor(futures: Iterable<Future<T>>, order: Order) {
    super();
    this.#children = new Children(this, futures);
    this.#order = order;
  }

  abstract onReady(index: number, value: T): boolean;
  abstract onFailed(index: number, error: unknown): boolean;

  /** The result, once a visit has said `true`; it may throw. */
  protected abstract result(): R;

  override poll(cx: Context): Poll<R> {
    switch (this.#at) {
      case "idle":
        break;
      case "polling":
      case "doomed":
        // A child that waits for its own group: it would take the group's
        // waker away, and nobody would ever poll the others again.
        throw new ReentrantPollError(nameOf(this));
      default:
        throw new PolledAfterCompletionError(nameOf(this), this.#at);
    }
    this.#at = "polling";
    const children = this.#children;
    let failure: { error: unknown } | null = null;
    let result: R;
    try {
      if (!children.poll(cx, this.#order, this) && children.size > 0) {
        this.#suspend();
        return Pending;
      }
      result = this.result();
    } catch (error) {
      failure = { error };
    }
    this.#end("failed", failure);
    this.#at = "completed";
    return result!;
  }

  #suspend(): void {
    if (this.#at === "doomed") throw droppedInside(this);
    this.#at = "idle";
  }

  /** Drops what is alive; throws the failure, if any, and what that throws. */
  #end(
    how: "failed" | "was dropped",
    failure: { error: unknown } | null,
  ): void {
    this.#at = how;
    const errors = new DropErrors(failure);
    this.#children.drop(errors);
    errors.rethrow();
  }

  override inspect(): Inspection {
    return { children: this.#children.pending() };
  }

  override [Symbol.dispose](): void {
    if (this.#at === "polling") this.#at = "doomed";
    else if (this.#at === "idle") this.#end("was dropped", null);
  }
}
