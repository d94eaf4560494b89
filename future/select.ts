import { First, type SelectOptions } from "./_first.ts";
import { entriesOf } from "./_shape.ts";
import type { Future, Output } from "./future.ts";

export type { SelectOptions };

/** What `select` gives: the winner's key and value, as a discriminated union. */
export type Selected<F> = {
  [K in keyof F]: { key: K; value: Output<F[K]> };
}[keyof F];

class Select<F extends { readonly [key: string]: Future<unknown> }>
  extends First<unknown, Selected<F>> {
  readonly #keys: string[];

  constructor(futures: F, options: SelectOptions | undefined) {
    super("select", entriesOf("select", futures), options);
    this.#keys = Object.keys(futures);
  }

  protected override won(index: number, value: unknown): Selected<F> {
    return { key: this.#keys[index], value } as Selected<F>;
  }
}

/**
 * Waits for the first of several futures and says which one it was; the others
 * are dropped, unless they were lent with `pin`. If the first to end fails,
 * `select` fails with its error. Mirrors `tokio::select!`.
 *
 * When several are ready together they take turns, from one `select` to the
 * next, also over a loop of them; `{ biased: true }` prefers the order given:
 * that of the object's keys, of which those that are whole numbers come first.
 * If dropping a loser throws, that is thrown instead of the value, as `using`
 * does.
 *
 * Cancel safety: loses data: all futures are dropped; lend those with `pin`
 * that must go on.
 *
 * @param futures The futures by name; adopted.
 * @param options Whether the order given counts.
 * @returns A future of `{ key, value }`; a `switch` over `key` narrows `value`.
 * @throws {RangeError} If there are no futures.
 * @throws {TypeError} If an entry is no future, or an option is unknown.
 * @throws {FutureMovedError} If a living owner holds one of them; none is
 * adopted then.
 *
 * @example Usage
 * ```ts
 * import { pending, ready, select } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const first = await run(select({ quick: ready(1), slow: pending<string>() }));
 * switch (first.key) {
 *   case "quick":
 *     assertEquals(first.value + 1, 2); // a number here
 *     break;
 *   case "slow":
 *     first.value.toUpperCase(); // a string here
 * }
 * ```
 */
export function select<F extends { readonly [key: string]: Future<unknown> }>(
  futures: F,
  options?: SelectOptions,
): Future<Selected<F>> {
  return new Select(futures, options);
}
