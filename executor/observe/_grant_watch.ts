import type { Future } from "../../future/future.ts";
import type { Waker } from "../../future/waker.ts";
import {
  type GrantObserver,
  observeGrants,
} from "../../future/sync/_grants.ts";

/** Grants beyond this that nobody takes are not remembered. */
const MOST = 1000;

/** A grant that was not taken yet. */
export interface Grant {
  readonly wait: Future<unknown>;
  readonly waker: Waker | null;
  readonly at: number;
  isReported: boolean;
}

/**
 * Remembers who was granted a lock, a permit or a notice and has not taken it.
 * Grants are made by the objects of `./sync`, which belong to no executor; so
 * each watch sees all of them.
 */
export class GrantWatch implements GrantObserver {
  readonly #now: () => number;
  readonly #open = new Map<Future<unknown>, Grant>();

  constructor(now: () => number) {
    this.#now = now;
    watches.add(this);
    if (watches.size === 1) before = observeGrants(relay);
  }

  granted(wait: Future<unknown>, waker: Waker | null): void {
    if (this.#open.size === MOST) return;
    this.#open.set(wait, { wait, waker, at: this.#now(), isReported: false });
  }

  settled(wait: Future<unknown>): void {
    this.#open.delete(wait);
  }

  get open(): Iterable<Grant> {
    return this.#open.values();
  }

  [Symbol.dispose](): void {
    if (!watches.delete(this) || watches.size > 0) return;
    observeGrants(before);
    before = null;
  }
}

const watches = new Set<GrantWatch>();
/** Who else looked before the first watch came. */
let before: GrantObserver | null = null;

/** There is room for one observer only: this one tells all watches. */
const relay: GrantObserver = {
  granted(wait, waker) {
    before?.granted(wait, waker);
    for (const watch of watches) watch.granted(wait, waker);
  },
  settled(wait) {
    before?.settled(wait);
    for (const watch of watches) watch.settled(wait);
  },
};
