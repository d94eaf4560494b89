import { assertFunction } from "./_functions.ts";
import { Chain, type Followed } from "./_chain.ts";
import { Future } from "./future.ts";

class Recover<A, B> extends Chain<A, A | B> {
  readonly #fn: (error: unknown) => B | Future<B>;

  constructor(future: Future<A>, fn: (error: unknown) => B | Future<B>) {
    super(future);
    this.#fn = fn;
  }

  protected override onReady(value: A): A {
    return value;
  }

  protected override onFailed(error: unknown): B | typeof Followed {
    const next = this.#fn(error);
    return next instanceof Future ? this.follow(next) : next;
  }
}

/**
 * Goes on after a failure, with a value or with another future. Mirrors
 * `TryFutureExt::or_else` and `unwrap_or_else`.
 *
 * Cancel safety: as safe as the future that is under way, which is dropped
 * with it.
 *
 * @param future The future to wait for first; adopted.
 * @param fn Called once with the failure, if there is one. What it throws is
 * the new failure.
 * @returns A future of the first value, or of what `fn` gives.
 * @throws {TypeError} If it is given no function.
 *
 * @example Usage
 * ```ts
 * import { lazy, recover } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const broken = lazy((): number => {
 *   throw new Error("no luck");
 * });
 * assertEquals(await run(recover(broken, () => 0)), 0);
 * ```
 */
export function recover<A, B>(
  future: Future<A>,
  fn: (error: unknown) => B | Future<B>,
): Future<A | B> {
  assertFunction("recover", fn);
  return new Recover(future, fn);
}
