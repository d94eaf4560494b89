import { Abortable } from "../future/_abortable.ts";
import { type Future, nameOf } from "../future/future.ts";
import { CancelledError } from "../future/errors.ts";
import { Cancelled, TokenState } from "./_token_state.ts";

/**
 * Says to any number of tasks that they should stop, and lets them do it in
 * their own time. Mirrors `tokio_util::sync::CancellationToken`.
 *
 * Tokens form trees: cancelling one cancels its children, never its parent.
 * Cancelling takes effect at once, and once.
 *
 * A token needs no closing. A parent holds a child only while something waits
 * for the child, or while the child has a `signal`, since nobody can tell whether
 * that is still listened to: cancel such a child when it is done with, which its
 * `dropGuard()` does.
 *
 * @example Usage
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { CancellationToken, run, spawn } from "@pollen/futures/executor";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * const stop = new CancellationToken();
 * await run(co(function* () {
 *   const worker = spawn(co(function* () {
 *     let rounds = 0;
 *     while (!stop.isCancelled) {
 *       yield* sleep(1);
 *       rounds++;
 *     }
 *     return `stopped after ${rounds > 0 ? "some" : "no"} rounds`;
 *   }));
 *   yield* sleep(20);
 *   stop.cancel();
 *   assertEquals(yield* worker, "stopped after some rounds");
 * }));
 * ```
 *
 * @example With an AbortController, both ways
 * ```ts
 * import { CancellationToken } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const controller = new AbortController();
 * const token = CancellationToken.fromSignal(controller.signal);
 * const { signal } = token.child(); // for fetch, say
 * controller.abort("enough");
 * assertEquals(token.reason, "enough");
 * assertEquals(signal.reason, "enough");
 * ```
 */
export class CancellationToken {
  #state = new TokenState(null);

  // No constructor with arguments for the public to see.
  static #over(state: TokenState): CancellationToken {
    const token = new CancellationToken();
    token.#state = state;
    return token;
  }

  /**
   * A token that is cancelled when a signal is aborted, with its reason. It
   * listens only while something waits for it.
   *
   * @param signal The signal.
   * @returns The token, which can be cancelled by itself, too.
   * @throws {TypeError} If `signal` is no `AbortSignal`.
   */
  static fromSignal(signal: AbortSignal): CancellationToken {
    if (!(signal instanceof AbortSignal)) {
      throw new TypeError(
        `Cannot make a token from ${nameOf(signal)}: pass an AbortSignal`,
      );
    }
    return CancellationToken.#over(new TokenState(signal));
  }

  /** Whether it, or one further up, was cancelled. */
  get isCancelled(): boolean {
    return this.#state.cancelled !== null;
  }

  /** What it was cancelled with; `undefined` before. */
  get reason(): unknown {
    return this.#state.cancelled?.reason;
  }

  /**
   * A signal that is aborted when the token is cancelled, with the same reason:
   * for `fetch` and the like. It is made when first asked for.
   */
  get signal(): AbortSignal {
    return this.#state.signal;
  }

  /**
   * Makes a token that is cancelled with this one.
   *
   * @returns The child, which can be cancelled by itself, too.
   */
  child(): CancellationToken {
    return CancellationToken.#over(new TokenState(this.#state));
  }

  /**
   * Cancels the token and its children, and wakes all who wait. The first reason
   * stays: cancelling again does nothing.
   *
   * @param reason Why; a `CancelledError` by default.
   * @throws What a waker throws, once all were called.
   */
  cancel(
    reason: unknown = new CancelledError(
      "Cannot go on: the token was cancelled",
    ),
  ): void {
    this.#state.cancel(reason);
  }

  /**
   * Does nothing, or ends the work at this point.
   *
   * @throws The reason, if the token was cancelled.
   */
  throwIfCancelled(): void {
    const cancelled = this.#state.cancelled;
    if (cancelled !== null) throw cancelled.reason;
  }

  /**
   * Waits until the token is cancelled. Waiting and giving up cost O(1), however
   * many wait.
   *
   * Cancel safety: safe.
   *
   * @returns A future of the reason.
   */
  cancelled(): Future<unknown> {
    return new Cancelled(this.#state);
  }

  /**
   * Gives a future up when the token is cancelled: it is dropped then. What was
   * cancelled before does not begin. That is a failure, in a `scope` one of the
   * scope's: where it is the expected end, `settle` or `recover` goes around it.
   *
   * Cancel safety: as safe as `future`, which is dropped with it.
   *
   * @param future The future; adopted.
   * @returns A future of the same value; it fails with the token's reason.
   * @throws {TypeError} If `future` is no future.
   * @throws {FutureMovedError} If a living owner holds it.
   */
  runUntilCancelled<T>(future: Future<T>): Future<T> {
    return new Abortable(future, this.cancelled());
  }

  /**
   * Makes a guard for `using`: whatever way the block is left, the token is
   * cancelled.
   *
   * @param reason Why, as for `cancel`.
   * @returns The guard.
   */
  dropGuard(reason?: unknown): DropGuard {
    return new DropGuard(this, reason);
  }
}

/**
 * Cancels a token when it is dropped. Mirrors
 * `tokio_util::sync::DropGuard`.
 *
 * @example Usage
 * ```ts
 * import { CancellationToken } from "@pollen/futures/executor";
 * import { assert } from "@std/assert";
 *
 * const token = new CancellationToken();
 * {
 *   using _guard = token.dropGuard();
 * }
 * assert(token.isCancelled);
 * ```
 */
export class DropGuard implements Disposable {
  #token: CancellationToken | null;
  readonly #reason: unknown;

  /**
   * Makes a guard, as {@linkcode CancellationToken.dropGuard} does.
   *
   * @param token The token to cancel.
   * @param reason Why, as for `cancel`.
   */
  constructor(token: CancellationToken, reason?: unknown) {
    this.#token = token;
    this.#reason = reason;
  }

  /** Lets the token live: dropping the guard does nothing any more. */
  disarm(): void {
    this.#token = null;
  }

  /** Cancels the token. */
  [Symbol.dispose](): void {
    this.#token?.cancel(this.#reason);
  }
}
