import type { Waker } from "../waker.ts";
import { Permits } from "./_permits.ts";
import { Ring } from "../_ring.ts";
import { type Waiter, WaitList } from "./_wait_list.ts";
import { ChannelClosed } from "./errors.ts";

/**
 * What the ends of an `mpsc` share: the values, and, as its base, the permits for
 * the places. A place is used from the moment it is granted until its value is
 * received, so `used` counts the values that are there and those that may still
 * come.
 */
export class MpscChannel<T> extends Permits {
  /** Those who wait for `closed()`. */
  readonly closing: WaitList<Waiter> = new WaitList();
  readonly #values = new Ring<T>();
  /** The receiver's. */
  #waker: Waker | null = null;
  #senders = 0;
  #isReceiverGone = false;

  get size(): number {
    return this.#values.size;
  }

  get senders(): number {
    return this.#senders;
  }

  /** Whether no value is there and none can come. */
  get isDrained(): boolean {
    // Where no place is used nobody stands in line.
    return this.used === 0 && (this.isClosed || this.#senders === 0);
  }

  addSender(): void {
    this.#senders++;
  }

  removeSender(): void {
    this.#senders--;
    this.#wakeIfDrained();
  }

  /** Puts a value in the place that the caller has for it. */
  deliver(value: T): void {
    if (this.#isReceiverGone) this.#handBack(value);
    this.#values.push(value);
    const waker = this.#waker;
    if (waker === null) return;
    this.#waker = null;
    waker.wake();
  }

  #handBack(value: T): never {
    this.give(1);
    throw new ChannelClosed("Cannot send: the receiver was dropped", value);
  }

  /** Takes the oldest value out, which frees its place; there must be one. */
  take(): T {
    const value = this.#values.shift();
    this.give(1);
    return value;
  }

  /** Gives a place back that no value came to. */
  giveBack(): void {
    this.give(1);
    this.#wakeIfDrained();
  }

  #wakeIfDrained(): void {
    if (this.isDrained) this.#wakeReceiver();
  }

  /** Keeps the waker of the receiver's latest poll. */
  keep(waker: Waker): void {
    if (this.#waker === null || !this.#waker.willWake(waker)) {
      this.#waker = waker;
    }
  }

  #wakeReceiver(): void {
    const waker = this.#waker;
    this.#waker = null;
    waker?.wake();
  }

  /** Lets nothing in any more but what has a place. */
  override close(): void {
    try {
      super.close();
    } finally {
      this.closing.wakeAll();
    }
    this.#wakeIfDrained();
  }

  /** Closes, and drops the values. */
  dropReceiver(): void {
    this.#waker = null;
    this.#isReceiverGone = true;
    const lost = this.#values.size;
    this.#values.clear();
    try {
      this.close();
    } finally {
      this.give(lost);
    }
  }
}
