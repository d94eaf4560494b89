import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import type { Waker } from "../waker.ts";
import type { Desk, Wait } from "./_wait.ts";
import { unlink, WaitList, wakeUp } from "./_wait_list.ts";

// What it becomes and what it brings along is its desk's business.
// deno-lint-ignore no-explicit-any
type AnyWait = Wait<any, any>;

/**
 * A number of permits and the line for them: what `Semaphore`, `Mutex`,
 * `RwLock`, `mpsc` and `OnceCell` have in common. Strictly first come, first
 * served: while anybody stands in line, newcomers get in line too, even if
 * there are permits enough for them, so that a large request is not starved by
 * small ones.
 */
export class Permits {
  readonly #line = new WaitList<AnyWait>();
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

  /** Takes `count` permits if they are there and nobody waits. */
  tryTake(count: number): boolean {
    if (
      this.#isClosed || count > this.#limit - this.#used || !this.#line.isEmpty
    ) return false;
    this.#used += count;
    return true;
  }

  /** Takes what a wait asks for; or puts it in line, and answers `false`. */
  admit(wait: AnyWait, waker: Waker): boolean {
    if (this.tryTake(wait.count)) return true;
    this.lineUp(wait, waker);
    return false;
  }

  /** Puts a wait in line, whatever is there. */
  lineUp(wait: AnyWait, waker: Waker): void {
    this.#line.push(wait, waker);
  }

  /** Takes back permits that were used. */
  give(count: number): void {
    this.#used -= count;
    if (!this.#line.isEmpty) this.handOut();
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
    const first = this.#grantOne();
    if (first === null) return;
    const line = this.#line;
    // As a rule there is but one.
    if (this.#used === this.#limit || line.isEmpty) return wakeUp(first);
    line.tell(first);
    for (;;) {
      const next = this.#grantOne();
      if (next === null) return line.wake();
      line.tell(next);
    }
  }

  /** Grants to the head of the line, and takes it out, if there is enough. */
  #grantOne(): AnyWait | null {
    const first = this.#line.first;
    if (first === null || first.count > this.#limit - this.#used) return null;
    this.#used += first.count;
    first.grant();
    unlink(first);
    return first;
  }

  /** Refuses all who wait and all who come. */
  close(): void {
    this.#isClosed = true;
    const line = this.#line;
    for (let first = line.first; first !== null; first = line.first) {
      first.refuse();
      line.tell(first);
    }
    line.wake();
  }
}

/** A desk that hands out permits; what they are good for is left to say. */
export abstract class PermitDesk<T, A = void> implements Desk<T, A> {
  readonly permits: Permits;

  constructor(permits: Permits) {
    this.permits = permits;
  }

  abstract readonly waitName: string;
  abstract take(wait: Wait<T, A>): T;
  abstract inspect(wait: Wait<T, A>): Inspection;

  /**
   * For those that are never closed. Desks that are much in use have their own,
   * which V8 can compile for one shape of desk.
   */
  arrive(wait: Wait<T, A>, waker: Waker): Poll<T> {
    return this.permits.admit(wait, waker) ? this.take(wait) : Pending;
  }

  /** Most are never closed. */
  refused(_wait: Wait<T, A>): T {
    throw new Error(`Cannot refuse ${this.waitName}: nobody should have`);
  }

  passOn(wait: Wait<T, A>): void {
    this.permits.give(wait.count);
  }

  left(): void {
    // It may have been too large for what is there, and those behind are not.
    this.permits.handOut();
  }
}
