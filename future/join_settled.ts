import { Group } from "./_group.ts";
import { entriesOf, type Futures, keysOf, shaped } from "./_shape.ts";
import type { Future, Output } from "./future.ts";

/** How each of several futures ended, in their shape. */
export type Settled<F> = {
  -readonly [K in keyof F]: PromiseSettledResult<Output<F[K]>>;
};

class JoinSettled<F extends Futures> extends Group<unknown, Settled<F>> {
  readonly #keys: string[] | null;
  readonly #results: PromiseSettledResult<unknown>[];
  #left: number;

  constructor(futures: F) {
    const entries = entriesOf("joinSettled", futures);
    super(entries, "woken");
    this.#keys = keysOf(futures);
    this.#left = entries.length;
    this.#results = new Array(entries.length);
  }

  protected override onReady(index: number, value: unknown): boolean {
    this.#results[index] = { status: "fulfilled", value };
    return --this.#left === 0;
  }

  protected override onFailed(index: number, reason: unknown): boolean {
    this.#results[index] = { status: "rejected", reason };
    return --this.#left === 0;
  }

  protected override result(): Settled<F> {
    return shaped(this.#keys, this.#results) as Settled<F>;
  }
}

/**
 * Waits until all have ended, well or badly, and never fails. Mirrors
 * `join_all` over results; the answers are those of `Promise.allSettled`.
 *
 * Cancel safety: loses data: answers that were there are gone, and not disposed
 * of (see {@linkcode join}); the children still alive are dropped.
 *
 * @param futures An array or an object of futures; adopted.
 * @returns A future of `{ status, value }` or `{ status, reason }` for each.
 * @throws {TypeError} If an entry is no future.
 * @throws {FutureMovedError} If a living owner holds one of them; none is
 * adopted then.
 *
 * @example Usage
 * ```ts
 * import { joinSettled, lazy, ready } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const bad = lazy(() => {
 *   throw "no";
 * });
 * assertEquals(await run(joinSettled([ready(1), bad])), [
 *   { status: "fulfilled", value: 1 },
 *   { status: "rejected", reason: "no" },
 * ]);
 * ```
 */
export function joinSettled<const F extends Futures>(
  futures: F,
): Future<Settled<F>> {
  return new JoinSettled(futures);
}
