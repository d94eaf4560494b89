import { nameOf } from "./future.ts";

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
