import type { DropErrors } from "../_drop.ts";
import { promiseObserver } from "../_native.ts";
import type { Context } from "../context.ts";
import { Pending, type Poll } from "../poll.ts";
import type { Waker } from "../waker.ts";
import { dropErrorHook, type DropOptions } from "./_drop_options.ts";
import { LivingStream } from "./_living_stream.ts";
import { Done } from "./stream.ts";

/** What gives items by promises, on demand. */
export interface Upstream<T> {
  /** Asks for the next item; the first call opens it. */
  next(): PromiseLike<IteratorResult<T, unknown>>;
  /** It has ended or failed by itself. */
  over(): void;
  /** It is no longer wanted. */
  stop(): unknown;
}

type State<T> =
  | { at: "idle" }
  | { at: "waiting"; waker: Waker }
  | { at: "answered"; result: IteratorResult<T, unknown> }
  | { at: "rejected"; reason: unknown }
  | { at: "over" };

/** One question at a time, and only when polled: so backpressure is kept. */
export class FromPromises<T> extends LivingStream<T> {
  readonly #upstream: Upstream<T>;
  readonly #onDropError: (error: unknown) => void;
  #state: State<T> = { at: "idle" };

  constructor(upstream: Upstream<T>, options: DropOptions) {
    super();
    this.#upstream = upstream;
    this.#onDropError = dropErrorHook(options);
  }

  protected override advance(cx: Context): Poll<T | Done> {
    const state = this.#state;
    switch (state.at) {
      case "idle":
        this.#ask(cx.waker);
        return Pending;
      case "waiting":
        if (!state.waker.willWake(cx.waker)) state.waker = cx.waker;
        return Pending;
      case "answered":
        if (state.result.done) return this.#over();
        this.#state = { at: "idle" };
        return state.result.value;
      case "rejected":
        this.#over();
        throw state.reason;
      case "over":
        return Done;
      default:
        return state satisfies never;
    }
  }

  #ask(waker: Waker): void {
    let answer: PromiseLike<IteratorResult<T, unknown>>;
    try {
      answer = this.#upstream.next();
      promiseObserver?.(answer, "a stream of promises");
    } catch (error) {
      this.#over();
      throw error;
    }
    this.#state = { at: "waiting", waker };
    // A foreign thenable may answer at once or throw: `resolve` tames it.
    Promise.resolve(answer).then(
      (result) => this.#settle(settled(result)),
      (reason) => this.#settle({ at: "rejected", reason }),
    );
  }

  #settle(outcome: State<T>): void {
    const state = this.#state;
    if (state.at === "waiting") {
      this.#state = outcome;
      state.waker.wake();
    } else if (outcome.at === "rejected") {
      this.#onDropError(outcome.reason);
    }
  }

  #over(): Done {
    this.#state = { at: "over" };
    this.#upstream.over();
    return Done;
  }

  protected override free(errors: DropErrors): void {
    if (this.#state.at === "over") return;
    this.#state = { at: "over" };
    errors.collect(() => {
      Promise.resolve(this.#upstream.stop()).then(
        undefined,
        this.#onDropError,
      );
    });
  }
}

function settled<T>(result: IteratorResult<T, unknown>): State<T> {
  if (Object(result) === result) return { at: "answered", result };
  const reason = new TypeError(
    `Cannot go on with an async iterator: next() gave ${
      String(result)
    }, which is no object`,
  );
  return { at: "rejected", reason };
}
