import { droppedInside } from "./_drop.ts";
import type { Context } from "./context.ts";
import { FutureMovedError, PolledAfterCompletionError } from "./errors.ts";
import {
  adopt,
  assertFuture,
  Future,
  isOwned,
  nameOf,
  release,
} from "./future.ts";
import type { Inspection } from "./inspection.ts";
import { Pending, type Poll } from "./poll.ts";

/**
 * A loan of a future. The loan begins at the first poll, not when the handle is
 * made, so that a handle nobody used blocks nothing; it ends when the handle
 * is dropped or the future does. A dropped handle may be lent again.
 */
class Pinned<T> extends Future<T> {
  readonly #future: Future<T>;
  #loan: "none" | "open" | "returned" | "completed" | "failed" = "none";

  constructor(future: Future<T>) {
    super();
    this.#future = future;
  }

  override poll(cx: Context): Poll<T> {
    if (this.#loan !== "open") this.#open();
    let value: Poll<T>;
    try {
      value = this.#future.poll(cx);
    } catch (error) {
      this.#close("failed");
      throw error;
    }
    if (value !== Pending) this.#close("completed");
    else if (this.#wasReturned()) throw droppedInside(this);
    return value;
  }

  #open(): void {
    if (this.#loan === "completed" || this.#loan === "failed") {
      throw new PolledAfterCompletionError("Pinned", this.#loan);
    }
    // Dropped, and nobody has adopted it since: not a new loan, a late poll.
    if (this.#loan === "returned" && !isOwned(this)) {
      throw new PolledAfterCompletionError("Pinned", "was dropped");
    }
    adopt(this, this.#future);
    this.#loan = "open";
  }

  #wasReturned(): boolean {
    return this.#loan === "returned";
  }

  #close(how: "returned" | "completed" | "failed"): void {
    // Else it was dropped from inside the poll, and others may hold the future.
    if (this.#loan === "open") release(this.#future);
    this.#loan = how;
  }

  override inspect(): Inspection {
    return { name: "pin", children: [this.#future] };
  }

  override [Symbol.dispose](): void {
    if (this.#loan === "open") this.#close("returned");
    else if (this.#loan === "none") this.#loan = "returned";
  }
}

/**
 * Lends a future: the handle polls it in place, and dropping the handle does
 * not drop the future. So a `select` in a loop can lose a round and go on with
 * the same future, and a `timeout` can give up waiting without giving up the
 * work. Mirrors `std::pin::pin!` with `&mut future`.
 *
 * The future stays yours: hold it with `using`, so that it is dropped when you
 * are done with it. While it is lent nobody else can adopt it.
 *
 * Cancel safety: safe; the future keeps its place.
 *
 * @param future The future to lend.
 * @returns A handle that can stand wherever a future can.
 * @throws {FutureMovedError} If somebody holds the future; at the first poll,
 * if somebody took it in between.
 *
 * @example A select in a loop
 * ```ts
 * import { co, pin, select } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { sleep } from "@pollen/futures/time";
 * import { assert } from "@std/assert";
 *
 * let ticks = 0;
 * await run(co(function* () {
 *   using work = sleep(25);
 *   for (;;) {
 *     const { key } = yield* select({ work: pin(work), tick: sleep(10) });
 *     if (key === "work") return;
 *     ticks++;
 *   }
 * }));
 * assert(ticks >= 1);
 * ```
 */
export function pin<T>(future: Future<T>): Future<T> {
  assertFuture(future);
  if (isOwned(future)) {
    throw new FutureMovedError(nameOf(future), "another future or task");
  }
  return new Pinned(future);
}
