import type { DropErrors } from "./_drop.ts";
import { sortLinks } from "./_linked_sort.ts";
import type { Budget } from "./budget.ts";
import type { Context } from "./context.ts";
import type { Waker } from "./waker.ts";

/**
 * One child's place: its waker and its context in one object, so that a child
 * costs one allocation and a wake none.
 */
export class Slot<C> implements Waker, Context {
  readonly #set: ReadySet<C>;
  /** How many were added before it. */
  readonly index: number;
  /** Null once it has ended. */
  child: C | null;
  /** In the list of woken children: set by `wake`, cleared before the poll. */
  queued = false;
  next: Slot<C> | null = null;
  /** The neighbours among those that have not ended. */
  older: Slot<C> | null = null;
  newer: Slot<C> | null = null;

  constructor(set: ReadySet<C>, index: number, child: C) {
    this.#set = set;
    this.index = index;
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
 * The children of whatever polls several: each has a waker of its own, so that
 * only those that were woken are polled: O(1) for each wake, however many sleep.
 * (`futures-concurrency` does alike; `join_all` of futures-rs was quadratic before
 * it did.) Children may come and go.
 *
 * Woken children stand in an intrusive list, first come, first served. A round
 * takes that list as it is and works through it: a child that wakes itself waits
 * for the next poll, and when the task's budget is spent the rest waits with it.
 */
export class ReadySet<C> {
  /** The budget of the task that polls, for the children's contexts. */
  budget: Budget | undefined;
  #waker: Waker | null = null;
  /** Whether the task was woken since it last polled. */
  #isTold = false;
  /** Those that were woken since the round began. */
  #head: Slot<C> | null = null;
  #tail: Slot<C> | null = null;
  /** What is left of the round. */
  #first: Slot<C> | null = null;
  #last: Slot<C> | null = null;
  /** Those that have not ended, as a list, and how many there were in all. */
  #oldest: Slot<C> | null = null;
  #newest: Slot<C> | null = null;
  #alive = 0;
  #added = 0;

  /** How many children have not ended. */
  get size(): number {
    return this.#alive;
  }

  /** Takes a child in, in a poll or before; it is to be polled. */
  add(child: C): void {
    this.#append(this.#slotFor(child));
  }

  /** Takes a child in at any time, and wakes whoever waits for the others. */
  push(child: C): void {
    this.enqueue(this.#slotFor(child));
  }

  #slotFor(child: C): Slot<C> {
    const slot = new Slot(this, this.#added++, child);
    const newest = this.#newest;
    slot.older = newest;
    if (newest === null) this.#oldest = slot;
    else newest.newer = slot;
    this.#newest = slot;
    this.#alive++;
    return slot;
  }

  /** Begins a round. */
  begin(cx: Context): void {
    this.budget = cx.budget;
    if (this.#waker === null || !this.#waker.willWake(cx.waker)) {
      this.#waker = cx.waker;
    }
    this.#isTold = false;
    const head = this.#head;
    if (head === null) return;
    if (this.#first === null) this.#first = head;
    else this.#last!.next = head;
    this.#last = this.#tail;
    this.#head = null;
    this.#tail = null;
  }

  /** Whether the round has several to take, so that it matters in which order. */
  get isContended(): boolean {
    return this.#first !== null && this.#first.next !== null;
  }

  /**
   * Lets the round take them in the order in which they were added, from the one
   * on before which `start` were.
   */
  arrange(start: number): void {
    let head = sortLinks(this.#first!);
    let before: Slot<C> | null = null;
    let first: Slot<C> | null = head;
    while (first !== null && first.index < start) {
      before = first;
      first = first.next;
    }
    let last = first ?? head;
    while (last.next !== null) last = last.next;
    if (before !== null && first !== null) { // those before come last
      last.next = head;
      before.next = null;
      head = first;
      last = before;
    }
    this.#first = head;
    this.#last = last;
  }

  /**
   * The next child of the round, to be polled now with its slot as the context.
   * After `null` the caller may answer `Pending`: if children are left in line,
   * the task has been woken for them.
   */
  take(): Slot<C> | null {
    for (let slot = this.#first; slot !== null; slot = this.#first) {
      if (this.budget?.exhausted) break;
      this.#first = slot.next;
      slot.next = null;
      slot.queued = false;
      // A child that woke itself may have ended with that same poll.
      if (slot.child !== null) return slot;
    }
    if (this.#first !== null || this.#head !== null) this.#tell();
    return null;
  }

  /** Puts a child that has more to give in line again, behind the others. */
  putBack(slot: Slot<C>): void {
    if (!slot.queued) this.#append(slot);
  }

  /** Parts with a child that has ended. */
  retire(slot: Slot<C>): void {
    slot.child = null;
    this.#alive--;
    const older = slot.older;
    const newer = slot.newer;
    if (older === null) this.#oldest = newer;
    else {
      older.newer = newer;
      slot.older = null;
    }
    if (newer === null) this.#newest = older;
    else {
      newer.older = older;
      slot.newer = null;
    }
  }

  /** Puts a child that was woken in line, and passes the wake on. */
  enqueue(slot: Slot<C>): void {
    this.#append(slot);
    this.#tell();
  }

  #tell(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#waker?.wake();
  }

  #append(slot: Slot<C>): void {
    slot.queued = true;
    if (this.#tail === null) this.#head = slot;
    else this.#tail.next = slot;
    this.#tail = slot;
  }

  /** Those that have not ended, the oldest first. */
  *pending(): Generator<C> {
    for (let slot = this.#oldest; slot !== null; slot = slot.newer) {
      yield slot.child!;
    }
  }

  /** Drops the children that are still alive, adding what that throws. */
  drop(errors: DropErrors, dropOne: (child: C) => void): void {
    this.#waker = null;
    for (let slot = this.#oldest; slot !== null; slot = this.#oldest) {
      const child = slot.child!;
      this.retire(slot);
      errors.collect(() => dropOne(child));
    }
  }
}
