import type { Context } from "../context.ts";
import { PolledAfterCompletionError } from "../errors.ts";
import { Future, nameOf } from "../future.ts";
import { Pending, type Poll } from "../poll.ts";
import { leave, Waiter, type WaitList } from "./_wait_list.ts";

/**
 * A future that waits until something is so, and looks for itself each time it
 * is woken. Nothing is granted to it, so a drop takes nothing along.
 */
export abstract class Until<T> extends Future<T> {
  readonly #line: WaitList<Waiter>;
  #waiter: Waiter | null = null;
  #ended: "completed" | "failed" | "was dropped" | null = null;

  constructor(line: WaitList<Waiter>) {
    super();
    this.#line = line;
  }

  /** The value once it is so, else `Pending`; may throw to fail. */
  protected abstract check(): Poll<T>;

  override poll(cx: Context): Poll<T> {
    if (this.#ended !== null) {
      throw new PolledAfterCompletionError(nameOf(this), this.#ended);
    }
    // Asked before, not after: a check may take note of what it has seen.
    if (cx.budget?.exhausted) {
      cx.waker.wake();
      return Pending;
    }
    let value: Poll<T>;
    try {
      value = this.check();
    } catch (error) {
      this.end("failed");
      throw error;
    }
    if (value === Pending) {
      this.#waiter ??= new Waiter();
      this.#line.push(this.#waiter, cx.waker);
      return Pending;
    }
    this.end("completed");
    cx.budget?.spend();
    return value;
  }

  private end(how: "completed" | "failed" | "was dropped"): void {
    this.#ended = how;
    if (this.#waiter !== null) leave(this.#waiter);
  }

  override [Symbol.dispose](): void {
    if (this.#ended === null) this.end("was dropped");
  }
}
