import { Unary } from "../future/_unary.ts";
import type { Budget } from "../future/budget.ts";
import type { Context } from "../future/context.ts";
import type { Future } from "../future/future.ts";
import type { Poll } from "../future/poll.ts";
import { noopWaker, type Waker } from "../future/waker.ts";

/** Its own context: the waker of the poll, and no budget. Nothing is allocated. */
class Unconstrained<T> extends Unary<T, T> implements Context {
  #waker: Waker = noopWaker;

  get waker(): Waker {
    return this.#waker;
  }

  get budget(): Budget | undefined {
    return undefined;
  }

  override poll(cx: Context): Poll<T> {
    this.#waker = cx.waker;
    return super.poll(this);
  }

  protected override onReady(value: T): T {
    return value;
  }
}

/**
 * Takes a future out of the cooperative budget: its leaves give all that they
 * have, however long that takes, and the other tasks wait meanwhile. Only for
 * short work that must not be torn. Mirrors `tokio::task::unconstrained`.
 *
 * Cancel safety: as safe as `future`, which is dropped with it.
 *
 * @param future The future; adopted.
 * @returns A future of the same value.
 * @throws {TypeError} If `future` is no future.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run, unconstrained } from "@pollen/futures/executor";
 * import { collect, iter } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * // In one poll, though a task may take 128 items in one.
 * const numbers = collect(iter(Array(1000).keys()));
 * assertEquals((await run(unconstrained(numbers))).length, 1000);
 * ```
 */
export function unconstrained<T>(future: Future<T>): Future<T> {
  return new Unconstrained(future);
}
