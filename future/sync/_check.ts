/** Throws a RangeError that helps, unless `value` is a whole number in range. */
export function assertWhole(
  action: string,
  name: string,
  value: number,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(
    `Cannot ${action}: ${name} must be a whole number of at least ${least}${
      most === Number.MAX_SAFE_INTEGER ? "" : ` and at most ${most}`
    }, got ${value}`,
  );
}
