import type { Future } from "../future/future.ts";
import { currentCore } from "./_current.ts";
import { runOn, type RunOptions } from "./_run.ts";

/**
 * Runs a future on the default executor: the way from a future to a promise.
 * Mirrors `Runtime::block_on`, except that it does not block.
 *
 * @param future The future; adopted.
 * @param options A signal that drops it.
 * @returns A promise of its value. It rejects with the future's own error; with
 * the signal's reason, if that is aborted; with a `TypeError` or
 * `FutureMovedError`, if the future cannot be adopted.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { sleep } from "@pollen/futures/time";
 *
 * await run(sleep(1));
 * ```
 *
 * @example With a signal
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { pending } from "@pollen/futures/future";
 * import { assertRejects } from "@std/assert";
 *
 * const controller = new AbortController();
 * const promise = run(pending(), { signal: controller.signal });
 * controller.abort(new Error("changed my mind"));
 * await assertRejects(() => promise, Error, "changed my mind");
 * ```
 */
export function run<T>(
  future: Future<T>,
  options: RunOptions = {},
): Promise<T> {
  return runOn(currentCore(), future, options);
}
