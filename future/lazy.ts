import { assertFunction } from "./_functions.ts";
import { Chain, type Followed } from "./_chain.ts";
import type { Context } from "./context.ts";
import { Future } from "./future.ts";
import { ready } from "./ready.ts";

class Lazy<T> extends Chain<void, T> {
  readonly #fn: (cx: Context) => T | Future<T>;

  constructor(fn: (cx: Context) => T | Future<T>) {
    super(ready(undefined));
    this.#fn = fn;
  }

  protected override onReady(_: void, cx: Context): T | typeof Followed {
    const value = this.#fn(cx);
    return value instanceof Future ? this.follow(value) : value;
  }
}

/**
 * Puts work off until the first poll. Mirrors `futures::future::lazy`; a
 * future that the function returns is followed, as by `lazy(…).flatten()`.
 *
 * Cancel safety: safe before the first poll: the function is not called. After
 * it, as safe as the future it returned.
 *
 * @param fn Called once, at the first poll. Its value is the future's value;
 * if it returns a future, that one's value.
 * @returns A future of the value.
 * @throws {TypeError} If it is given no function.
 *
 * @example Usage
 * ```ts
 * import { lazy } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * let calls = 0;
 * const counted = lazy(() => ++calls);
 * assertEquals(calls, 0);
 * assertEquals(await run(counted), 1);
 * ```
 */
export function lazy<T>(fn: (cx: Context) => T | Future<T>): Future<T> {
  assertFunction("lazy", fn);
  return new Lazy(fn);
}
