import type { Context } from "../future/context.ts";
import { PolledAfterCompletionError } from "../future/errors.ts";
import { Future, nameOf } from "../future/future.ts";
import type { Inspection } from "../future/inspection.ts";
import { Pending, type Poll } from "../future/poll.ts";
import type { Waker } from "../future/waker.ts";
import type { Claim } from "./_claim.ts";
import type { AsyncRead } from "./io/async_read.ts";
import type { AsyncWrite } from "./io/async_write.ts";

/** A constant of this module: V8 knows what it is, and of an import it does not. */
const pending: typeof Pending = Pending;

/** What accepts: a listener of streams of type `S`. */
interface Accepting<S> {
  pollAccept(cx: Context): Poll<S>;
}

/**
 * A future that uses a slot: a half of a stream, or a listener. It holds the
 * slot's claim from its first poll to its end, so that a second one hears of it
 * instead of taking the first one's waker.
 */
abstract class SlotFuture<T> extends Future<T> {
  // Nothing `#private`: in a base of many classes that is slow, see `Future`; a
  // method of the kind costs each new object a brand.
  declare private _claim: Claim;
  declare private _ended: "completed" | "failed" | "was dropped" | null;
  /** That of the latest poll: the slot is not to keep it longer than this lives. */
  declare private _waker: Waker | null;

  constructor(claim: Claim) {
    super();
    this._claim = claim;
    this._ended = null;
    this._waker = null;
  }

  /** The poll itself, while the claim is held. */
  protected abstract pollSlot(cx: Context): Poll<T>;

  override poll(cx: Context): Poll<T> {
    if (this._ended !== null) {
      throw new PolledAfterCompletionError(nameOf(this), this._ended);
    }
    let value: Poll<T>;
    try {
      this._claim.take(this);
      value = this.pollSlot(cx);
    } catch (error) {
      this._end("failed");
      throw error;
    }
    if (value === pending) this._waker = cx.waker;
    else this._end("completed");
    return value;
  }

  private _end(how: "completed" | "failed" | "was dropped"): void {
    this._ended = how;
    this._waker = null;
    this._claim.release(this);
  }

  /** What a drop does besides, if it was this future's turn. */
  protected onDropped(): void {}

  override inspect(): Inspection {
    return { waits: this._claim.address };
  }

  override [Symbol.dispose](): void {
    if (this._ended !== null) return;
    if (this._claim.isHeldBy(this)) {
      this.onDropped();
      if (this._waker !== null) this._claim.forget(this._waker);
    }
    this._end("was dropped");
  }
}

export class Read extends SlotFuture<number | null> {
  readonly #source: AsyncRead;
  readonly #into: Uint8Array;

  constructor(
    source: AsyncRead,
    into: Uint8Array,
    claim: Claim,
  ) {
    super(claim);
    this.#source = source;
    this.#into = into;
  }

  protected override pollSlot(cx: Context): Poll<number | null> {
    return this.#source.pollRead(cx, this.#into);
  }
}

export class Write extends SlotFuture<number> {
  readonly #sink: AsyncWrite;
  readonly #bytes: Uint8Array;
  readonly #abandon: (unsent: Uint8Array) => void;

  constructor(
    sink: AsyncWrite,
    bytes: Uint8Array,
    abandon: (unsent: Uint8Array) => void,
    claim: Claim,
  ) {
    super(claim);
    this.#sink = sink;
    this.#bytes = bytes;
    this.#abandon = abandon;
  }

  protected override pollSlot(cx: Context): Poll<number> {
    return this.#sink.pollWrite(cx, this.#bytes);
  }

  protected override onDropped(): void {
    this.#abandon(this.#bytes);
  }
}

export class WriteAll extends SlotFuture<void> {
  readonly #sink: AsyncWrite;
  readonly #abandon: (unsent: Uint8Array) => void;
  #unsent: Uint8Array;

  constructor(
    sink: AsyncWrite,
    bytes: Uint8Array,
    abandon: (unsent: Uint8Array) => void,
    claim: Claim,
  ) {
    super(claim);
    this.#sink = sink;
    this.#unsent = bytes;
    this.#abandon = abandon;
  }

  protected override pollSlot(cx: Context): Poll<void> {
    // Once at least: a closed stream takes no bytes, not even none.
    do {
      const n = this.#sink.pollWrite(cx, this.#unsent);
      if (n === pending) return Pending;
      // As a rule all of it: a view would be made for nothing.
      if (n === this.#unsent.byteLength) return;
      this.#unsent = this.#unsent.subarray(n);
    } while (true);
  }

  protected override onDropped(): void {
    this.#abandon(this.#unsent);
  }
}

export class Flush extends SlotFuture<void> {
  readonly #sink: AsyncWrite;

  constructor(sink: AsyncWrite, claim: Claim) {
    super(claim);
    this.#sink = sink;
  }

  protected override pollSlot(cx: Context): Poll<void> {
    return this.#sink.pollFlush(cx);
  }
}

export class Shutdown extends SlotFuture<void> {
  readonly #sink: AsyncWrite;

  constructor(sink: AsyncWrite, claim: Claim) {
    super(claim);
    this.#sink = sink;
  }

  protected override pollSlot(cx: Context): Poll<void> {
    return this.#sink.pollShutdown(cx);
  }
}

export class Accept<S> extends SlotFuture<S> {
  readonly #listener: Accepting<S>;

  constructor(listener: Accepting<S>, claim: Claim) {
    super(claim);
    this.#listener = listener;
  }

  protected override pollSlot(cx: Context): Poll<S> {
    return this.#listener.pollAccept(cx);
  }
}
