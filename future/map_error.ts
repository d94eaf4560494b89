import { assertFunction } from "./_functions.ts";
import { Unary } from "./_unary.ts";
import type { Future } from "./future.ts";

class MapError<T> extends Unary<T, T> {
  readonly #fn: (error: unknown) => unknown;

  constructor(future: Future<T>, fn: (error: unknown) => unknown) {
    super(future);
    this.#fn = fn;
  }

  protected override onReady(value: T): T {
    return value;
  }

  protected override onFailed(error: unknown): T {
    throw this.#fn(error);
  }
}

/**
 * Passes a failure through a function, to say where it happened for example.
 * Mirrors `TryFutureExt::map_err`.
 *
 * Cancel safety: as safe as `future`, which is dropped with it.
 *
 * @param future The future to wait for; adopted.
 * @param fn Called once with the failure; the future fails with what it
 * returns or throws. Pass the failure on as `cause`.
 * @returns A future of the same value.
 * @throws {TypeError} If it is given no function.
 *
 * @example Usage
 * ```ts
 * import { lazy, mapError } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertRejects } from "@std/assert";
 *
 * const read = lazy((): string => {
 *   throw new Error("no such key");
 * });
 * const named = mapError(read, (cause) => new Error("cannot read the settings", { cause }));
 * await assertRejects(() => run(named), Error, "cannot read the settings");
 * ```
 */
export function mapError<T>(
  future: Future<T>,
  fn: (error: unknown) => unknown,
): Future<T> {
  assertFunction("mapError", fn);
  return new MapError(future, fn);
}
