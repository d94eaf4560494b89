import type { BroadcastLog } from "./_broadcast_log.ts";
import { type BroadcastReceiver, subscribeTo } from "./broadcast_receiver.ts";
import { ChannelClosed } from "./errors.ts";

/**
 * An end of a {@linkcode broadcast} that values go in at; `clone()` makes
 * another. Once all are dropped, the receivers get what is kept for them, and
 * then the end. Mirrors `tokio::sync::broadcast::Sender`.
 *
 * @typeParam T The values.
 *
 * @example Usage
 * ```ts
 * import { broadcast } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const [sender, first] = broadcast<string>(4);
 * using second = sender.subscribe();
 * assertEquals(sender.send("to both"), 2);
 * first[Symbol.dispose]();
 * assertEquals(sender.send("to one"), 1);
 * assertEquals(second.size, 2);
 * ```
 */
export class BroadcastSender<T> implements Disposable {
  readonly #log: BroadcastLog<T>;
  #isDropped = false;

  private constructor(log: BroadcastLog<T>) {
    this.#log = log;
    log.addSender();
  }

  /** How many receivers there are. */
  get receiverCount(): number {
    return this.#log.readers;
  }

  /** How many values are kept, for those who have not received them yet. */
  get size(): number {
    return this.#log.size;
  }

  /**
   * Sends a value to all receivers that there are, without waiting.
   *
   * @param value The value.
   * @returns How many receivers that is; with 0 of them nobody will ever get
   * the value.
   * @throws {ChannelClosed} If this end was dropped; the value is handed back.
   */
  send(value: T): number {
    if (this.#isDropped) {
      throw new ChannelClosed("Cannot send: the sender was dropped", value);
    }
    return this.#log.append(value);
  }

  /**
   * Makes a receiver of all values that are sent from now on.
   *
   * @throws {ChannelClosed} If this end was dropped.
   */
  subscribe(): BroadcastReceiver<T> {
    if (this.#isDropped) {
      throw new ChannelClosed("Cannot subscribe: the sender was dropped");
    }
    return subscribeTo(this.#log);
  }

  /**
   * Makes another end of the same channel.
   *
   * @throws {ChannelClosed} If this end was dropped.
   */
  clone(): BroadcastSender<T> {
    if (this.#isDropped) {
      throw new ChannelClosed("Cannot clone: the sender was dropped");
    }
    return new BroadcastSender(this.#log);
  }

  /** Drops this end. */
  [Symbol.dispose](): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    this.#log.removeSender();
  }
}

// Only `broadcast` and senders make senders, whose constructor is private.
const Sender = BroadcastSender as unknown as new <T>(
  log: BroadcastLog<T>,
) => BroadcastSender<T>;

/** Makes the first sender of a channel. */
export function senderFor<T>(log: BroadcastLog<T>): BroadcastSender<T> {
  return new Sender(log);
}
