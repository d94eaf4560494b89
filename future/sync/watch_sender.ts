import type { Future } from "../future.ts";
import { Closed, View, type WatchCell } from "./_watch_cell.ts";
import { ChannelClosed } from "./errors.ts";
import { receiverFor, type WatchReceiver } from "./watch_receiver.ts";

/**
 * The end of a {@linkcode watch} that sets the value. Mirrors
 * `tokio::sync::watch::Sender`; but a value is kept also when there are no
 * receivers, for those that may subscribe later.
 *
 * @typeParam T The value.
 *
 * @example Usage
 * ```ts
 * import { watch } from "@pollen/futures/sync";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const [sender, receiver] = watch(1);
 * sender.sendModify((n) => n + 1);
 * assert(receiver.hasChanged);
 * assertEquals(receiver.borrowAndUpdate(), 2);
 * ```
 */
export class WatchSender<T> implements Disposable {
  readonly #cell: WatchCell<T>;

  private constructor(cell: WatchCell<T>) {
    this.#cell = cell;
  }

  /** How many receivers there are. */
  get receiverCount(): number {
    return this.#cell.viewers;
  }

  /** Whether there are no receivers. */
  get isClosed(): boolean {
    return this.#cell.viewers === 0;
  }

  /** The value as it is. */
  borrow(): T {
    return this.#cell.value;
  }

  /**
   * Sets the value and tells all receivers, without waiting. Those who have not
   * looked since the last time will not see what was there in between.
   *
   * @param value The value.
   * @throws {ChannelClosed} If this end was dropped; the value is handed back.
   */
  send(value: T): void {
    if (this.#cell.isSenderGone) {
      throw new ChannelClosed("Cannot send: the sender was dropped", value);
    }
    this.#cell.set(value);
  }

  /**
   * Makes a new value of the one there is, and tells all receivers.
   *
   * @param fn Gets the value and returns the new one; the same object, changed,
   * is as good. If it throws, nothing has changed.
   * @throws {ChannelClosed} If this end was dropped.
   * @throws What `fn` throws.
   */
  sendModify(fn: (value: T) => T): void {
    if (this.#cell.isSenderGone) {
      throw new ChannelClosed("Cannot send: the sender was dropped");
    }
    this.#cell.set(fn(this.#cell.value));
  }

  /**
   * Makes a receiver that has seen the value as it is.
   *
   * @throws {ChannelClosed} If this end was dropped.
   */
  subscribe(): WatchReceiver<T> {
    const cell = this.#cell;
    if (cell.isSenderGone) {
      throw new ChannelClosed("Cannot subscribe: the sender was dropped");
    }
    return receiverFor(new View(cell, cell.version));
  }

  /**
   * Waits until there are no receivers.
   *
   * Cancel safety: safe.
   *
   * @returns A future of that.
   */
  closed(): Future<void> {
    return new Closed(this.#cell);
  }

  /** Drops the sender: the receivers see the last value, and then the end. */
  [Symbol.dispose](): void {
    if (!this.#cell.isSenderGone) this.#cell.dropSender();
  }
}

// Only `watch` makes senders, whose constructor is private.
const Sender = WatchSender as unknown as new <T>(
  cell: WatchCell<T>,
) => WatchSender<T>;

/** Makes the sender of a cell. */
export function senderFor<T>(cell: WatchCell<T>): WatchSender<T> {
  return new Sender(cell);
}
