import { assertFunction } from "./_functions.ts";
import { Chain, type Followed } from "./_chain.ts";
import type { Future } from "./future.ts";

class FlatMap<A, B> extends Chain<A, B> {
  readonly #fn: (value: A) => Future<B>;

  constructor(future: Future<A>, fn: (value: A) => Future<B>) {
    super(future);
    this.#fn = fn;
  }

  protected override onReady(value: A): typeof Followed {
    return this.follow(this.#fn(value));
  }
}

/**
 * Goes on with the future that a function makes from the value. Mirrors
 * `FutureExt::then`; it bears another name because `then` would make a future
 * look like a promise.
 *
 * Cancel safety: as safe as the future that is under way, which is dropped
 * with it.
 *
 * @param future The future to wait for first; adopted.
 * @param fn Called once with the value; returns the next future.
 * @returns A future of the second one's value.
 * @throws {TypeError} If it is given no function.
 *
 * @example Usage
 * ```ts
 * import { flatMap, ready } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await run(flatMap(ready(20), (n) => ready(n + 1))), 21);
 * ```
 */
export function flatMap<A, B>(
  future: Future<A>,
  fn: (value: A) => Future<B>,
): Future<B> {
  assertFunction("flatMap", fn);
  return new FlatMap(future, fn);
}
