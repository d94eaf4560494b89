import { proceed } from "../budget.ts";
import type { Context } from "../context.ts";
import { PolledAfterCompletionError } from "../errors.ts";
import type { Future } from "../future.ts";
import { Pending, type Poll } from "../poll.ts";
import { Done, Stream } from "../stream/stream.ts";
import { leave, Waiter } from "./_wait_list.ts";
import { Changed, type View, WaitFor } from "./_watch_cell.ts";

/**
 * An end of a {@linkcode watch} that sees the value. It is also a stream of the
 * values that this receiver has not seen, each the latest at the time; the
 * stream ends once the sender is dropped. Mirrors `tokio::sync::watch::Receiver`
 * and `WatchStream::from_changes`.
 *
 * Cancel safety: safe: the value stays where it is.
 *
 * @typeParam T The value.
 *
 * @example Waiting for a state
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { watch } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const [sender, receiver] = watch("starting");
 * const ready = run(receiver.waitFor((state) => state === "ready"));
 * sender.send("ready");
 * assertEquals(await ready, "ready");
 * ```
 */
export class WatchReceiver<T> extends Stream<T> {
  readonly #view: View<T>;
  readonly #waiter: Waiter = new Waiter();
  #isDone = false;

  private constructor(view: View<T>) {
    super();
    this.#view = view;
  }

  /** Whether the value was set since this receiver last looked. */
  get hasChanged(): boolean {
    return this.#view.hasChanged;
  }

  /** Whether the sender was dropped. */
  get isClosed(): boolean {
    return this.#view.cell.isSenderGone;
  }

  /** The value as it is; that does not count as having looked. */
  borrow(): T {
    return this.#view.cell.value;
  }

  /** The value as it is, which counts as seen from now on. */
  borrowAndUpdate(): T {
    return this.#view.see();
  }

  /**
   * Waits for a value that this receiver has not seen, which counts as seen
   * then.
   *
   * Cancel safety: safe: a change that it did not report is the next one's.
   *
   * @returns A future of that; it fails with a {@linkcode ChannelClosed} once
   * the sender is dropped and its last value was seen.
   */
  changed(): Future<void> {
    return new Changed(this.#view);
  }

  /**
   * Waits for a value that suits, beginning with the one there is. Every value
   * that was tried counts as seen.
   *
   * Cancel safety: safe: the value stays where it is.
   *
   * @param suits Whether a value is the one waited for.
   * @returns A future of that value; it fails with a
   * {@linkcode ChannelClosed} once the sender is dropped and its last value does
   * not suit, and with what `suits` throws.
   */
  waitFor(suits: (value: T) => boolean): Future<T> {
    return new WaitFor(this.#view, suits);
  }

  /**
   * Waits for a value that this receiver has not seen.
   *
   * @returns The latest value; `Done` once the sender is dropped and its last
   * value was seen.
   * @throws {PolledAfterCompletionError} If it was polled to the end, or was
   * dropped.
   */
  override pollNext(cx: Context): Poll<T | Done> {
    const view = this.#view;
    view.assertAlive();
    if (this.#isDone) {
      throw new PolledAfterCompletionError("WatchReceiver", "completed");
    }
    if (view.hasChanged) return proceed(cx) ? view.see() : Pending;
    if (view.cell.isSenderGone) {
      this.#isDone = true;
      leave(this.#waiter);
      return Done;
    }
    view.cell.line.push(this.#waiter, cx.waker);
    return Pending;
  }

  /**
   * Makes another receiver, which has seen what this one has.
   *
   * @throws {PolledAfterCompletionError} If this receiver was dropped.
   */
  clone(): WatchReceiver<T> {
    this.#view.assertAlive();
    return new WatchReceiver(this.#view.copy());
  }

  /** Drops the receiver; the last one closes the channel. */
  override [Symbol.dispose](): void {
    leave(this.#waiter);
    this.#view.drop();
  }
}

// Only `watch`, senders and receivers make receivers, whose constructor is private.
const Receiver = WatchReceiver as unknown as new <T>(
  view: View<T>,
) => WatchReceiver<T>;

/** Makes a receiver. */
export function receiverFor<T>(view: View<T>): WatchReceiver<T> {
  return new Receiver(view);
}
