import { nameOf } from "../../future/future.ts";
import type { Waker } from "../../future/waker.ts";

/** What ends when the signal aborts, though nobody may be waiting for it. */
interface Abortable {
  abort(reason: unknown): void;
}

/**
 * The caller's signal, listened to from the first poll of a request to the end
 * of its response: one listener, which is taken off again.
 */
export class AbortWatch {
  readonly #signal: AbortSignal;
  #waker: Waker | null = null;
  /** The body, once there is one. */
  #body: Abortable | null = null;
  #listens = false;

  /** @throws {TypeError} If `signal` is none. */
  constructor(signal: AbortSignal) {
    if (!(signal instanceof AbortSignal)) {
      throw new TypeError(
        `Cannot use signal: it must be an AbortSignal, got ${nameOf(signal)}`,
      );
    }
    this.#signal = signal;
  }

  /**
   * Keeps the waker to call when the signal aborts.
   *
   * @throws The signal's reason, if it has.
   */
  check(waker: Waker): void {
    if (this.#signal.aborted) {
      this.drop();
      throw this.#signal.reason;
    }
    if (!this.#listens) {
      this.#listens = true;
      this.#signal.addEventListener("abort", this.#onAbort);
    }
    if (this.#waker === null || !this.#waker.willWake(waker)) {
      this.#waker = waker;
    }
  }

  #onAbort = (): void => {
    const waker = this.#waker;
    this.#waker = null;
    this.#body?.abort(this.#signal.reason);
    waker?.wake();
  };

  /**
   * Nobody waits now, and whoever did is not held on to. The body may stay unread
   * for long: an abort ends it at once, for the sake of its connection.
   */
  rest(body: Abortable): void {
    this.#waker = null;
    this.#body = body;
  }

  drop(): void {
    if (this.#listens) {
      this.#signal.removeEventListener("abort", this.#onAbort);
    }
    this.#listens = false;
    this.#waker = this.#body = null;
  }
}
