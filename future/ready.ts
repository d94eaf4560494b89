import { PolledAfterCompletionError } from "./errors.ts";
import { Future } from "./future.ts";
import { Pending, type Poll } from "./poll.ts";

class Ready<T> extends Future<T> {
  // `Pending` can be no value of a ready future, so it marks the end.
  #value: Poll<T>;
  #ended: "completed" | "was dropped" = "completed";

  constructor(value: T) {
    super();
    this.#value = value;
  }

  override poll(): Poll<T> {
    const value = this.#value;
    if (value === Pending) {
      throw new PolledAfterCompletionError("Ready", this.#ended);
    }
    this.#value = Pending;
    return value;
  }

  override [Symbol.dispose](): void {
    if (this.#value === Pending) return;
    this.#value = Pending;
    this.#ended = "was dropped";
  }
}

/**
 * A future that completes at its first poll. Mirrors `std::future::ready`.
 *
 * Cancel safety: safe.
 *
 * @param value The value to complete with.
 * @returns A future of it.
 *
 * @example Usage
 * ```ts
 * import { noopWaker, ready } from "@pollen/futures/future";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ready(1).poll({ waker: noopWaker }), 1);
 * ```
 */
export function ready<T>(value: T): Future<T> {
  return new Ready(value);
}
