import { type Context, Pending, type Poll, proceed } from "../future/mod.ts";
import { netErrorFrom } from "./_classify.ts";
import { Operation } from "./_operation.ts";
import type { NetError } from "./errors.ts";
import type { RawStream } from "./network.ts";
import { formatAddr } from "./socket_addr.ts";

/**
 * The writing half of a socket: one operation slot, and the bytes it is
 * sending. They are the caller's, not a copy.
 *
 * A write that is polled again is known by its bytes: the same place of the
 * same buffer. When others come, the write before them was dropped; they wait
 * until it has settled, so that two writes never interleave, and only then
 * start.
 */
export class WriteHalf {
  readonly #raw: RawStream;
  readonly #operation = new Operation<number>();
  readonly #shutdown = new Operation<void>();
  #sending: Uint8Array | null = null;
  #state: "open" | "shuttingDown" | "shutDown" = "open";
  #error: NetError | null = null;

  constructor(raw: RawStream) {
    this.#raw = raw;
  }

  /** What a write has failed with: there is no going on after it. */
  get error(): NetError | null {
    return this.#error;
  }

  pollWrite(cx: Context, bytes: Uint8Array): Poll<number> {
    if (bytes.byteLength === 0) return 0;
    for (;;) {
      if (this.#error !== null) throw this.#error;
      if (this.#state !== "open") {
        throw netErrorFrom(
          "write",
          formatAddr(this.#raw.remoteAddr),
          new Error("the stream was shut down for writing"),
        );
      }
      if (this.#sending === null) {
        this.#sending = bytes;
        this.#raw.write(bytes, this.#operation.begin());
      }
      if (!this.#operation.isInFlight && !proceed(cx)) return Pending;
      const ours = isSame(this.#sending, bytes);
      const n = this.#pollOperation(cx);
      if (n === Pending) return Pending;
      if (ours) return n;
    }
  }

  #pollOperation(cx: Context): Poll<number> {
    let n: Poll<number>;
    try {
      n = this.#operation.poll(cx);
    } catch (cause) {
      this.#sending = null;
      throw this.#fail("write", cause);
    }
    if (n !== Pending) this.#sending = null;
    return n;
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
    if (this.#error !== null) throw this.#error;
    if (this.#operation.isInFlight) {
      this.#operation.keep(cx.waker);
      return Pending;
    }
  }

  pollShutdown(cx: Context): Poll<void> {
    for (;;) {
      switch (this.#state) {
        case "open":
          if (this.pollFlush(cx) === Pending) return Pending;
          this.#state = "shuttingDown";
          this.#raw.closeWrite(this.#shutdown.begin());
          continue;
        case "shuttingDown":
          try {
            if (this.#shutdown.poll(cx) === Pending) return Pending;
          } catch (cause) {
            this.#state = "shutDown";
            throw this.#fail("shutdown", cause);
          }
          this.#state = "shutDown";
          return;
        case "shutDown":
          if (this.#error !== null) throw this.#error;
          return;
        default:
          return this.#state satisfies never;
      }
    }
  }

  close(): void {
    this.#operation.close();
    this.#shutdown.close();
    this.#sending = null;
  }
}

/** The same place of the same buffer, though perhaps another view of it. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.buffer === b.buffer && a.byteOffset === b.byteOffset &&
    a.byteLength === b.byteLength;
}
