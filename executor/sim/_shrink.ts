/**
 * Makes a failing schedule as simple as it can be while it still fails: as few
 * departures from the executor's own order as possible, and those as early and
 * as small as possible. Delta debugging (A. Zeller, R. Hildebrandt, "Simplifying
 * and Isolating Failure-Inducing Input", IEEE TSE 28, 2002) over the choices
 * that are not 0.
 *
 * @param choices A schedule that fails.
 * @param fails Runs one; whether it fails in the same way.
 * @param most How many may be run.
 * @returns A schedule that fails, and how many were run.
 */
export function shrink(
  choices: readonly number[],
  fails: (choices: readonly number[]) => boolean,
  most: number,
): { choices: number[]; runs: number } {
  let best = trimmed([...choices]);
  let runs = 0;
  const attempt = (candidate: number[]): boolean => {
    if (runs >= most) return false;
    runs++;
    if (!fails(candidate)) return false;
    best = trimmed(candidate);
    return true;
  };

  attempt([]);
  // Without its end: what follows the mistake does not matter.
  for (let cut = best.length >> 1; cut > 0;) {
    if (cut < best.length && attempt(best.slice(0, best.length - cut))) {
      continue;
    }
    cut >>= 1;
  }
  // Without parts of its departures: ever smaller ones.
  for (let size = departures(best).length; size > 0; size >>= 1) {
    for (let from = 0;;) {
      const all = departures(best);
      if (from >= all.length) break;
      const gone = new Set(all.slice(from, from + size));
      const without = best.map((choice, i) => gone.has(i) ? 0 : choice);
      if (!attempt(without)) from += size;
    }
  }
  // Smaller departures.
  for (const at of departures(best)) {
    for (let choice = 1; choice < (best[at] ?? 0); choice++) {
      if (attempt(best.with(at, choice))) break;
    }
  }
  return { choices: best, runs };
}

/** The places at which a schedule departs from the executor's own order. */
function departures(choices: readonly number[]): number[] {
  return choices.flatMap((choice, i) => choice === 0 ? [] : [i]);
}

function trimmed(choices: number[]): number[] {
  while (choices.at(-1) === 0) choices.pop();
  return choices;
}
