import type { Future } from "../future.ts";
import type { Sink } from "../stream/sink.ts";
import type { MpscChannel } from "./_mpsc_channel.ts";
import { MpscSink } from "./_mpsc_sink.ts";
import { Closed, closedFor, Sending } from "./_mpsc_waits.ts";
import { Wait } from "./_wait.ts";
import { ChannelFull } from "./errors.ts";
import { type MpscPermit, permitFor, Reserving } from "./mpsc_permit.ts";

/**
 * An end of an {@linkcode mpsc} that values go in at; `clone()` makes another.
 * Once all are dropped, the receiver gets what was sent, and then the end. A
 * sender that is merely forgotten keeps the channel open. Mirrors
 * `tokio::sync::mpsc::Sender`.
 *
 * @typeParam T The values.
 *
 * @example A value that cannot be sent is handed back
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { recover } from "@pollen/futures/future";
 * import { ChannelClosed, mpsc } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const [sender, receiver] = mpsc<string>(1);
 * receiver.close();
 * const unsent = await run(
 *   recover(sender.send("hello"), (error) => (error as ChannelClosed).value),
 * );
 * assertEquals(unsent, "hello");
 * ```
 */
export class MpscSender<T> implements Disposable {
  readonly #channel: MpscChannel<T>;
  readonly #sending: Sending<T>;
  readonly #reserving: Reserving<T>;
  #isDropped = false;

  private constructor(channel: MpscChannel<T>) {
    this.#channel = channel;
    this.#sending = new Sending(channel, this);
    this.#reserving = new Reserving(channel, this);
    channel.addSender();
  }

  /** Whether this end was dropped. */
  get isDropped(): boolean {
    return this.#isDropped;
  }

  /** Whether a send would fail: the receiver is gone, or this end is. */
  get isClosed(): boolean {
    return this.#isDropped || this.#channel.isClosed;
  }

  /** How many values there is room for now. */
  get capacity(): number {
    return this.#channel.available;
  }

  /** How many values there is room for at most. */
  get maxCapacity(): number {
    return this.#channel.limit;
  }

  /**
   * Waits for room, then sends a value.
   *
   * Once it waits it goes on by itself: it also keeps the channel open when
   * this end is dropped.
   *
   * Cancel safety: loses its place: the value is sent by the poll that
   * completes, and by no other; dropped before, it was not sent. To keep the
   * place for a value that is still to be made, see
   * {@linkcode MpscSender.reserve}.
   *
   * @param value The value.
   * @returns A future of having sent it; it fails with a
   * {@linkcode ChannelClosed} that hands the value back, once the receiver is
   * closed or dropped.
   */
  send(value: T): Future<void> {
    return new Wait(this.#sending, value);
  }

  /**
   * Waits for room, and reserves it for one value.
   *
   * Cancel safety: loses its place: it leaves the line, and a place that was
   * granted to it already goes to the next.
   *
   * @returns A future of the permit; it fails with a
   * {@linkcode ChannelClosed} once the receiver is closed or dropped.
   */
  reserve(): Future<MpscPermit<T>> {
    return new Wait(this.#reserving, undefined);
  }

  /**
   * Sends a value if there is room and nobody waits for it.
   *
   * @param value The value.
   * @throws {ChannelFull} If there is no room now; the value is handed back.
   * @throws {ChannelClosed} If the receiver is closed or dropped, or this end
   * is; the value is handed back.
   */
  trySend(value: T): void {
    if (this.isClosed) throw closedFor(this.#channel, value);
    if (!this.#channel.tryTake(1)) throw new ChannelFull(value);
    this.#channel.deliver(value);
  }

  /**
   * Reserves room for one value if there is any and nobody waits for it.
   *
   * @returns The permit; `null` if there is no room now.
   * @throws {ChannelClosed} If the receiver is closed or dropped, or this end
   * is.
   */
  tryReserve(): MpscPermit<T> | null {
    if (this.isClosed) throw closedFor(this.#channel);
    return this.#channel.tryTake(1) ? permitFor(this.#channel) : null;
  }

  /**
   * Waits until the receiver is closed or dropped: whoever makes the values can
   * stop, since nobody wants them.
   *
   * Cancel safety: safe.
   *
   * @returns A future of that.
   */
  closed(): Future<void> {
    return new Closed(this.#channel);
  }

  /**
   * Makes another end of the same channel.
   *
   * @throws {ChannelClosed} If this end was dropped.
   */
  clone(): MpscSender<T> {
    if (this.#isDropped) throw closedFor(this.#channel);
    return new MpscSender(this.#channel);
  }

  /**
   * Makes a sink of this end, which is used up by that: dropping or closing
   * the sink drops it.
   *
   * @throws {ChannelClosed} If this end was dropped.
   */
  asSink(): Sink<T> {
    const sink = new MpscSink(this.clone(), this.#channel);
    this[Symbol.dispose]();
    return sink;
  }

  /** Drops this end. */
  [Symbol.dispose](): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    this.#channel.removeSender();
  }
}

// Only `mpsc` and senders make senders, whose constructor is private.
const Sender = MpscSender as unknown as new <T>(
  channel: MpscChannel<T>,
) => MpscSender<T>;

/** Makes the first sender of a channel. */
export function senderFor<T>(channel: MpscChannel<T>): MpscSender<T> {
  return new Sender(channel);
}
