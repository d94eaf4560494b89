import { Fields } from "./fields.ts";
import type { FramedHead, ResponseFraming } from "./response_framing.ts";

// What is of the wrong kind is the caller's mistake: a `TypeError` that says so.

/** The names that options may have: a record, so that none is forgotten. */
export type Names<T> = Readonly<Record<keyof T, true>>;

/** A name that is misspelt would be an option that is not heeded. */
export function checkNames(
  options: object,
  known: Names<Record<string, unknown>>,
  group = "",
): void {
  if (typeof options !== "object" || options === null) {
    const which = group === "" ? "options" : group.slice(0, -1);
    throw new TypeError(
      `Cannot use the ${which}: they must be an object, got ${kindOf(options)}`,
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

export function checkHead(head: FramedHead): void {
  const fields: unknown = (head as FramedHead | null | undefined)?.fields;
  if (fields instanceof Fields) return;
  throw new TypeError(
    fields === undefined
      ? "Cannot tell what follows a head: it has no fields"
      : `Cannot tell what follows a head: its fields must be Fields, got ${
        kindOf(fields)
      }`,
  );
}

export function checkFramed(framing: ResponseFraming): void {
  if (typeof framing?.kind === "string") return;
  throw new TypeError(
    `Cannot tell whether the connection is kept: ${
      kindOf(framing)
    } is no framing`,
  );
}

export function kindOf(value: unknown): string {
  return value === null ? "null" : typeof value;
}
