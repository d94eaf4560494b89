/**
 * Checks a number of milliseconds before it has any effect. `Infinity` is
 * fine: it never comes.
 *
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is NaN, or not positive where that makes no sense.
 */
export function checkMilliseconds(
  what: "delay" | "deadline" | "period" | "start",
  value: unknown,
): asserts value is number {
  if (typeof value !== "number") {
    throw new TypeError(
      `Cannot arm a timer: the ${what} must be a number of milliseconds, got ${
        value === null ? "null" : typeof value
      }`,
    );
  }
  if (Number.isNaN(value) || (what === "delay" && value < 0)) {
    throw new RangeError(
      `Cannot arm a timer: the ${what} must not be ${
        value < 0 ? "negative" : "NaN"
      }, got ${value}`,
    );
  }
  if (what === "period" && value <= 0) {
    throw new RangeError(
      `Cannot arm a timer: the period must be more than 0, got ${value}`,
    );
  }
}
