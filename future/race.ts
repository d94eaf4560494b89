import { First, type SelectOptions } from "./_first.ts";
import { entriesOf } from "./_shape.ts";
import type { Future, Output } from "./future.ts";

class Race<T> extends First<T, T> {
  constructor(
    futures: readonly Future<T>[],
    options: SelectOptions | undefined,
  ) {
    super("race", futures, options);
  }

  protected override won(_index: number, value: T): T {
    return value;
  }
}

/**
 * Waits for the first of several futures to end, well or badly, and drops the
 * others. `select` says besides which one it was. Mirrors
 * `futures_lite::future::race`, whose fairness it has; unlike `Promise.race`
 * it does not leave the losers running. If dropping a loser throws, that is
 * thrown instead of the value, as `using` does.
 *
 * Cancel safety: loses data: all futures are dropped; lend those with `pin`
 * that must go on.
 *
 * @param futures The futures; adopted.
 * @param options Whether the order given counts when several are ready.
 * @returns A future of the first value.
 * @throws {RangeError} If there are no futures.
 * @throws {TypeError} If an entry is no future, or an option is unknown.
 * @throws {FutureMovedError} If a living owner holds one of them; none is
 * adopted then.
 *
 * @example Usage
 * ```ts
 * import { pending, race, ready } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await run(race([pending(), ready(1)])), 1);
 * ```
 */
export function race<const F extends readonly Future<unknown>[]>(
  futures: F,
  options?: SelectOptions,
): Future<Output<F[number]>> {
  return new Race(
    entriesOf("race", futures) as readonly Future<Output<F[number]>>[],
    options,
  );
}
