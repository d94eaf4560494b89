import { assertFuture, type Future, nameOf, type Output } from "./future.ts";

/** Several futures, by place or by name. */
export type Futures =
  | readonly Future<unknown>[]
  | { readonly [key: string]: Future<unknown> };

/** The values of several futures, in the same shape. */
export type Outputs<F> = { -readonly [K in keyof F]: Output<F[K]> };

/**
 * The futures of an array or object, in order.
 *
 * @throws {TypeError} If it is neither, or if an entry is no future; before
 * any of them is adopted.
 */
export function entriesOf(caller: string, futures: Futures): Future<unknown>[] {
  if (
    typeof futures !== "object" || futures === null ||
    Symbol.iterator in futures && !Array.isArray(futures)
  ) {
    throw new TypeError(
      `Cannot ${caller} ${
        nameOf(futures)
      }: pass an array or an object of futures`,
    );
  }
  return Object.entries(futures).map(([key, future]) => {
    try {
      assertFuture(future);
    } catch (cause) {
      throw new TypeError(
        `Cannot ${caller}: entry ${JSON.stringify(key)} is not a Future`,
        { cause },
      );
    }
    return future;
  });
}

/** Values in the shape of the futures they came from. */
export function shapedLike(futures: Futures, values: unknown[]): unknown {
  if (Array.isArray(futures)) return values;
  return Object.fromEntries(
    Object.keys(futures).map((key, i) => [key, values[i]]),
  );
}
