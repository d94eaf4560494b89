import type { Context } from "../context.ts";
import type { Future } from "../future.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import type { Sink } from "../stream/sink.ts";
import { ChannelClosed } from "./errors.ts";
import type { MpscPermit } from "./mpsc_permit.ts";
import type { MpscSender } from "./mpsc_sender.ts";

type State<T> =
  | { at: "idle" }
  | { at: "reserving"; place: Future<MpscPermit<T>> }
  | { at: "ready"; permit: MpscPermit<T> }
  | { at: "ended" };

/** A sender as a sink: `pollReady` reserves, `startSend` uses the permit. */
export class MpscSink<T> implements Sink<T> {
  readonly #sender: MpscSender<T>;
  #state: State<T> = { at: "idle" };

  constructor(sender: MpscSender<T>) {
    this.#sender = sender;
  }

  pollReady(cx: Context): Poll<void> {
    for (;;) {
      const state = this.#state;
      switch (state.at) {
        case "idle":
          this.#state = { at: "reserving", place: this.#sender.reserve() };
          continue;
        case "reserving": {
          let permit: Poll<MpscPermit<T>>;
          try {
            permit = state.place.poll(cx);
          } catch (error) {
            this.#end(state);
            throw error;
          }
          if (permit === Pending) return Pending;
          this.#state = { at: "ready", permit };
          continue;
        }
        case "ready":
          return;
        case "ended":
          throw new ChannelClosed("Cannot send: the sink has ended");
        default:
          return state satisfies never;
      }
    }
  }

  startSend(item: T): void {
    const state = this.#state;
    switch (state.at) {
      case "ready":
        this.#state = { at: "idle" };
        state.permit.send(item);
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
    const state = this.#state;
    return {
      name: "MpscSender.asSink",
      children: state.at === "reserving" ? [state.place] : [],
    };
  }

  [Symbol.dispose](): void {
    const state = this.#state;
    if (state.at !== "ended") this.#end(state);
  }

  #end(state: State<T>): void {
    this.#state = { at: "ended" };
    if (state.at === "reserving") state.place[Symbol.dispose]();
    else if (state.at === "ready") state.permit[Symbol.dispose]();
    this.#sender[Symbol.dispose]();
  }
}
