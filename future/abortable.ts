import { dropChild, droppedInside } from "./_drop.ts";
import type { Context } from "./context.ts";
import { PolledAfterCompletionError } from "./errors.ts";
import { fromSignal } from "./from_signal.ts";
import { adopt, Future, release } from "./future.ts";
import type { Inspection } from "./inspection.ts";
import { Pending, type Poll } from "./poll.ts";

class Abortable<T> extends Future<T> {
  #future: Future<T> | null;
  readonly #aborted: Future<unknown>;
  #ended: "completed" | "failed" | "was dropped" = "completed";

  constructor(future: Future<T>, signal: AbortSignal) {
    super();
    this.#aborted = fromSignal(signal);
    adopt(this, future);
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

/**
 * Gives a future up when a signal is aborted: it is dropped then, and the
 * failure is the signal's reason. Mirrors `futures::future::abortable`, with
 * the platform's `AbortController` for the handle. Unlike `abortable` of
 * `@std/async` it stops the work, and does not only turn away from it.
 *
 * It listens from the first poll, and takes its one listener away at its end.
 *
 * Cancel safety: as safe as `future`, which is dropped with it.
 *
 * @param future The future; adopted.
 * @param signal The signal to heed.
 * @returns A future of the same value; it fails with `signal.reason`.
 * @throws {TypeError} If `future` is no future or `signal` no signal.
 * @throws {FutureMovedError} If a living owner holds `future`.
 *
 * @example Usage
 * ```ts
 * import { abortable, pending } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertRejects } from "@std/assert";
 *
 * const controller = new AbortController();
 * const work = run(abortable(pending(), controller.signal));
 * controller.abort(new Error("enough"));
 * await assertRejects(() => work, Error, "enough");
 * ```
 */
export function abortable<T>(
  future: Future<T>,
  signal: AbortSignal,
): Future<T> {
  return new Abortable(future, signal);
}
