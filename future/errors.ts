/**
 * A future was polled after it had completed, failed or been dropped. It is a
 * bug of whoever polled: `co`, the combinators and the executor never do so.
 *
 * @example Usage
 * ```ts
 * import { noopWaker, PolledAfterCompletionError, ready } from "@pollen/futures/future";
 * import { assertThrows } from "@std/assert";
 *
 * const once = ready(1);
 * once.poll({ waker: noopWaker });
 * assertThrows(
 *   () => once.poll({ waker: noopWaker }),
 *   PolledAfterCompletionError,
 *   "Cannot poll Ready: it already completed",
 * );
 * ```
 */
export class PolledAfterCompletionError extends Error {
  /**
   * Makes the error.
   *
   * @param what The name of the future's type, for the message.
   * @param how How the future ended.
   */
  constructor(
    what: string,
    how: "completed" | "failed" | "was dropped" | "was detached" = "completed",
  ) {
    super(
      how === "completed" || how === "failed"
        ? `Cannot poll ${what}: it already ${how}`
        : `Cannot poll ${what}: it ${how}`,
    );
    this.name = "PolledAfterCompletionError";
  }
}

/**
 * A future was given to a second owner while the first still held it. Pass
 * `pin(future)` to lend it for a while, or make a future for each owner.
 *
 * @example Usage
 * ```ts
 * import { FutureMovedError, join, pending, race } from "@pollen/futures/future";
 * import { assertThrows } from "@std/assert";
 *
 * const one = pending();
 * using _owner = join([one]);
 * assertThrows(() => race([one]), FutureMovedError);
 * ```
 */
export class FutureMovedError extends Error {
  /**
   * Makes the error.
   *
   * @param what The name of the future's type, for the message.
   * @param owner The name of the type of the owner that holds it.
   * @param lend The function to lend it with.
   */
  constructor(what: string, owner: string, lend = "pin") {
    super(
      `Cannot move ${what}: ${owner} holds it; lend it with ${lend}() or make a second one`,
    );
    this.name = "FutureMovedError";
  }
}

/**
 * A future, task or `co` was polled from inside its own poll. Only hand-made
 * plumbing can do that; a task that joins itself is the usual case.
 *
 * @example Usage
 * ```ts
 * import { co, type Future, noopWaker, ReentrantPollError } from "@pollen/futures/future";
 * import { assertThrows } from "@std/assert";
 *
 * const cx = { waker: noopWaker };
 * // deno-lint-ignore require-yield
 * const self: Future<void> = co(function* () {
 *   self.poll(cx);
 * });
 * assertThrows(() => self.poll(cx), ReentrantPollError);
 * ```
 */
export class ReentrantPollError extends Error {
  /**
   * Makes the error.
   *
   * @param what The name of the future's type, for the message.
   */
  constructor(what: string) {
    super(`Cannot poll ${what}: it is being polled right now, further up`);
    this.name = "ReentrantPollError";
  }
}

/**
 * Work was given up because its owner no longer wants it: an aborted task, a
 * `finally` block that wants to wait while its `co` is dropped, the reason
 * that a dropped `fromPromise` aborts its signal with.
 *
 * @example Usage
 * ```ts
 * import { CancelledError } from "@pollen/futures/future";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new CancelledError("Cannot go on: the task was aborted");
 * assertEquals(error.name, "CancelledError");
 * ```
 */
export class CancelledError extends Error {
  /**
   * Makes the error.
   *
   * @param message What was given up, and why.
   * @param options The `cause`, if there is one.
   */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CancelledError";
  }
}
