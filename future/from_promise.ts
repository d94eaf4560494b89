import { droppedInside } from "./_drop.ts";
import { promiseObserver } from "./_native.ts";
import { outsideBegan, outsideEnded } from "./_outside.ts";
import type { Context } from "./context.ts";
import { CancelledError, PolledAfterCompletionError } from "./errors.ts";
import { Future, nameOf } from "./future.ts";
import type { Inspection } from "./inspection.ts";
import { Pending, type Poll } from "./poll.ts";
import type { Waker } from "./waker.ts";

type Start<T> = (signal: AbortSignal) => PromiseLike<T>;

type State<T> =
  | { at: "lazy"; start: Start<T> }
  /** With a controller, the work is ours: work outside, see `_outside.ts`. */
  | { at: "waiting"; waker: Waker | null; controller: AbortController | null }
  | { at: "fulfilled"; value: T }
  | { at: "rejected"; reason: unknown }
  | { at: "ended"; how: "completed" | "failed" | "was dropped" };

class FromPromise<T> extends Future<T> {
  #state: State<T>;

  constructor(source: PromiseLike<T> | Start<T>) {
    super();
    if (typeof source === "function") {
      this.#state = { at: "lazy", start: source };
    } else if (isThenable(source)) {
      this.#state = { at: "waiting", waker: null, controller: null };
      this.#watch(source);
    } else {
      throw new TypeError(
        `Cannot make a future from ${
          nameOf(source)
        }: pass a promise, or a function that returns one`,
      );
    }
  }

  #watch(promise: PromiseLike<T>): void {
    promiseObserver?.(promise, "fromPromise");
    // A foreign thenable may answer at once or throw: `resolve` tames it.
    Promise.resolve(promise).then(
      (value) => this.#settle({ at: "fulfilled", value }),
      (reason) => this.#settle({ at: "rejected", reason }),
    );
  }

  #settle(outcome: State<T>): void {
    const state = this.#state;
    if (state.at !== "waiting") return; // dropped meanwhile
    this.#state = outcome;
    if (state.controller !== null) outsideEnded();
    state.waker?.wake();
  }

  override poll(cx: Context): Poll<T> {
    const state = this.#state;
    switch (state.at) {
      case "lazy":
        this.#start(state.start, cx.waker);
        return Pending;
      case "waiting":
        if (state.waker === null || !state.waker.willWake(cx.waker)) {
          state.waker = cx.waker;
        }
        return Pending;
      case "fulfilled":
        this.#state = { at: "ended", how: "completed" };
        return state.value;
      case "rejected":
        this.#state = { at: "ended", how: "failed" };
        throw state.reason;
      case "ended":
        throw new PolledAfterCompletionError("FromPromise", state.how);
      default:
        return state satisfies never;
    }
  }

  #start(start: Start<T>, waker: Waker): void {
    const controller = new AbortController();
    const waiting: State<T> = { at: "waiting", waker, controller };
    this.#state = waiting; // now, for it may be dropped from inside start()
    outsideBegan();
    let promise: PromiseLike<T>;
    try {
      promise = start(controller.signal);
      if (!isThenable(promise)) {
        throw new TypeError(
          `Cannot make a future from ${
            nameOf(promise)
          }: the function must return a promise`,
        );
      }
      this.#watch(promise);
    } catch (error) {
      if (this.#state === waiting) outsideEnded();
      this.#state = { at: "ended", how: "failed" };
      throw error;
    }
    if (this.#state !== waiting) throw droppedInside(this);
  }

  override inspect(): Inspection {
    return {
      name: "fromPromise",
      ...(this.#state.at === "lazy" && { waits: "not started" }),
    };
  }

  override [Symbol.dispose](): void {
    const state = this.#state;
    if (state.at === "ended") return;
    this.#state = { at: "ended", how: "was dropped" };
    if (state.at === "waiting" && state.controller !== null) {
      outsideEnded();
      state.controller.abort(
        new CancelledError("Cannot go on: the future of this work was dropped"),
      );
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null)?.then === "function";
}

/**
 * A future of a promise's value.
 *
 * Pass a function where you can: it is called at the first poll, and the
 * signal it is given is aborted when the future is dropped, so the work starts
 * when it is wanted and stops when it is not. A promise that is passed itself
 * has started already and cannot be stopped; it is watched from now on, so its
 * failure is never reported as unhandled, not even when nobody polls.
 *
 * Cancel safety: loses data: the promise's outcome is ignored from then on, and
 * a value not disposed of. With a function, its work is aborted through the
 * signal.
 *
 * @param source A promise, or a function that takes an `AbortSignal` and
 * returns one.
 * @returns A future of the value; it fails with the reason of the rejection.
 * @throws {TypeError} If `source` is neither; at the first poll, if the
 * function returns no promise.
 *
 * @example Usage
 * ```ts
 * import { fromPromise } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const hash = fromPromise(() => crypto.subtle.digest("SHA-256", new Uint8Array(3)));
 * assertEquals((await run(hash)).byteLength, 32);
 * ```
 *
 * @example Dropped work is aborted
 * ```ts
 * import { fromPromise, noopWaker } from "@pollen/futures/future";
 * import { assert } from "@std/assert";
 *
 * let seen: AbortSignal | undefined;
 * const work = fromPromise((signal) => {
 *   seen = signal;
 *   return new Promise<never>(() => {});
 * });
 * work.poll({ waker: noopWaker });
 * work[Symbol.dispose]();
 * assert(seen?.aborted);
 * ```
 */
export function fromPromise<T>(
  source: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T>),
): Future<T> {
  return new FromPromise(source);
}
