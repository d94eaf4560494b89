import type { DropErrors } from "./_drop.ts";
import type { Budget } from "./budget.ts";
import type { Context } from "./context.ts";
import type { Waker } from "./waker.ts";

/**
 * One child's place: its waker and its context in one object, so that a child
 * costs one allocation and a wake none.
 */
export class Slot<C> implements Waker, Context {
  readonly #set: ReadySet<C>;
  /** Null once it has ended. */
  child: C | null;
  /** In the list of woken children: set by `wake`, cleared before the poll. */
  queued = false;
  next: Slot<C> | null = null;

  constructor(set: ReadySet<C>, child: C) {
    this.#set = set;
    this.child = child;
  }

  get waker(): Waker {
    return this;
  }

  get budget(): Budget | undefined {
    return this.#set.budget;
  }

  wake(): void {
    // A waker kept after its child has ended is harmless.
    if (this.queued || this.child === null) return;
    this.#set.enqueue(this);
  }

  willWake(other: Waker): boolean {
    return this === other;
  }
}

/**
 * Children that come and go, each with a waker of its own, so that only those
 * that were woken are polled: O(1) for each wake, however many sleep. It is to
 * children that come and go what `Children` of `_children.ts` is to a fixed
 * group.
 *
 * Woken children stand in an intrusive list, first come, first served. A round
 * takes no more than stood there when it began: a child that wakes itself waits
 * for the next poll, and when the task's budget is spent all wait for it.
 */
export class ReadySet<C> {
  /** The budget of the task that polls, for the children's contexts. */
  budget: Budget | undefined;
  #waker: Waker | null = null;
  #head: Slot<C> | null = null;
  #tail: Slot<C> | null = null;
  /** How many stand in the list, and how many of them this round may take. */
  #woken = 0;
  #round = 0;
  readonly #alive = new Set<Slot<C>>();

  /** How many children have not ended. */
  get size(): number {
    return this.#alive.size;
  }

  /** Takes a child in, in a poll; it stands in line for its first poll. */
  add(child: C): Slot<C> {
    const slot = new Slot(this, child);
    this.#alive.add(slot);
    this.#append(slot);
    return slot;
  }

  /** Takes a child in at any time, and wakes whoever waits for the others. */
  push(child: C): void {
    const slot = new Slot(this, child);
    this.#alive.add(slot);
    this.enqueue(slot);
  }

  /** Begins a round. */
  begin(cx: Context): void {
    this.budget = cx.budget;
    if (this.#waker === null || !this.#waker.willWake(cx.waker)) {
      this.#waker = cx.waker;
    }
    this.#round = this.#woken;
  }

  /**
   * The next woken child of the round, to be polled now with its slot as the
   * context. After `null` the caller may answer `Pending`: if children are left
   * in line, the task has been woken for them.
   */
  take(): Slot<C> | null {
    while (this.#head !== null) {
      if (this.#round === 0 || this.budget?.exhausted) {
        this.#waker!.wake();
        return null;
      }
      this.#round--;
      const slot = this.#shift(this.#head);
      // A child that woke itself may have ended with that same poll.
      if (slot.child !== null) return slot;
    }
    return null;
  }

  /** Puts a child that has more to give in line again, behind the others. */
  putBack(slot: Slot<C>): void {
    if (!slot.queued) this.#append(slot);
  }

  /** Parts with a child that has ended. */
  retire(slot: Slot<C>): void {
    slot.child = null;
    this.#alive.delete(slot);
  }

  /** Puts a child that was woken in line, and passes the wake on. */
  enqueue(slot: Slot<C>): void {
    const first = this.#head === null;
    this.#append(slot);
    // Those already in line have woken the task, or are being worked through.
    if (first) this.#waker?.wake();
  }

  #append(slot: Slot<C>): void {
    slot.queued = true;
    if (this.#tail === null) this.#head = slot;
    else this.#tail.next = slot;
    this.#tail = slot;
    this.#woken++;
  }

  #shift(slot: Slot<C>): Slot<C> {
    this.#head = slot.next;
    if (this.#head === null) this.#tail = null;
    this.#woken--;
    slot.next = null;
    slot.queued = false;
    return slot;
  }

  /** Those that have not ended, the oldest first. */
  *pending(): Generator<C> {
    for (const { child } of this.#alive) if (child !== null) yield child;
  }

  /** Drops the children that are still alive, adding what that throws. */
  drop(errors: DropErrors, dropOne: (child: C) => void): void {
    this.#head = null;
    this.#tail = null;
    this.#woken = 0;
    this.#waker = null;
    for (const slot of this.#alive) {
      const child = slot.child!;
      slot.child = null;
      errors.collect(() => dropOne(child));
    }
    this.#alive.clear();
  }
}
