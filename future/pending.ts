import { PolledAfterCompletionError } from "./errors.ts";
import { Future } from "./future.ts";
import type { Inspection } from "./inspection.ts";
import { Pending, type Poll } from "./poll.ts";

class PendingFuture extends Future<never> {
  #dropped = false;

  override poll(): Poll<never> {
    if (this.#dropped) {
      throw new PolledAfterCompletionError("pending", "was dropped");
    }
    return Pending;
  }

  override inspect(): Inspection {
    return { name: "pending", waits: "for ever", intent: "never" };
  }

  override [Symbol.dispose](): void {
    this.#dropped = true;
  }
}

/**
 * A future that never completes; it stores no waker, since it will never call
 * one. Mirrors `std::future::pending`.
 *
 * Cancel safety: safe.
 *
 * @returns A future that is always pending.
 *
 * @example Usage
 * ```ts
 * import { pending, ready, select } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const first = select({ never: pending(), now: ready(1) });
 * assertEquals(await run(first), { key: "now", value: 1 });
 * ```
 */
// The first of two: a lone `T = never` would be inferred as `unknown` among the
// futures of a `select`.
export function pending(): Future<never>;
/**
 * A future that never completes, where a value of a certain type is expected.
 *
 * @typeParam T The type of the value that never comes.
 * @returns A future that is always pending.
 */
export function pending<T>(): Future<T>;
export function pending(): Future<never> {
  return new PendingFuture();
}
