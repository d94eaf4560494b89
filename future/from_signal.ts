import type { Context } from "./context.ts";
import { PolledAfterCompletionError } from "./errors.ts";
import { Future, nameOf } from "./future.ts";
import type { Inspection } from "./inspection.ts";
import { Pending, type Poll } from "./poll.ts";
import type { Waker } from "./waker.ts";

class FromSignal extends Future<unknown> {
  readonly #signal: AbortSignal;
  #waker: Waker | null = null;
  #ended: "completed" | "was dropped" | null = null;

  constructor(signal: AbortSignal) {
    super();
    if (!(signal instanceof AbortSignal)) {
      throw new TypeError(
        `Cannot make a future from ${nameOf(signal)}: pass an AbortSignal`,
      );
    }
    this.#signal = signal;
  }

  // An object that listens for itself: no closure, and one listener at most.
  handleEvent(): void {
    this.#waker?.wake();
  }

  override poll(cx: Context): Poll<unknown> {
    if (this.#ended !== null) {
      throw new PolledAfterCompletionError("FromSignal", this.#ended);
    }
    if (this.#signal.aborted) {
      this.#end("completed");
      return this.#signal.reason;
    }
    if (this.#waker === null) this.#signal.addEventListener("abort", this);
    if (this.#waker === null || !this.#waker.willWake(cx.waker)) {
      this.#waker = cx.waker;
    }
    return Pending;
  }

  #end(how: "completed" | "was dropped"): void {
    this.#ended = how;
    this.#waker = null;
    this.#signal.removeEventListener("abort", this);
  }

  override inspect(): Inspection {
    return { name: "fromSignal", waits: "for the abort" };
  }

  override [Symbol.dispose](): void {
    if (this.#ended === null) this.#end("was dropped");
  }
}

/**
 * A future that completes when a signal is aborted, with the signal's reason
 * as its value. In a `select` it is the branch that ends the waiting; to drop
 * a whole task on abort, pass the signal to `run`.
 *
 * It listens from the first poll and takes its listener away when it ends:
 * many of them on one long-lived signal do not pile up.
 *
 * Cancel safety: safe.
 *
 * @param signal The signal to watch.
 * @returns A future of `signal.reason`.
 * @throws {TypeError} If `signal` is no `AbortSignal`.
 *
 * @example Usage
 * ```ts
 * import { fromSignal, pending, select } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const controller = new AbortController();
 * const first = run(select({
 *   work: pending(),
 *   stopped: fromSignal(controller.signal),
 * }));
 * controller.abort("enough");
 * assertEquals(await first, { key: "stopped", value: "enough" });
 * ```
 */
export function fromSignal(signal: AbortSignal): Future<unknown> {
  return new FromSignal(signal);
}
