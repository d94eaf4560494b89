import { dropChild, droppedInside } from "./_drop.ts";
import type { Context } from "./context.ts";
import { PolledAfterCompletionError } from "./errors.ts";
import { adopt, Future, release } from "./future.ts";
import type { Inspection } from "./inspection.ts";
import { Pending, type Poll } from "./poll.ts";

/**
 * A future and what ends it before its time, whose value is the failure then.
 */
export class Abortable<T> extends Future<T> {
  #future: Future<T> | null;
  readonly #aborted: Future<unknown>;
  #ended: "completed" | "failed" | "was dropped" = "completed";

  constructor(future: Future<T>, aborted: Future<unknown>) {
    super();
    adopt(this, future);
    this.#aborted = aborted;
    this.#future = future;
  }

  override poll(cx: Context): Poll<T> {
    const future = this.#future;
    if (future === null) {
      throw new PolledAfterCompletionError("Abortable", this.#ended);
    }
    // First: what was aborted before it began must not begin.
    const reason = this.#aborted.poll(cx);
    if (reason !== Pending) {
      this.#end("failed");
      dropChild(future);
      throw reason;
    }
    let value: Poll<T>;
    try {
      value = future.poll(cx);
    } catch (error) {
      this.#end("failed");
      release(future);
      throw error;
    }
    if (value === Pending) {
      if (this.#future === null) throw droppedInside(this);
      return Pending;
    }
    this.#end("completed");
    release(future);
    return value;
  }

  #end(how: "completed" | "failed" | "was dropped"): void {
    this.#future = null;
    this.#ended = how;
    this.#aborted[Symbol.dispose]();
  }

  override inspect(): Inspection {
    return { children: this.#future === null ? [] : [this.#future] };
  }

  override [Symbol.dispose](): void {
    const future = this.#future;
    if (future === null) return;
    this.#end("was dropped");
    dropChild(future);
  }
}
