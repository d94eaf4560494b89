import { nameOf } from "./future.ts";

/** Throws a TypeError that helps, if a set of futures is made of nothing such. */
export function assertIterable(caller: string, value: unknown): void {
  const make = (value as Iterable<unknown> | null | undefined)
    ?.[Symbol.iterator];
  if (typeof make === "function") return;
  throw new TypeError(
    `Cannot make ${caller} of ${nameOf(value)}: pass an iterable of futures`,
  );
}

/** Throws a TypeError that helps, if what `caller` is given is no function. */
export function assertFunction(
  caller: string,
  value: unknown,
  what = "a function",
): void {
  if (typeof value === "function") return;
  throw new TypeError(
    `Cannot call ${caller}: it takes ${what}, got ${nameOf(value)}`,
  );
}
