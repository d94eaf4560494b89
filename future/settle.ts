import { Unary } from "./_unary.ts";
import type { Future } from "./future.ts";

class Settle<T> extends Unary<T, PromiseSettledResult<T>> {
  protected override onReady(value: T): PromiseSettledResult<T> {
    return { status: "fulfilled", value };
  }

  protected override onFailed(reason: unknown): PromiseSettledResult<T> {
    return { status: "rejected", reason };
  }
}

/**
 * Waits for a future to end, well or badly, and never fails. Mirrors
 * `FutureExt::catch_unwind`; the answer is that of `Promise.allSettled`.
 *
 * Cancel safety: as safe as `future`, which is dropped with it.
 *
 * @param future The future to wait for; adopted.
 * @returns A future of `{ status, value }` or `{ status, reason }`.
 *
 * @example Usage
 * ```ts
 * import { ready, settle } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await run(settle(ready(1))), { status: "fulfilled", value: 1 });
 * ```
 */
export function settle<T>(
  future: Future<T>,
): Future<PromiseSettledResult<T>> {
  return new Settle(future);
}
