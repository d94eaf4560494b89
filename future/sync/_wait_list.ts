import type { Waker } from "../waker.ts";

/**
 * A place in a line: a node of a ring, so that it leaves in O(1) without
 * knowing which line it stands in. Alone, it is a ring of itself.
 *
 * @typeParam O Who stands there.
 */
export class Waiter<O> {
  readonly owner: O;
  #waker: Waker | null = null;
  #before: Waiter<O> = this;
  #after: Waiter<O> = this;

  constructor(owner: O) {
    this.owner = owner;
  }

  get after(): Waiter<O> {
    return this.#after;
  }

  get waker(): Waker | null {
    return this.#waker;
  }

  get isLinked(): boolean {
    return this.#after !== this;
  }

  /** Keeps the waker of the latest poll. */
  keep(waker: Waker): void {
    if (this.#waker === null || !this.#waker.willWake(waker)) {
      this.#waker = waker;
    }
  }

  /** Leaves the line it stands in, if any, and forgets its waker. */
  leave(): void {
    this.#unlink();
    this.#waker = null;
  }

  /** Leaves the line it stands in, if any, for the end of `ring`. */
  moveTo(ring: Waiter<O>): void {
    this.#unlink();
    this.#before = ring.#before;
    this.#after = ring;
    ring.#before.#after = this;
    ring.#before = this;
  }

  /** Puts all others of this ring at the end of `ring`. */
  moveAllTo(ring: Waiter<O>): void {
    if (this.#after === this) return;
    const first = this.#after;
    const last = this.#before;
    this.#after = this;
    this.#before = this;
    first.#before = ring.#before;
    ring.#before.#after = first;
    last.#after = ring;
    ring.#before = last;
  }

  #unlink(): void {
    this.#before.#after = this.#after;
    this.#after.#before = this.#before;
    this.#before = this;
    this.#after = this;
  }
}

/**
 * Those who wait, first come, first served; all waiting of this folder is built
 * on it. It has two rings: the line itself, and those who were told that their
 * waiting is over but are not yet woken. So a caller changes all state first
 * and wakes last, without allocating; and whoever is polled, told or dropped
 * from inside a waker finds both rings in order.
 */
export class WaitList<O> {
  readonly #line = new Waiter<O | null>(null);
  readonly #told = new Waiter<O | null>(null);

  get isEmpty(): boolean {
    return !this.#line.isLinked;
  }

  /** Who is next. */
  get first(): Waiter<O> | null {
    // Only the two ends have no owner.
    return this.isEmpty ? null : this.#line.after as Waiter<O>;
  }

  /** Puts a waiter in line, unless it stands there, and keeps its waker. */
  push(waiter: Waiter<O>, waker: Waker): void {
    waiter.keep(waker);
    const node = waiter as Waiter<O | null>;
    if (!node.isLinked) node.moveTo(this.#line);
  }

  /** Takes a waiter out of the line, to be woken by the next `wake`. */
  tell(waiter: Waiter<O>): void {
    (waiter as Waiter<O | null>).moveTo(this.#told);
  }

  /** Takes all out of the line, to be woken by the next `wake`. */
  tellAll(): void {
    this.#line.moveAllTo(this.#told);
  }

  /**
   * Wakes those who were told, in order. A waker that throws keeps no other
   * from being woken.
   *
   * @throws What the first such waker has thrown, after the last was called.
   */
  wake(): void {
    let failure: { error: unknown } | null = null;
    while (this.#told.isLinked) {
      const waiter = this.#told.after;
      const waker = waiter.waker;
      waiter.leave();
      try {
        waker?.wake();
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure !== null) throw failure.error;
  }

  /** Wakes all; they look for themselves what has changed. */
  wakeAll(): void {
    this.tellAll();
    this.wake();
  }
}
