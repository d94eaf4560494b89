import type { Waker } from "../waker.ts";

/**
 * A place in a line: a node of a ring, so that it leaves in O(1) without
 * knowing which line it stands in. Alone, it is a ring of itself.
 *
 * Whoever waits is such a node itself or holds one; the functions below are for
 * both. The fields are ordinary ones, which two classes can share.
 */
export interface RingNode {
  /** Whom to wake; the two ends of a list have none. */
  waker: Waker | null;
  before: RingNode;
  after: RingNode;
}

/** A node for whoever is none itself. */
export class Waiter implements RingNode {
  waker: Waker | null = null;
  before: RingNode = this;
  after: RingNode = this;
}

/** Whether it stands in a line, or has others in its own. */
export function isLinked(node: RingNode): boolean {
  return node.after !== node;
}

/** Keeps the waker of the latest poll. */
export function keep(node: RingNode, waker: Waker): void {
  const kept = node.waker;
  if (kept === null || !kept.willWake(waker)) node.waker = waker;
}

/** Leaves the line it stands in, if any, and forgets its waker. */
export function leave(node: RingNode): void {
  if (node.after !== node) unlink(node);
  node.waker = null;
}

/** Leaves the line it stands in, and keeps its waker. */
export function unlink(node: RingNode): void {
  node.before.after = node.after;
  node.after.before = node.before;
  node.before = node;
  node.after = node;
}

/** Wakes one that stands nowhere. */
export function wakeUp(node: RingNode): void {
  const waker = node.waker;
  node.waker = null;
  waker?.wake();
}

/** Puts a node that stands nowhere at the end of `ring`. */
export function append(node: RingNode, ring: RingNode): void {
  node.before = ring.before;
  node.after = ring;
  ring.before.after = node;
  ring.before = node;
}

/**
 * Those who wait, first come, first served; all waiting of this folder is built
 * on it. It has two rings: the line itself, and those who were told that their
 * waiting is over but are not yet woken. So a caller changes all state first
 * and wakes last, without allocating; and whoever is polled, told or dropped
 * from inside a waker finds both rings in order.
 *
 * @typeParam P Those who stand in line.
 */
export class WaitList<P extends RingNode> {
  readonly #line: RingNode = new Waiter();
  readonly #told: RingNode = new Waiter();

  get isEmpty(): boolean {
    return this.#line.after === this.#line;
  }

  /** Who is next. */
  get first(): P | null {
    const first = this.#line.after;
    return first === this.#line ? null : first as P;
  }

  /** Puts a waiter in line, unless it stands there, and keeps its waker. */
  push(waiter: P, waker: Waker): void {
    keep(waiter, waker);
    if (!isLinked(waiter)) append(waiter, this.#line);
  }

  /** Takes a waiter out of the line, to be woken by the next `wake`. */
  tell(waiter: P): void {
    unlink(waiter);
    append(waiter, this.#told);
  }

  /** Takes all out of the line, to be woken by the next `wake`. */
  tellAll(): void {
    const line = this.#line;
    if (line.after === line) return;
    const { after: first, before: last } = line;
    const told = this.#told;
    line.after = line;
    line.before = line;
    first.before = told.before;
    told.before.after = first;
    last.after = told;
    told.before = last;
  }

  /**
   * Wakes those who were told, in order. A waker that throws keeps no other
   * from being woken.
   *
   * @throws What the first such waker has thrown, after the last was called.
   */
  wake(): void {
    const told = this.#told;
    if (told.after === told) return; // most often nobody waits
    let failure: { error: unknown } | null = null;
    while (told.after !== told) {
      const waiter = told.after;
      const waker = waiter.waker;
      leave(waiter);
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
