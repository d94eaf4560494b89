/**
 * Work outside of all executors that is under way, and whose end will wake a
 * task: I/O of `net`, and what `fromPromise` has started. A paused clock must not
 * jump before it is done.
 */
let count = 0;
const waiting = new Set<() => void>();

/** Takes note that work has begun. */
export function outsideBegan(): void {
  count++;
}

/** Takes note that it has ended, whichever way: once for each beginning. */
export function outsideEnded(): void {
  if (--count > 0 || waiting.size === 0) return; // as a rule nobody waits
  for (const callback of waiting) callback();
  waiting.clear();
}

/** Whether any work is under way. */
export function isOutsideBusy(): boolean {
  return count > 0;
}

/** Calls back once when no work is under way any more. */
export function whenOutsideIdle(callback: () => void): void {
  waiting.add(callback);
}
