import { Abortable } from "./_abortable.ts";
import { fromSignal } from "./from_signal.ts";
import type { Future } from "./future.ts";

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
  return new Abortable(future, fromSignal(signal));
}
