import type { Waker } from "../waker.ts";
import { Wait } from "./_wait.ts";
import { Waiter, WaitList } from "./_wait_list.ts";

/**
 * A number of permits and the line for them: what `Semaphore`, `Mutex`,
 * `RwLock`, `mpsc` and `OnceCell` have in common. Strictly first come, first
 * served: while anybody stands in line, newcomers get in line too, even if
 * there are permits enough for them, so that a large request is not starved by
 * small ones.
 */
export class Permits {
  readonly #line = new WaitList<Acquire<unknown>>();
  #limit: number;
  #used = 0;
  #isClosed = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get available(): number {
    return this.#limit - this.#used;
  }

  /** How many are handed out, those included that are granted, not taken. */
  get used(): number {
    return this.#used;
  }

  get limit(): number {
    return this.#limit;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get hasLine(): boolean {
    return !this.#line.isEmpty;
  }

  /** Takes `count` permits if they are there and nobody waits. */
  tryTake(count: number): boolean {
    if (this.#isClosed || this.hasLine || count > this.available) return false;
    this.#used += count;
    return true;
  }

  /** Puts a wait in line. */
  enter(wait: Acquire<unknown>, waker: Waker): Waiter<Acquire<unknown>> {
    const waiter = new Waiter(wait);
    this.#line.push(waiter, waker);
    return waiter;
  }

  /** Takes back permits that were used. */
  give(count: number): void {
    this.#used -= count;
    this.handOut();
  }

  /** Makes the limit higher. */
  add(count: number): void {
    this.#limit += count;
    this.handOut();
  }

  /** Makes the limit lower by permits that were used. */
  forget(count: number): void {
    this.#used -= count;
    this.#limit -= count;
  }

  /** Grants to those at the head of the line what is there, and wakes them. */
  handOut(): void {
    for (
      let first = this.#line.first;
      first !== null && first.owner.count <= this.available;
      first = this.#line.first
    ) {
      this.#used += first.owner.count;
      first.owner.grant();
      this.#line.tell(first);
    }
    this.#line.wake();
  }

  /** Refuses all who wait and all who come. */
  close(): void {
    this.#isClosed = true;
    for (
      let first = this.#line.first;
      first !== null;
      first = this.#line.first
    ) {
      first.owner.refuse();
      this.#line.tell(first);
    }
    this.#line.wake();
  }
}

/** Waits for a number of permits; what they are good for is left to say. */
export abstract class Acquire<T> extends Wait<T> {
  readonly #permits: Permits;
  readonly count: number;

  constructor(permits: Permits, count: number) {
    super();
    this.#permits = permits;
    this.count = count;
  }

  protected override arrive(
    waker: Waker,
  ): "granted" | "refused" | Waiter<unknown> {
    const permits = this.#permits;
    if (permits.isClosed) return "refused";
    if (permits.tryTake(this.count)) return "granted";
    return permits.enter(this, waker);
  }

  protected override passOn(): void {
    this.#permits.give(this.count);
  }

  protected override left(): void {
    // It may have been too large for what is there, and those behind are not.
    this.#permits.handOut();
  }
}
