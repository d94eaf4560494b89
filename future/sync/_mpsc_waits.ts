import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import type { Waker } from "../waker.ts";
import type { MpscChannel } from "./_mpsc_channel.ts";
import { Acquire } from "./_permits.ts";
import { Until } from "./_until.ts";
import type { Waiter } from "./_wait_list.ts";
import { ChannelClosed } from "./errors.ts";

/** A sender that may be dropped while its futures are about. */
export interface Handle {
  readonly isDropped: boolean;
}

/** Waits for a place in the channel. */
export abstract class AwaitPlace<T, R> extends Acquire<R> {
  protected readonly channel: MpscChannel<T>;
  readonly #sender: Handle;

  constructor(channel: MpscChannel<T>, sender: Handle) {
    super(channel.permits, 1);
    this.channel = channel;
    this.#sender = sender;
  }

  protected override arrive(
    waker: Waker,
  ): "granted" | "refused" | Waiter<unknown> {
    // Once in line it goes on by itself: the channel counts it as a sender.
    return this.#sender.isDropped ? "refused" : super.arrive(waker);
  }

  override inspect(): Inspection {
    const what = `room among ${this.channel.permits.limit}`;
    return { name: this.label, waits: this.standing(what) };
  }

  /** What the caller knows it as. */
  protected get label(): string {
    return "MpscSender.reserve";
  }

  protected override passOn(): void {
    this.channel.giveBack();
  }

  /** Why nothing can be sent. */
  protected closed(value?: T): ChannelClosed<T> {
    return closedFor(this.channel, value);
  }
}

/** Waits for a place, and puts a value there. */
export class Send<T> extends AwaitPlace<T, void> {
  readonly #value: T;

  constructor(channel: MpscChannel<T>, sender: Handle, value: T) {
    super(channel, sender);
    this.#value = value;
  }

  protected override get label(): string {
    return "MpscSender.send";
  }

  protected override take(): void {
    this.channel.deliver(this.#value);
  }

  protected override refused(): never {
    throw this.closed(this.#value);
  }
}

/** Waits until a send would fail, for want of a receiver. */
export class Closed extends Until<void> {
  readonly #channel: MpscChannel<unknown>;

  constructor(channel: MpscChannel<unknown>) {
    super(channel.closing);
    this.#channel = channel;
  }

  override inspect(): Inspection {
    return { name: "MpscSender.closed", waits: "for the receiver to go" };
  }

  protected override check(): Poll<void> {
    if (!this.#channel.permits.isClosed) return Pending;
  }
}

/** Why a sender cannot send, with the value, if there is one. */
export function closedFor<T>(
  channel: MpscChannel<T>,
  value?: T,
): ChannelClosed<T> {
  const why = channel.permits.isClosed
    ? "the receiver is closed"
    : "the sender was dropped";
  return new ChannelClosed(`Cannot send: ${why}`, value);
}
