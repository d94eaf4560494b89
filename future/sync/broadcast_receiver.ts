import { proceed } from "../budget.ts";
import type { Context } from "../context.ts";
import { PolledAfterCompletionError } from "../errors.ts";
import type { Future } from "../future.ts";
import { Pending, type Poll } from "../poll.ts";
import { Done, Stream } from "../stream/stream.ts";
import type { BroadcastLog, Reader } from "./_broadcast_log.ts";
import { leave, Waiter } from "./_wait_list.ts";

/**
 * An end of a {@linkcode broadcast} that the values come out at: a stream of
 * them, which fails with a {@linkcode Lagged} where values were missed, goes on
 * after that, and ends once all senders are dropped. Mirrors
 * `tokio::sync::broadcast::Receiver`.
 *
 * Cancel safety: loses data: the values that were not received are lost to
 * this receiver.
 *
 * @typeParam T The values.
 *
 * @example Going on after a lag
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { Done } from "@pollen/futures/stream";
 * import { broadcast, Lagged } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const [sender, receiver] = broadcast<number>(2);
 * for (const n of [1, 2, 3, 4]) sender.send(n);
 * sender[Symbol.dispose]();
 * const log = await run(co(function* () {
 *   const log: string[] = [];
 *   for (;;) {
 *     try {
 *       const value = yield* receiver.recv();
 *       if (value === Done) return log;
 *       log.push(`got ${value}`);
 *     } catch (error) {
 *       if (!(error instanceof Lagged)) throw error;
 *       log.push(`missed ${error.missed}`);
 *     }
 *   }
 * }));
 * assertEquals(log, ["missed 2", "got 3", "got 4"]);
 * ```
 */
export class BroadcastReceiver<T> extends Stream<T> {
  readonly #log: BroadcastLog<T>;
  readonly #reader: Reader;
  readonly #waiter: Waiter = new Waiter();
  #ended: "completed" | "was dropped" | null = null;

  private constructor(log: BroadcastLog<T>) {
    super();
    this.#log = log;
    this.#reader = log.addReader();
  }

  /** How many values are kept for this receiver, which it can still get. */
  get size(): number {
    return this.#ended === null ? this.#log.unread(this.#reader) : 0;
  }

  /**
   * Waits for the next value.
   *
   * @returns The value; `Done` once none can come.
   * @throws {Lagged} If values were missed; the stream has not ended: it goes on
   * with the oldest value that is kept.
   * @throws {PolledAfterCompletionError} If it was polled to the end, or was
   * dropped.
   */
  override pollNext(cx: Context): Poll<T | Done> {
    if (this.#ended !== null) {
      throw new PolledAfterCompletionError("BroadcastReceiver", this.#ended);
    }
    const log = this.#log;
    if (log.unread(this.#reader) > 0) {
      return proceed(cx) ? log.read(this.#reader) : Pending;
    }
    if (log.isClosed) {
      this.#end("completed");
      return Done;
    }
    log.line.push(this.#waiter, cx.waker);
    return Pending;
  }

  /**
   * Waits for the next value: another name for `next()`.
   *
   * Cancel safety: safe: a value that was not given out is the next one's.
   *
   * @returns A future of the value, or of `Done`; it fails with a
   * {@linkcode Lagged} where values were missed.
   */
  recv(): Future<T | Done> {
    return this.next();
  }

  /**
   * Takes the next value if it is there.
   *
   * @returns The value; `Pending` if none is there now; `Done` if none can
   * come.
   * @throws {Lagged} If values were missed; it goes on with the oldest value
   * that is kept.
   * @throws {PolledAfterCompletionError} If the receiver was dropped.
   */
  tryRecv(): Poll<T | Done> {
    switch (this.#ended) {
      case "was dropped":
        throw new PolledAfterCompletionError("BroadcastReceiver", this.#ended);
      case "completed":
        return Done;
    }
    if (this.#log.unread(this.#reader) > 0) return this.#log.read(this.#reader);
    return this.#log.isClosed ? Done : Pending;
  }

  #end(how: "completed" | "was dropped"): void {
    this.#ended = how;
    leave(this.#waiter);
    this.#log.removeReader(this.#reader);
  }

  /** Unsubscribes. */
  override [Symbol.dispose](): void {
    if (this.#ended === null) this.#end("was dropped");
    else this.#ended = "was dropped";
  }
}

// Only `broadcast` and senders make receivers, whose constructor is private.
const Receiver = BroadcastReceiver as unknown as new <T>(
  log: BroadcastLog<T>,
) => BroadcastReceiver<T>;

/** Makes a receiver of all that is sent from now on. */
export function subscribeTo<T>(log: BroadcastLog<T>): BroadcastReceiver<T> {
  return new Receiver(log);
}
