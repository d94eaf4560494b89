import type { MpscChannel } from "./_mpsc_channel.ts";
import { Pending, type Poll } from "../poll.ts";
import type { Waker } from "../waker.ts";
import { PlaceDesk } from "./_mpsc_waits.ts";
import type { Wait } from "./_wait.ts";
import { ChannelClosed } from "./errors.ts";

/**
 * A place in an `mpsc` channel, reserved for one value: sending it cannot fail
 * for want of room. Unused, it is given back by `using`, and goes to who has
 * waited longest. Mirrors `tokio::sync::mpsc::Permit`.
 *
 * @typeParam T The values of the channel.
 *
 * @example First the place, then the work
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { mpsc } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const [sender, receiver] = mpsc<string>(1);
 * await run(co(function* () {
 *   using permit = yield* sender.reserve();
 *   permit.send("made once it was certain to be sent");
 * }));
 * assertEquals(receiver.tryRecv(), "made once it was certain to be sent");
 * ```
 */
export class MpscPermit<T> implements Disposable {
  #channel: MpscChannel<T> | null;

  private constructor(channel: MpscChannel<T>) {
    this.#channel = channel;
  }

  /**
   * Sends a value, and uses the permit up. A receiver that was closed after the
   * place was reserved still gets it.
   *
   * @param value The value.
   * @throws {ChannelClosed} If the receiver was dropped, or if the permit was
   * used or given back; the value is handed back.
   */
  send(value: T): void {
    const channel = this.#channel;
    if (channel === null) {
      throw new ChannelClosed(
        "Cannot send: the permit was already used or given back",
        value,
      );
    }
    this.#channel = null;
    channel.deliver(value);
  }

  /** Gives the place back, unless it was used. */
  [Symbol.dispose](): void {
    const channel = this.#channel;
    this.#channel = null;
    channel?.giveBack();
  }
}

// Only a sender makes permits, whose constructor is private.
const Permit = MpscPermit as unknown as new <T>(
  channel: MpscChannel<T>,
) => MpscPermit<T>;

/** Makes the permit for a place that was granted. */
export function permitFor<T>(channel: MpscChannel<T>): MpscPermit<T> {
  return new Permit(channel);
}

/** For a place that is kept for later. */
export class Reserving<T> extends PlaceDesk<T, MpscPermit<T>> {
  readonly waitName = "Reserve";
  protected readonly label = "MpscSender.reserve";

  override arrive(
    wait: Wait<MpscPermit<T>>,
    waker: Waker,
  ): Poll<MpscPermit<T>> {
    if (this.isClosed) this.refused();
    return this.permits.admit(wait, waker) ? new Permit(this.channel) : Pending;
  }

  override take(): MpscPermit<T> {
    return new Permit(this.channel);
  }
}
