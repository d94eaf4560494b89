import { proceed } from "../future/budget.ts";
import type { Context } from "../future/context.ts";
import { Pending, type Poll } from "../future/poll.ts";
import type { Waker } from "../future/waker.ts";
import { netError, netErrorFrom } from "./_classify.ts";
import { Operation } from "./_operation.ts";
import type { NetError } from "./errors.ts";
import type { RawSocket } from "./network.ts";
import { formatAddr, type SocketAddr } from "./socket_addr.ts";
import type { UnixAddr } from "./unix_addr.ts";

/** A constant of this module: V8 knows what it is, and of an import it does not. */
const pending: typeof Pending = Pending;

/** Stands for bytes under way whose write was dropped; no write has none. */
const ABANDONED = new Uint8Array(0);

/**
 * The writing half of a socket: one operation slot, and the bytes it is
 * sending. They are the caller's, not a copy.
 *
 * A write that is polled again is known by its bytes: the same place of the
 * same buffer, behind which there may be more by now. When others come, the
 * write before them was dropped; they wait until it has settled, so that two
 * writes never interleave, and only then start.
 */
export class WriteHalf {
  readonly #raw: RawSocket<SocketAddr | UnixAddr>;
  readonly #operation = new Operation<number>();
  readonly #shutdown = new Operation<void>();
  #sending: Uint8Array | null = null;
  #state: "open" | "shuttingDown" | "shutDown" = "open";
  #error: NetError | null = null;

  constructor(raw: RawSocket<SocketAddr | UnixAddr>) {
    this.#raw = raw;
  }

  /**
   * What a write has failed with, also one whose future was dropped meanwhile:
   * there is no going on after it.
   */
  get error(): NetError | null {
    const failure = this.#operation.takeFailure();
    if (failure !== null) this.#fail("write", failure.error);
    return this.#error;
  }

  pollWrite(cx: Context, bytes: Uint8Array): Poll<number> {
    if (bytes.byteLength === 0) return 0;
    for (;;) {
      this.#assertWorks();
      if (this.#state !== "open") {
        const address = formatAddr(this.#raw.remoteAddr);
        throw netError(
          "write",
          address,
          "the stream was shut down for writing",
        );
      }
      if (this.#sending === null) {
        this.#sending = bytes;
        const done = this.#operation.begin();
        try {
          this.#raw.write(bytes, done);
        } catch (error) {
          done.reject(error);
          continue;
        }
      }
      if (!this.#operation.isInFlight && !proceed(cx)) return Pending;
      const n = this.#operation.poll(cx);
      if (n === pending) return Pending;
      const ours = isBeginning(this.#sending, bytes);
      this.#sending = null;
      if (ours) return n;
    }
  }

  /**
   * The write of these bytes was dropped. If they come again, they are sent
   * again: their buffer may hold something else by then.
   */
  abandon(bytes: Uint8Array): void {
    if (this.#sending !== null && isSame(this.#sending, bytes)) {
      this.#sending = ABANDONED;
    }
  }

  #assertWorks(): void {
    const error = this.error;
    if (error !== null) throw error;
  }

  #fail(phase: "write" | "shutdown", cause: unknown): NetError {
    return this.#error = netErrorFrom(
      phase,
      formatAddr(this.#raw.remoteAddr),
      cause,
    );
  }

  /** Waits for the write in flight; its outcome stays for whoever polls it. */
  pollFlush(cx: Context): Poll<void> {
    this.#assertWorks();
    if (this.#operation.isInFlight) {
      this.#operation.keep(cx.waker);
      return Pending;
    }
  }

  pollShutdown(cx: Context): Poll<void> {
    for (;;) {
      switch (this.#state) {
        case "open":
          if (this.pollFlush(cx) === pending) return Pending;
          this.#state = "shuttingDown";
          this.#beginShutdown();
          continue;
        case "shuttingDown":
          try {
            if (this.#shutdown.poll(cx) === pending) return Pending;
          } catch (cause) {
            this.#state = "shutDown";
            throw this.#fail("shutdown", cause);
          }
          this.#state = "shutDown";
          return;
        case "shutDown":
          return this.#assertWorks();
        default:
          return this.#state satisfies never;
      }
    }
  }

  #beginShutdown(): void {
    const done = this.#shutdown.begin();
    try {
      this.#raw.closeWrite(done);
    } catch (error) {
      done.reject(error);
    }
  }

  /** Whoever waited with this waker was dropped. */
  forget(waker: Waker): void {
    this.#operation.forget(waker);
    this.#shutdown.forget(waker);
  }

  /** Whether nothing is under way, and nothing was ended. */
  get isQuiet(): boolean {
    return this.#state === "open" && this.#sending === null;
  }

  close(): void {
    this.#operation.close();
    this.#shutdown.close();
    this.#sending = null;
  }
}

/** The same place of the same buffer, and perhaps more after it. */
function isBeginning(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || // as a rule, and cheaper to see
    (a.buffer === b.buffer && a.byteOffset === b.byteOffset &&
      a.byteLength <= b.byteLength);
}

/** The same place of the same buffer, though perhaps another view of it. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.buffer === b.buffer && a.byteOffset === b.byteOffset &&
    a.byteLength === b.byteLength;
}
