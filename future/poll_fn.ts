import { assertFunction } from "./_functions.ts";
import { droppedInside } from "./_drop.ts";
import type { Context } from "./context.ts";
import { PolledAfterCompletionError } from "./errors.ts";
import { Future } from "./future.ts";
import type { Inspection } from "./inspection.ts";
import { Pending, type Poll } from "./poll.ts";

class PollFn<T> extends Future<T> {
  #fn: ((cx: Context) => Poll<T>) | null;
  #ended: "completed" | "failed" | "was dropped" = "completed";

  constructor(fn: (cx: Context) => Poll<T>) {
    super();
    this.#fn = fn;
  }

  override poll(cx: Context): Poll<T> {
    const fn = this.#fn;
    if (fn === null) {
      throw new PolledAfterCompletionError("PollFn", this.#ended);
    }
    let value: Poll<T>;
    try {
      value = fn(cx);
    } catch (error) {
      this.#end("failed");
      throw error;
    }
    if (value !== Pending) this.#end("completed");
    else if (this.#fn === null) throw droppedInside(this);
    return value;
  }

  #end(how: "completed" | "failed" | "was dropped"): void {
    this.#ended = how;
    this.#fn = null;
  }

  override inspect(): Inspection {
    return { name: this.#fn?.name ? `pollFn ${this.#fn.name}` : "pollFn" };
  }

  override [Symbol.dispose](): void {
    if (this.#fn !== null) this.#end("was dropped");
  }
}

/**
 * A future from a poll function alone. Mirrors `std::future::poll_fn`. For
 * what holds resources, extend `Future` and release them in its drop.
 *
 * Cancel safety: safe; the function is not called again.
 *
 * @param fn Called at each poll; the rules for `Future.poll` are its rules.
 * @returns A future of what `fn` answers when it is ready.
 * @throws {TypeError} If it is given no function.
 *
 * @example Usage
 * ```ts
 * import { Pending, pollFn } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * let polls = 0;
 * const third = pollFn((cx) => {
 *   if (++polls === 3) return "third time lucky";
 *   cx.waker.wake();
 *   return Pending;
 * });
 * assertEquals(await run(third), "third time lucky");
 * ```
 */
export function pollFn<T>(fn: (cx: Context) => Poll<T>): Future<T> {
  assertFunction("pollFn", fn);
  return new PollFn(fn);
}
