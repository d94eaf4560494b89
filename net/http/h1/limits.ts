import { checkNames, type Names } from "./_checks.ts";

/** How much of each part of a response is taken before it is refused. */
export interface H1Limits {
  /** Bytes of a head, the empty line at its end included: 65,536 by default. */
  headBytes: number;
  /** Fields of a head, and of the trailers: 100 by default. */
  fields: number;
  /** Bytes of a line, without its CRLF: 8,192 by default. */
  lineBytes: number;
  /** Interim (1xx) heads before the final one: 8 by default. */
  informational: number;
  /** Bytes of all interim heads together: 65,536 by default. */
  informationalBytes: number;
  /** Bytes of chunk extensions of a whole body: 16,384 by default. */
  chunkExtensionBytes: number;
  /** Bytes of the trailers, the empty line included: 16,384 by default. */
  trailerBytes: number;
}

/** The limits where none are given. */
export const DEFAULT_LIMITS: Readonly<H1Limits> = /* @__PURE__ */ Object.freeze(
  {
    headBytes: 65_536,
    fields: 100,
    lineBytes: 8_192,
    informational: 8,
    informationalBytes: 65_536,
    chunkExtensionBytes: 16_384,
    trailerBytes: 16_384,
  },
);

const NAMES: Names<H1Limits> = {
  headBytes: true,
  fields: true,
  lineBytes: true,
  informational: true,
  informationalBytes: true,
  chunkExtensionBytes: true,
  trailerBytes: true,
};

/** Limits as a whole: those given, checked, and the default of each other. */
export function limitsFrom(
  given: Readonly<Partial<H1Limits>> | undefined,
): Readonly<H1Limits> {
  if (given === undefined) return DEFAULT_LIMITS;
  checkNames(given, NAMES, "limits.");
  const limits = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(DEFAULT_LIMITS) as (keyof H1Limits)[]) {
    const value = given[name];
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(
        `Cannot limit ${name}: it must be a whole number, not below 0`,
      );
    }
    limits[name] = value;
  }
  return limits;
}
