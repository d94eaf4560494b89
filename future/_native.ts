/**
 * Is told of each native promise that a future starts to wait for. What it
 * throws, the future fails with: in a simulation, whose time stands still
 * between two events, a promise would never settle, or at a time that no seed
 * determines.
 *
 * @param what Which kind of future waits, for an error's text.
 */
export type PromiseObserver = (
  promise: PromiseLike<unknown>,
  what: string,
) => void;

/** Null unless somebody looks: then a promise costs one comparison. */
export let promiseObserver: PromiseObserver | null = null;

/** Sets who is told; returns who was until now, to be set again afterwards. */
export function observePromises(
  next: PromiseObserver | null,
): PromiseObserver | null {
  const before = promiseObserver;
  promiseObserver = next;
  return before;
}
