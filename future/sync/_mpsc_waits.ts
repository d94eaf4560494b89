import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import type { Waker } from "../waker.ts";
import type { MpscChannel } from "./_mpsc_channel.ts";
import { PermitDesk } from "./_permits.ts";
import { Until } from "./_until.ts";
import type { Wait } from "./_wait.ts";
import { ChannelClosed } from "./errors.ts";

/** A sender that may be dropped while its futures are about. */
export interface Handle {
  readonly isDropped: boolean;
}

/** Where one waits for a place in the channel. */
export abstract class PlaceDesk<T, R, A = void> extends PermitDesk<R, A> {
  protected readonly channel: MpscChannel<T>;
  readonly #sender: Handle;

  constructor(channel: MpscChannel<T>, sender: Handle) {
    super(channel);
    this.channel = channel;
    this.#sender = sender;
  }

  protected abstract readonly label: string;

  override inspect(wait: Wait<R, A>): Inspection {
    const what = `room among ${this.permits.limit}`;
    return { name: this.label, waits: wait.standing(what) };
  }

  /**
   * Whether nothing can be sent. What is in line once goes on by itself: the
   * channel counts it as a sender.
   */
  protected get isClosed(): boolean {
    return this.#sender.isDropped || this.permits.isClosed;
  }

  override passOn(): void {
    this.channel.giveBack();
  }

  override refused(_wait?: Wait<R, A>): never {
    throw closedFor(this.channel);
  }
}

/** For a place, and a value to put there. */
export class Sending<T> extends PlaceDesk<T, void, T> {
  readonly waitName = "Send";
  protected readonly label = "MpscSender.send";

  override arrive(wait: Wait<void, T>, waker: Waker): Poll<void> {
    if (this.isClosed) this.refused(wait);
    if (!this.permits.admit(wait, waker)) return Pending;
    this.channel.deliver(wait.value);
  }

  override take(wait: Wait<void, T>): void {
    this.channel.deliver(wait.value);
  }

  override refused(wait: Wait<void, T>): never {
    throw closedFor(this.channel, wait.value);
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
    if (!this.#channel.isClosed) return Pending;
  }
}

/** Why a sender cannot send, with the value, if there is one. */
export function closedFor<T>(
  channel: MpscChannel<T>,
  value?: T,
): ChannelClosed<T> {
  const why = channel.isClosed
    ? "the receiver is closed"
    : "the sender was dropped";
  return new ChannelClosed(`Cannot send: ${why}`, value);
}
