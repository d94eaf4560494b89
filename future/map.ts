import { assertFunction } from "./_functions.ts";
import { Unary } from "./_unary.ts";
import type { Future } from "./future.ts";

class Map<A, B> extends Unary<A, B> {
  readonly #fn: (value: A) => B;

  constructor(future: Future<A>, fn: (value: A) => B) {
    super(future);
    this.#fn = fn;
  }

  protected override onReady(value: A): B {
    return this.#fn(value);
  }
}

/**
 * Passes the value through a function. Mirrors `FutureExt::map`.
 *
 * Cancel safety: as safe as `future`, which is dropped with it.
 *
 * @param future The future to wait for; adopted.
 * @param fn Called once with the value; what it throws is the failure.
 * @returns A future of what `fn` returns.
 * @throws {TypeError} If it is given no function.
 *
 * @example Usage
 * ```ts
 * import { map, ready } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await run(map(ready(20), (n) => n + 1)), 21);
 * ```
 */
export function map<A, B>(
  future: Future<A>,
  fn: (value: A) => B,
): Future<B> {
  assertFunction("map", fn);
  return new Map(future, fn);
}
