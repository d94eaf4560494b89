/** @throws {RangeError} Unless `value` is a whole number of at least `least`. */
export function assertCount(
  action: string,
  what: string,
  value: unknown,
  least: number,
): asserts value is number {
  if (
    typeof value === "number" && value >= least &&
    (value === Infinity || Number.isInteger(value))
  ) return;
  throw new RangeError(
    `Cannot ${action}: ${what} must be a whole number of at least ${least}, got ${value}`,
  );
}

/** @throws {RangeError} Unless `value` is a number from 0 to 1. */
export function assertProbability(
  action: string,
  what: string,
  value: unknown,
): asserts value is number {
  if (typeof value === "number" && value >= 0 && value <= 1) return;
  throw new RangeError(
    `Cannot ${action}: ${what} must be from 0 to 1, got ${value}`,
  );
}
