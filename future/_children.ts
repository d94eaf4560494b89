import { dropChild, type DropErrors } from "./_drop.ts";
import { type Budget, rotated } from "./budget.ts";
import type { Context } from "./context.ts";
import { adopt, type Future, release } from "./future.ts";
import { Pending, type Poll } from "./poll.ts";
import type { Waker } from "./waker.ts";

/** What a combinator does with the children's answers; `true` ends it. */
export interface Visitor<T> {
  onReady(index: number, value: T): boolean;
  onFailed(index: number, error: unknown): boolean;
}

/** In which order children that are ready together are polled. */
export type Order = "woken" | "declared" | "rotated";

/**
 * One child: its future, its waker and its context in one object, so that a
 * child costs one allocation and a wake none.
 */
class Child<T> implements Waker, Context {
  readonly #children: Children<T>;
  readonly index: number;
  future: Future<T> | null;
  /** In the list of woken children: set by `wake`, cleared before the poll. */
  queued = true;
  next: Child<T> | null = null;

  constructor(children: Children<T>, index: number, future: Future<T>) {
    this.#children = children;
    this.index = index;
    this.future = future;
  }

  get waker(): Waker {
    return this;
  }

  get budget(): Budget | undefined {
    return this.#children.budget;
  }

  wake(): void {
    // A waker kept after its child has ended is harmless.
    if (this.queued || this.future === null) return;
    this.queued = true;
    this.#children.enqueue(this);
  }

  willWake(other: Waker): boolean {
    return this === other;
  }
}

/**
 * The children of a combinator, each with a waker of its own, so that a poll of
 * the combinator polls only those that were woken: O(1) for each wake, however
 * many children sleep. (`futures-concurrency` does alike; `join_all` of
 * futures-rs was quadratic before it did.)
 *
 * Woken children stand in an intrusive list. A poll takes the list as it is
 * and works through it: a child that wakes itself waits for the next poll, and
 * when the task's budget is spent the rest of the list waits with it.
 */
export class Children<T> {
  /** The budget of the task that polls, for the children's contexts. */
  budget: Budget | undefined;
  readonly #all: Child<T>[] = [];
  #waker: Waker | null = null;
  #head: Child<T> | null = null;
  #tail: Child<T> | null = null;

  /** Adopts all futures, or none if one of them cannot be. */
  constructor(owner: object, futures: Iterable<Future<T>>) {
    try {
      for (const future of futures) {
        adopt(owner, future);
        const child = new Child(this, this.#all.length, future);
        this.#all.push(child);
        this.#append(child);
      }
    } catch (error) {
      for (const child of this.#all) release(child.future!);
      throw error;
    }
  }

  /** How many children there were at first. */
  get size(): number {
    return this.#all.length;
  }

  /** Polls the children that were woken; whether the visitor said to end. */
  poll(cx: Context, order: Order, visitor: Visitor<T>): boolean {
    this.budget = cx.budget;
    if (this.#waker === null || !this.#waker.willWake(cx.waker)) {
      this.#waker = cx.waker;
    }
    let child = order === "woken" ? this.#take() : this.#takeIn(order);
    while (child !== null) {
      if (cx.budget?.exhausted) {
        this.#putBack(child);
        cx.waker.wake();
        return false;
      }
      const next = child.next;
      child.next = null;
      child.queued = false;
      // A child that wakes itself may end with that same poll.
      const future = child.future;
      if (future !== null && this.#pollOne(child, future, visitor)) return true;
      child = next;
    }
    return false;
  }

  #pollOne(child: Child<T>, future: Future<T>, visitor: Visitor<T>): boolean {
    let value: Poll<T>;
    try {
      value = future.poll(child);
    } catch (error) {
      child.future = null;
      release(future);
      return visitor.onFailed(child.index, error);
    }
    if (value === Pending) return false;
    child.future = null;
    release(future);
    return visitor.onReady(child.index, value);
  }

  /** Puts a child that was woken in line, and passes the wake on. */
  enqueue(child: Child<T>): void {
    const first = this.#head === null;
    this.#append(child);
    // Those already in line have woken the task, and it has not polled since.
    if (first) this.#waker?.wake();
  }

  #append(child: Child<T>): void {
    if (this.#tail === null) this.#head = child;
    else this.#tail.next = child;
    this.#tail = child;
  }

  #take(): Child<T> | null {
    const head = this.#head;
    this.#head = null;
    this.#tail = null;
    return head;
  }

  /** Takes the list sorted: by place, from the first or from a rotating start. */
  #takeIn(order: "declared" | "rotated"): Child<T> | null {
    const head = this.#take();
    if (head === null || head.next === null) return head;
    const size = this.#all.length;
    const start = order === "declared" ? 0 : rotation(this.budget) % size;
    const rank = (child: Child<T>) => (child.index + size - start) % size;
    const batch: Child<T>[] = [];
    for (let at: Child<T> | null = head; at !== null; at = at.next) {
      batch.push(at);
    }
    batch.sort((a, b) => rank(a) - rank(b));
    batch.forEach((child, i) => child.next = batch[i + 1] ?? null);
    return batch[0]!;
  }

  /** Puts the unpolled rest of a batch back, before those woken meanwhile. */
  #putBack(rest: Child<T>): void {
    let last = rest;
    while (last.next !== null) last = last.next;
    last.next = this.#head;
    if (this.#tail === null) this.#tail = last;
    this.#head = rest;
  }

  /** Those that have not ended, in the order given. */
  *pending(): Generator<Future<T>> {
    for (const { future } of this.#all) if (future !== null) yield future;
  }

  /** Drops the children that are still alive, adding what that throws. */
  drop(errors: DropErrors): void {
    this.#waker = null;
    for (const child of this.#all) {
      const future = child.future;
      if (future === null) continue;
      child.future = null;
      errors.collect(() => dropChild(future));
    }
    this.#all.length = 0;
  }
}

/** For polling by hand, without a task and its budget. */
let turns = 0;

function rotation(budget: Budget | undefined): number {
  return budget === undefined ? rotated(turns++) : budget.rotate();
}
