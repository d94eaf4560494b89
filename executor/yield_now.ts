import type { Context } from "../future/context.ts";
import { PolledAfterCompletionError } from "../future/errors.ts";
import { Future } from "../future/future.ts";
import type { Inspection } from "../future/inspection.ts";
import { Pending, type Poll } from "../future/poll.ts";

class YieldNow extends Future<void> {
  #state: "new" | "yielded" | "completed" | "was dropped" = "new";

  override poll(cx: Context): Poll<void> {
    switch (this.#state) {
      case "new":
        this.#state = "yielded";
        cx.waker.wake();
        return Pending;
      case "yielded":
        this.#state = "completed";
        return;
      default:
        throw new PolledAfterCompletionError("yieldNow", this.#state);
    }
  }

  override inspect(): Inspection {
    return { name: "yieldNow", waits: "for the others", intent: "yield" };
  }

  override [Symbol.dispose](): void {
    if (this.#state !== "completed") this.#state = "was dropped";
  }
}

/**
 * Lets all tasks that are ready now run first. Long computations call it in
 * their loops; the executor itself sees to it that sockets and timers get
 * their turn. Mirrors `tokio::task::yield_now`.
 *
 * Cancel safety: safe.
 *
 * @returns A future that is pending once.
 *
 * @example Usage
 * ```ts
 * import { co, join } from "@pollen/futures/future";
 * import { run, yieldNow } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const log: string[] = [];
 * const polite = (name: string) =>
 *   co(function* () {
 *     for (let i = 1; i <= 2; i++) {
 *       log.push(name + i);
 *       yield* yieldNow();
 *     }
 *   });
 * await run(join([polite("a"), polite("b")]));
 * assertEquals(log, ["a1", "b1", "a2", "b2"]);
 * ```
 */
export function yieldNow(): Future<void> {
  return new YieldNow();
}
