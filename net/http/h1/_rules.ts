import { kindOf } from "./_checks.ts";
import type { SectionRules } from "./_section.ts";
import { type H1Limits, limitsFrom } from "./limits.ts";

/** What a response is read with, made from what a caller chose. */
export interface Rules {
  readonly limits: Readonly<H1Limits>;
  readonly head: SectionRules;
  readonly trailers: SectionRules;
}

export interface RulesInit {
  limits?: Readonly<Partial<H1Limits>> | undefined;
  obsFold?: "reject" | "unfold" | undefined;
}

/**
 * @throws {RangeError} If a limit is no whole number, or below 0.
 * @throws {TypeError} If it is unknown, or something is of the wrong kind.
 */
export function rulesFrom(init: RulesInit): Rules {
  const limits = limitsFrom(init.limits);
  const { obsFold = "reject" } = init;
  if (obsFold !== "reject" && obsFold !== "unfold") {
    throw new TypeError(
      `Cannot use obsFold: it must be "reject" or "unfold", got ${
        typeof obsFold === "string" ? `"${obsFold}"` : kindOf(obsFold)
      }`,
    );
  }
  const common = {
    maxLine: limits.lineBytes,
    maxFields: limits.fields,
    unfold: obsFold === "unfold",
  };
  return {
    limits,
    head: { kind: "head", maxBytes: limits.headBytes, ...common },
    trailers: { kind: "trailers", maxBytes: limits.trailerBytes, ...common },
  };
}
