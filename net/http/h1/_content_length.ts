import { trimOws } from "./_bytes.ts";

/**
 * The length that a Content-Length says: one number, or several times the same
 * (RFC 9110 §8.6). Digits only: no sign, no `0x`, no space within.
 *
 * @param value The value; those of several fields joined by commas.
 */
export function parseContentLength(
  value: string,
): number | "invalid-content-length" | "conflicting-content-length" {
  const length = decimal(value);
  if (length >= 0) return length;
  const lengths = value.split(",").map((each) => decimal(trimOws(each)));
  if (lengths.includes(-1)) return "invalid-content-length";
  return new Set(lengths).size === 1
    ? lengths[0]!
    : "conflicting-content-length";
}

/** The number that is written in digits and nothing else; -1 if none is. */
function decimal(text: string): number {
  if (text.length === 0) return -1;
  let number = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    // Ten times a number below 2^53 / 10 is exact, so this comparison is.
    if (digit < 0 || digit > 9 || (number = number * 10 + digit) > MAX) {
      return -1;
    }
  }
  return number;
}

const MAX = Number.MAX_SAFE_INTEGER;
