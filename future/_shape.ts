import { Future, nameOf, type Output, promiseHint } from "./future.ts";

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
export function entriesOf(
  caller: string,
  futures: Futures,
): readonly Future<unknown>[] {
  const hint = promiseHint(futures);
  if (
    typeof futures !== "object" || futures === null || hint !== "" ||
    Symbol.iterator in futures && !Array.isArray(futures)
  ) {
    throw new TypeError(
      `Cannot ${caller} ${
        nameOf(futures)
      }: pass an array or an object of futures${hint}`,
    );
  }
  // A hole in an array is `undefined`: `Object.values` would leave it out.
  const entries: readonly Future<unknown>[] = Array.isArray(futures)
    ? futures
    : Object.values(futures);
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i];
    if (entry instanceof Future) continue;
    const key = keysOf(futures)?.[i] ?? String(i);
    throw new TypeError(
      `Cannot ${caller}: entry ${JSON.stringify(key)} is not a Future but ${
        nameOf(entry)
      }${promiseHint(entry)}`,
    );
  }
  return entries;
}

/**
 * The keys of an object; `null` for an array. Taken at once, so that the shape
 * is that of the futures adopted, whatever becomes of the object, and so that
 * it does not keep the futures in memory.
 */
export function keysOf(futures: Futures): string[] | null {
  return Array.isArray(futures) ? null : Object.keys(futures);
}

/** Values in the shape of the futures they came from. */
export function shaped(keys: string[] | null, values: unknown[]): unknown {
  if (keys === null) return values;
  return Object.fromEntries(keys.map((key, i) => [key, values[i]]));
}
