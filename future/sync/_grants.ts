import type { Future } from "../future.ts";
import type { Waker } from "../waker.ts";

/**
 * Sees what was granted and not yet taken: a permit, a lock or a notice that
 * stands ready for a future which has not been polled since. If that goes on,
 * the future is held by somebody who no longer polls it, and all who wait
 * behind it wait for ever: a "futurelock".
 */
export interface GrantObserver {
  /** `wait` was granted what it waits for; `waker` is being woken. */
  granted(wait: Future<unknown>, waker: Waker | null): void;
  /**
   * `wait` took its grant, or was dropped and passed it on. It may have been
   * granted before this observer was set.
   */
  settled(wait: Future<unknown>): void;
}

/** Null unless somebody looks: then a grant costs one comparison. */
export let observer: GrantObserver | null = null;

/**
 * Sets who is told of grants; `null` for nobody.
 *
 * @returns Who was told until now, to be set again afterwards.
 */
export function observeGrants(
  next: GrantObserver | null,
): GrantObserver | null {
  const before = observer;
  observer = next;
  return before;
}
