import { trimOws } from "./_bytes.ts";

/**
 * The length that the values of Content-Length say: one number, or several times
 * the same (RFC 9110 §8.6). Digits only: no sign, no `0x`, no space within.
 */
export function parseContentLength(
  values: readonly string[],
): number | "invalid-content-length" | "conflicting-content-length" {
  let length: number | undefined;
  let differ = false;
  for (const value of values) {
    for (const member of value.split(",")) {
      const digits = trimOws(member);
      if (!/^[0-9]+$/.test(digits)) return "invalid-content-length";
      const number = Number(digits);
      if (!Number.isSafeInteger(number)) return "invalid-content-length";
      differ ||= length !== undefined && number !== length;
      length = number;
    }
  }
  if (length === undefined) return "invalid-content-length";
  return differ ? "conflicting-content-length" : length;
}
