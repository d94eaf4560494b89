import type { Context } from "../context.ts";
import { PolledAfterCompletionError } from "../errors.ts";
import { proceed } from "../budget.ts";
import { Future } from "../future.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import type { Waker } from "../waker.ts";
import { Until } from "./_until.ts";
import { type Waiter, WaitList } from "./_wait_list.ts";
import { ChannelClosed } from "./errors.ts";

/**
 * Where a channel is; that changes once. The receiver keeps it, and the sender
 * asks there: an object between the two would take another fifth of memory.
 *
 *   open -----> sent        and may be received
 *    |  +-----> closed      the receiver was closed or dropped before
 *    +--------> abandoned   the sender was dropped before
 */
type At = "open" | "sent" | "closed" | "abandoned";

/** Why a sender cannot send. */
const WHY: Record<Exclude<At, "open">, string> = {
  sent: "the sender has sent its one value",
  closed: "the receiver is closed",
  abandoned: "the sender was dropped",
};

/** Waits until a send would fail. */
class Closed extends Until<void> {
  readonly #receiver: OneshotReceiver<unknown>;

  constructor(receiver: OneshotReceiver<unknown>) {
    super(receiver["_closing"] ??= new WaitList());
    this.#receiver = receiver;
  }

  override inspect(): Inspection {
    return { name: "OneshotSender.closed", waits: "for the receiver to go" };
  }

  protected override check(): Poll<void> {
    if (this.#receiver["_at"] === "open") return Pending;
  }
}

/**
 * The end of a {@linkcode oneshot} that one value goes in at.
 *
 * @typeParam T The value.
 *
 * @example Stopping when nobody wants the value
 * ```ts
 * import { co, pending, select } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { oneshot } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const [sender, receiver] = oneshot<number>();
 * const slow = pending();
 * const work = co(function* () {
 *   using mine = sender;
 *   const { key } = yield* select({ slow, unwanted: mine.closed() });
 *   return key;
 * });
 * receiver.close();
 * assertEquals(await run(work), "unwanted");
 * ```
 */
export class OneshotSender<T> implements Disposable {
  readonly #receiver: OneshotReceiver<T>;

  private constructor(receiver: OneshotReceiver<T>) {
    this.#receiver = receiver;
  }

  /**
   * Whether a send would fail: the receiver is closed or dropped, or this end
   * has sent its value or was dropped.
   */
  get isClosed(): boolean {
    return this.#receiver["_at"] !== "open";
  }

  /**
   * Sends the value, without waiting.
   *
   * @param value The value.
   * @throws {ChannelClosed} If {@linkcode OneshotSender.isClosed}; the value is
   * handed back.
   */
  send(value: T): void {
    const receiver = this.#receiver;
    const at = receiver["_at"];
    if (at !== "open") {
      throw new ChannelClosed(`Cannot send: ${WHY[at]}`, value);
    }
    receiver["_settle"]("sent", value);
  }

  /**
   * Waits until a send would fail: whoever makes the value can stop, since
   * nobody wants it.
   *
   * Cancel safety: safe.
   *
   * @returns A future of that.
   */
  closed(): Future<void> {
    return new Closed(this.#receiver);
  }

  /** Drops the sender: unless it has sent, the receiver fails. */
  [Symbol.dispose](): void {
    const receiver = this.#receiver;
    if (receiver["_at"] !== "open") return;
    receiver["_settle"]("abandoned", Pending);
  }
}

// Only `oneshot` makes ends, whose constructor is private.
const Sender = OneshotSender as unknown as new <T>(
  receiver: OneshotReceiver<T>,
) => OneshotSender<T>;

/**
 * The end of a {@linkcode oneshot} that the value comes out at: a future of it.
 *
 * Cancel safety: loses data: a value that was sent and not yet received is lost
 * with the receiver, and not disposed of, and the sender learns that nobody
 * waits. Lend the receiver with `pin` to stop waiting without that.
 *
 * @typeParam T The value.
 *
 * @example Waiting for a while only
 * ```ts
 * import { co, pin } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { timeout, TimeoutError } from "@pollen/futures/time";
 * import { oneshot } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const [sender, receiver] = oneshot<string>();
 * const value = await run(co(function* () {
 *   using mine = receiver;
 *   try {
 *     return yield* timeout(pin(mine), 1);
 *   } catch (error) {
 *     if (!(error instanceof TimeoutError)) throw error;
 *     sender.send("late, but not lost");
 *     return yield* mine;
 *   }
 * }));
 * assertEquals(value, "late, but not lost");
 * ```
 */
export class OneshotReceiver<T> extends Future<T> {
  // What begins with `_` is for the other end, too: by brackets, past `private`.
  private _at: At = "open";
  #ended: "completed" | "failed" | "was dropped" | null = null;
  /** `Pending`, which can be no value, unless one waits to be received. */
  #value: Poll<T> = Pending;
  #waker: Waker | null = null;
  /** Those who wait for `closed()`; made when somebody asks. */
  private _closing: WaitList<Waiter> | null = null;

  private constructor() {
    super();
  }

  /** Changes the state, then wakes all whom that concerns. */
  private _settle(at: At, value: Poll<T>): void {
    this._at = at;
    this.#value = value;
    const waker = this.#waker;
    this.#waker = null;
    try {
      waker?.wake();
    } finally {
      this._closing?.wakeAll();
    }
  }

  /**
   * Waits for the value.
   *
   * @throws {ChannelClosed} If no value can come any more: the sender was
   * dropped, or this end was closed, before a value was sent.
   */
  override poll(cx: Context): Poll<T> {
    if (this.#ended === null) {
      if (this._at === "sent") return proceed(cx) ? this.take() : Pending;
      if (this._at === "open") {
        const kept = this.#waker;
        if (kept === null || !kept.willWake(cx.waker)) this.#waker = cx.waker;
        return Pending;
      }
    }
    return this.tryRecv();
  }

  /** Takes the value, which is there. */
  private take(): Poll<T> {
    const value = this.#value;
    this.#value = Pending;
    this.#ended = "completed";
    return value;
  }

  /**
   * Takes the value if it is there; the receiver has completed then.
   *
   * @returns The value; `Pending` if it is not there yet.
   * @throws {ChannelClosed} If no value can come any more.
   * @throws {PolledAfterCompletionError} If the receiver has ended.
   */
  tryRecv(): Poll<T> {
    if (this.#ended !== null) {
      throw new PolledAfterCompletionError("OneshotReceiver", this.#ended);
    }
    switch (this._at) {
      case "open":
        return Pending;
      case "abandoned":
        this.#ended = "failed";
        throw new ChannelClosed(
          "Cannot receive: the sender was dropped before it had sent a value",
        );
      case "closed":
        this.#ended = "failed";
        throw new ChannelClosed(
          "Cannot receive: the receiver was closed before a value was sent",
        );
      case "sent":
        return this.take();
    }
  }

  /** Lets nothing be sent any more; a value that was sent can be received. */
  close(): void {
    if (this._at === "open") this._settle("closed", Pending);
  }

  /** Says whether the value has come. */
  override inspect(): Inspection {
    const at = this._at;
    return { waits: at === "open" ? "for the value" : at };
  }

  /** Drops the receiver, and a value that was sent and not yet received. */
  override [Symbol.dispose](): void {
    if (this.#ended !== null) return;
    this.#ended = "was dropped";
    this.#waker = null;
    this.#value = Pending;
    if (this._at === "open") this._settle("closed", Pending);
  }
}

// Only `oneshot` makes ends, whose constructor is private.
const Receiver = OneshotReceiver as unknown as new <T>() => OneshotReceiver<T>;

/**
 * A channel for one value, the answer to a question for example. Mirrors
 * `tokio::sync::oneshot`.
 *
 * @returns The sender, whose `send` does not wait, and the receiver, which is a
 * future of the value.
 *
 * @example A question that carries the way back
 * ```ts
 * import { co, join } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { mpsc, oneshot, type OneshotSender } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * interface Question {
 *   n: number;
 *   answer: OneshotSender<number>;
 * }
 * const [ask, questions] = mpsc<Question>(8);
 * const server = co(function* () {
 *   const { n, answer } = (yield* questions.next()) as Question;
 *   answer.send(n * n);
 * });
 * const client = co(function* () {
 *   const [sender, receiver] = oneshot<number>();
 *   yield* ask.send({ n: 7, answer: sender });
 *   return yield* receiver;
 * });
 * assertEquals((await run(join([server, client])))[1], 49);
 * ```
 */
export function oneshot<T>(): [
  sender: OneshotSender<T>,
  receiver: OneshotReceiver<T>,
] {
  const receiver = new Receiver<T>();
  return [new Sender(receiver), receiver];
}
