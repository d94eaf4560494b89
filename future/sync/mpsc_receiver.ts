import { proceed } from "../budget.ts";
import type { Context } from "../context.ts";
import { PolledAfterCompletionError } from "../errors.ts";
import type { Future } from "../future.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import { Done, Stream } from "../stream/stream.ts";
import type { MpscChannel } from "./_mpsc_channel.ts";

/**
 * The end of an {@linkcode mpsc} that the values come out at: a stream of them,
 * which ends once all senders are dropped and all values were received. Mirrors
 * `tokio::sync::mpsc::Receiver`.
 *
 * It has one consumer. For a pool of `n` workers there is `forEachConcurrent` of
 * `./stream`: `forEachConcurrent(receiver, n, work)`.
 *
 * Cancel safety: loses data: the values that were sent and not yet received are
 * lost with the receiver, and not disposed of, and the senders learn that
 * nobody receives. Use {@linkcode MpscReceiver.close} first, and receive until
 * `Done`, to lose none.
 *
 * @typeParam T The values.
 *
 * @example Stopping without loss
 * ```ts
 * import { Done } from "@pollen/futures/stream";
 * import { ChannelClosed, mpsc } from "@pollen/futures/sync";
 * import { assertStrictEquals, assertThrows } from "@std/assert";
 *
 * const [sender, receiver] = mpsc<number>(8);
 * sender.trySend(1);
 * receiver.close();
 * assertThrows(() => sender.trySend(2), ChannelClosed);
 * assertStrictEquals(receiver.tryRecv(), 1);
 * assertStrictEquals(receiver.tryRecv(), Done);
 * ```
 */
export class MpscReceiver<T> extends Stream<T> {
  readonly #channel: MpscChannel<T>;
  #ended: "completed" | "was dropped" | null = null;

  private constructor(channel: MpscChannel<T>) {
    super();
    this.#channel = channel;
  }

  /** How many values are there to be received. */
  get size(): number {
    return this.#channel.size;
  }

  /** Whether nothing more can be sent: this end was closed or dropped. */
  get isClosed(): boolean {
    return this.#channel.isClosed;
  }

  /**
   * Waits for the next value.
   *
   * @returns The value; `Done` once none can come.
   * @throws {PolledAfterCompletionError} If it was polled to the end, or was
   * dropped.
   */
  override pollNext(cx: Context): Poll<T | Done> {
    if (this.#ended !== null) refuse(this.#ended);
    const channel = this.#channel;
    if (channel.size > 0) return proceed(cx) ? channel.take() : Pending;
    if (channel.isDrained) {
      this.#ended = "completed";
      return Done;
    }
    channel.keep(cx.waker);
    return Pending;
  }

  /**
   * Waits for the next value: another name for `next()`.
   *
   * Cancel safety: safe: a value that was not given out is the next one's.
   *
   * @returns A future of the value, or of `Done`.
   */
  recv(): Future<T | Done> {
    return this.next();
  }

  /**
   * Takes the next value if it is there.
   *
   * @returns The value; `Pending` if none is there now; `Done` if none can
   * come.
   * @throws {PolledAfterCompletionError} If the receiver was dropped.
   */
  tryRecv(): Poll<T | Done> {
    if (this.#ended === "was dropped") refuse(this.#ended);
    if (this.#channel.size > 0) return this.#channel.take();
    return this.#channel.isDrained ? Done : Pending;
  }

  /**
   * Lets nothing more be sent: all who wait for room fail, and so do all who
   * come. What was sent, and what has a permit, can still be received.
   */
  close(): void {
    this.#channel.close();
  }

  /** Says how many values are there, and how many senders. */
  override inspect(): Inspection {
    const { size, senders } = this.#channel;
    return { waits: `values: ${size}, senders: ${senders}` };
  }

  /** Closes the channel and drops what was not received. */
  override [Symbol.dispose](): void {
    this.#ended = "was dropped";
    this.#channel.dropReceiver();
  }
}

function refuse(ended: "completed" | "was dropped"): never {
  throw new PolledAfterCompletionError("MpscReceiver", ended);
}

// Only `mpsc` makes receivers, whose constructor is private.
const Receiver = MpscReceiver as unknown as new <T>(
  channel: MpscChannel<T>,
) => MpscReceiver<T>;

/** Makes the receiver of a channel. */
export function receiverFor<T>(channel: MpscChannel<T>): MpscReceiver<T> {
  return new Receiver(channel);
}
