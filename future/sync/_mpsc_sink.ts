import { proceed } from "../budget.ts";
import type { Context } from "../context.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import type { Sink } from "../stream/sink.ts";
import type { MpscChannel } from "./_mpsc_channel.ts";
import { closedFor, type Handle, PlaceDesk } from "./_mpsc_waits.ts";
import { Wait } from "./_wait.ts";
import { ChannelClosed } from "./errors.ts";

/** For a place that the sink takes note of itself. */
class Placing<T> extends PlaceDesk<T, void> {
  readonly waitName = "Place";
  protected readonly label = "MpscSender.reserve";

  override take(): void {}
}

/**
 * A sender as a sink: `pollReady` waits for a place, `startSend` fills it. It
 * allocates nothing for an item: the state is a field, and the wait for a place
 * is made once and renewed.
 */
export class MpscSink<T> implements Sink<T> {
  readonly #sender: Handle & Disposable;
  readonly #channel: MpscChannel<T>;
  readonly #place: Wait<void>;
  #at: "idle" | "reserving" | "ready" | "ended" = "idle";

  constructor(sender: Handle & Disposable, channel: MpscChannel<T>) {
    this.#sender = sender;
    this.#channel = channel;
    this.#place = new Wait(new Placing(channel, sender), undefined);
  }

  pollReady(cx: Context): Poll<void> {
    switch (this.#at) {
      case "idle":
        return this.#arrive(cx);
      case "reserving":
        return this.#wait(cx);
      case "ready":
        return;
      case "ended":
        throw new ChannelClosed("Cannot send: the sink has ended");
      default:
        this.#at satisfies never;
    }
  }

  #arrive(cx: Context): Poll<void> {
    const permits = this.#channel.permits;
    if (permits.isClosed) {
      this.#end();
      throw closedFor(this.#channel);
    }
    if (permits.admit(this.#place, cx.waker)) {
      this.#at = "ready";
      return proceed(cx) ? undefined : Pending;
    }
    this.#place.enlist();
    this.#at = "reserving";
    return Pending;
  }

  #wait(cx: Context): Poll<void> {
    let place: Poll<void>;
    try {
      place = this.#place.poll(cx);
    } catch (error) {
      this.#end();
      throw error;
    }
    if (place === Pending) return Pending;
    this.#at = "ready";
  }

  startSend(item: T): void {
    switch (this.#at) {
      case "ready":
        this.#at = "idle";
        this.#channel.deliver(item);
        return;
      case "ended":
        throw new ChannelClosed("Cannot send: the sink has ended", item);
      default:
        throw new TypeError(
          "Cannot start to send: pollReady was not ready before",
        );
    }
  }

  /** What was taken is in the channel, and that is as far as it goes. */
  pollFlush(): Poll<void> {}

  pollClose(): Poll<void> {
    this[Symbol.dispose]();
  }

  inspect(): Inspection {
    return {
      name: "MpscSender.asSink",
      children: this.#at === "reserving" ? [this.#place] : [],
    };
  }

  [Symbol.dispose](): void {
    if (this.#at !== "ended") this.#end();
  }

  #end(): void {
    const at = this.#at;
    this.#at = "ended";
    if (at === "reserving") this.#place[Symbol.dispose]();
    else if (at === "ready") this.#channel.giveBack();
    this.#sender[Symbol.dispose]();
  }
}
