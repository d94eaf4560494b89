import { nameOf } from "./future.ts";

/** The names that options may have: a record, so that none is forgotten. */
export type Names<T> = Readonly<Record<keyof T, true>>;

/**
 * A name that is misspelt would be an option that is not heeded.
 *
 * @param known Has the names there are: `Names`, or what holds by default.
 */
export function checkNames(
  options: object,
  known: object,
  group = "",
): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      `Cannot use the options${
        group && ` ${group.slice(0, -1)}`
      }: they must be an object, got ${nameOf(options)}`,
    );
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue;
    throw new TypeError(
      `Cannot use the option ${group}${name}: there is none; there are ${
        Object.keys(known).join(", ")
      }`,
    );
  }
}
