import type { Context } from "../../future/context.ts";
import { PolledAfterCompletionError } from "../../future/errors.ts";
import { adopt, Future, release } from "../../future/future.ts";
import type { Inspection } from "../../future/inspection.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { DropErrors } from "../../future/_drop.ts";
import type { AsyncTimer } from "./async_timer.ts";
import { sleep, sleepUntil } from "./sleep.ts";
import { TimeoutError } from "./timeout_error.ts";

class Timeout<T> extends Future<T> {
  #future: Future<T> | null;
  readonly #timer: AsyncTimer;
  readonly #limit: string;
  #ended: "completed" | "failed" | "was dropped" = "completed";

  constructor(future: Future<T>, timer: AsyncTimer, limit: string) {
    super();
    adopt(this, future);
    this.#future = future;
    this.#timer = timer;
    this.#limit = limit;
  }

  override poll(cx: Context): Poll<T> {
    const future = this.#future;
    if (future === null) {
      throw new PolledAfterCompletionError("timeout", this.#ended);
    }
    let value: Poll<T>;
    try {
      value = future.poll(cx);
    } catch (error) {
      release(future);
      this.#end("failed");
      throw error;
    }
    if (value !== Pending) {
      release(future);
      this.#end("completed");
      return value;
    }
    if (this.#timer.poll(cx) === Pending) return Pending;
    release(future);
    this.#end("failed");
    // Dropped before the error is out; what the drop throws is added to it.
    const error = new TimeoutError(
      `Cannot wait any longer: it was not done ${this.#limit}`,
    );
    const errors = new DropErrors({ error });
    errors.collect(() => future[Symbol.dispose]());
    return errors.rethrow() as never;
  }

  #end(how: "completed" | "failed" | "was dropped"): void {
    this.#future = null;
    this.#ended = how;
    this.#timer[Symbol.dispose]();
  }

  override inspect(): Inspection {
    const children = this.#future === null ? [] : [this.#future];
    return { ...this.#timer.inspect(), name: "timeout", children };
  }

  override [Symbol.dispose](): void {
    const future = this.#future;
    if (future === null) return;
    release(future);
    this.#end("was dropped");
    future[Symbol.dispose]();
  }
}

/**
 * Gives a future a limited time; when it is over, the future is dropped. Lend
 * it with `pin`, and it can be gone on with after a timeout. Mirrors
 * `tokio::time::timeout`.
 *
 * The time counts from the first poll. The future is polled first each time, so
 * that a value that is there is not lost to a timer that fired beside it.
 *
 * Cancel safety: as safe as `future`, which is dropped with it.
 *
 * @param future The future; adopted.
 * @param delay Milliseconds; `Infinity` sets no limit.
 * @returns A future of the same value; it fails with a `TimeoutError`.
 * @throws {TypeError} If `delay` is no number.
 * @throws {RangeError} If `delay` is negative or NaN.
 * @throws {FutureMovedError} If a living owner holds `future`.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { ready } from "@pollen/futures/future";
 * import { timeout } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await run(timeout(ready("in time"), 1000)), "in time");
 * ```
 *
 * @example Going on after a timeout
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { co, pin } from "@pollen/futures/future";
 * import { sleep, timeout, TimeoutError } from "@pollen/futures/time";
 * import { assert } from "@std/assert";
 *
 * const how = await run(co(function* () {
 *   using work = sleep(20);
 *   try {
 *     yield* timeout(pin(work), 1);
 *     return "in time";
 *   } catch (error) {
 *     assert(error instanceof TimeoutError);
 *   }
 *   yield* work; // it has kept its place
 *   return "late";
 * }));
 * assert(how === "late" || how === "in time"); // a busy machine may miss the 1 ms
 * ```
 */
export function timeout<T>(future: Future<T>, delay: number): Future<T> {
  return new Timeout(future, sleep(delay), `within ${delay} ms`);
}

/**
 * Gives a future until a moment; then it is dropped. Several futures can share
 * one deadline so. Mirrors `tokio::time::timeout_at`.
 *
 * Cancel safety: as safe as `future`, which is dropped with it.
 *
 * @param future The future; adopted.
 * @param deadline A time as `now()` gives it; `Infinity` sets no limit.
 * @returns A future of the same value; it fails with a `TimeoutError`.
 * @throws {TypeError} If `deadline` is no number.
 * @throws {RangeError} If `deadline` is NaN.
 * @throws {FutureMovedError} If a living owner holds `future`.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { co } from "@pollen/futures/future";
 * import { now, sleep, timeoutAt } from "@pollen/futures/time";
 *
 * const deadline = now() + 1000;
 * await run(co(function* () {
 *   yield* timeoutAt(sleep(1), deadline);
 *   yield* timeoutAt(sleep(1), deadline);
 * }));
 * ```
 */
export function timeoutAt<T>(future: Future<T>, deadline: number): Future<T> {
  return new Timeout(future, sleepUntil(deadline), "by its deadline");
}
