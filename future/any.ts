import { Group } from "./_group.ts";
import { entriesOf } from "./_shape.ts";
import type { Future, Output } from "./future.ts";

class Any<T> extends Group<T, T> {
  readonly #errors: unknown[];
  #left: number;
  #winner: { value: T } | null = null;

  constructor(futures: readonly Future<T>[]) {
    super(futures, "rotated");
    this.#left = futures.length;
    this.#errors = new Array(futures.length);
  }

  protected override onReady(_index: number, value: T): boolean {
    this.#winner = { value };
    return true;
  }

  protected override onFailed(index: number, error: unknown): boolean {
    this.#errors[index] = error;
    return --this.#left === 0;
  }

  protected override result(): T {
    if (this.#winner !== null) return this.#winner.value;
    throw new AggregateError(
      this.#errors,
      `Cannot go on with any: all ${this.#errors.length} futures failed`,
    );
  }
}

/**
 * Waits for the first of several futures to succeed, and drops the others.
 * Failures count only when all have failed. Mirrors `futures::select_ok`.
 *
 * Cancel safety: loses data: all futures are dropped; lend those with `pin`
 * that must go on.
 *
 * @param futures The futures; adopted.
 * @returns A future of the first value. It fails with an `AggregateError` of
 * all failures, in the order of the futures, when none succeeds or there are
 * none.
 * @throws {TypeError} If an entry is no future.
 * @throws {FutureMovedError} If a living owner holds one of them; none is
 * adopted then.
 *
 * @example Usage
 * ```ts
 * import { any, lazy, ready } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const broken = lazy((): number => {
 *   throw new Error("mirror 1 is down");
 * });
 * assertEquals(await run(any([broken, ready(2)])), 2);
 * ```
 */
export function any<const F extends readonly Future<unknown>[]>(
  futures: F,
): Future<Output<F[number]>> {
  return new Any(
    entriesOf("any", futures) as readonly Future<Output<F[number]>>[],
  );
}
