/** Whether two types are the same, and not merely assignable. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** Fails to compile unless it is given `true`. */
export function holds<_ extends true>(): void {}
