import { proceed } from "../../future/budget.ts";
import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import type { Waker } from "../../future/waker.ts";
import { netError, netErrorFrom } from "../_classify.ts";
import type { NetError, NetPhase } from "../errors.ts";

/** What the end of a pipe is called in errors. */
export const ADDRESS = "duplex";

/**
 * One direction of a duplex: a ring of bytes, and who waits at either side.
 *
 *   open ---- shutdown ----> ended         the reader reads the rest, then null
 *     |  \                     |
 *     |   reader closes        | reader closes
 *     |    v                   v
 *     |   unread             unread        writing fails, nobody reads
 *     +-- reset --> reset                  what was under way is gone
 */
export class Pipe {
  #ring: Uint8Array;
  #start = 0;
  #length = 0;
  /** Whether the place of bytes that were taken may be written to. */
  #reusable = true;
  #at: "open" | "ended" | "unread" | "reset" = "open";
  #reader: Waker | null = null;
  #writer: Waker | null = null;

  constructor(capacity: number) {
    this.#ring = new Uint8Array(capacity);
  }

  /** The bytes up to the end of the ring, at least one; `null` at the end. */
  pollFill(cx: Context): Poll<Uint8Array | null> {
    if (this.#at === "reset") throw lost("read", "ConnectionReset");
    if (this.#length === 0) {
      if (this.#at === "ended") return null;
      if (this.#reader === null || !this.#reader.willWake(cx.waker)) {
        this.#reader = cx.waker;
      }
      return Pending;
    }
    if (!proceed(cx)) return Pending;
    const end = Math.min(this.#start + this.#length, this.#ring.byteLength);
    return this.#ring.subarray(this.#start, end);
  }

  consume(n: number): void {
    const shown = Math.min(this.#length, this.#ring.byteLength - this.#start);
    if (!(n >= 0 && n <= shown)) {
      throw new RangeError(
        `Cannot consume ${n} bytes: ${shown} are there`,
      );
    }
    if (n === 0) return;
    if (!this.#reusable) {
      this.#ring = this.#ring.slice();
      this.#reusable = true;
    }
    this.#length -= n;
    // From the beginning again, if it can be: one piece instead of two.
    this.#start = this.#length === 0
      ? 0
      : (this.#start + n) % this.#ring.byteLength;
    this.#wakeWriter();
  }

  pollWrite(cx: Context, bytes: Uint8Array): Poll<number> {
    this.#assertWritable("write");
    if (this.#at === "ended") {
      throw netError("write", ADDRESS, "the stream was shut down for writing");
    }
    if (bytes.byteLength === 0) return 0;
    const ring = this.#ring;
    const n = Math.min(bytes.byteLength, ring.byteLength - this.#length);
    if (n === 0) {
      if (this.#writer === null || !this.#writer.willWake(cx.waker)) {
        this.#writer = cx.waker;
      }
      return Pending;
    }
    if (!proceed(cx)) return Pending;
    const at = (this.#start + this.#length) % ring.byteLength;
    const first = Math.min(n, ring.byteLength - at);
    ring.set(bytes.subarray(0, first), at);
    if (first < n) ring.set(bytes.subarray(first, n));
    this.#length += n;
    this.#wakeReader();
    return n;
  }

  flush(): void {
    this.#assertWritable("write");
  }

  shutdown(): void {
    this.#assertWritable("shutdown");
    if (this.#at !== "open") return;
    this.#at = "ended";
    this.#wakeReader();
  }

  #assertWritable(phase: NetPhase): void {
    switch (this.#at) {
      case "unread":
        throw lost(phase, "BrokenPipe");
      case "reset":
        throw lost(phase, "ConnectionReset");
    }
  }

  /** The writer is gone: what it wrote is still to be read. */
  closeWriter(): void {
    this.#at = "ended";
    this.#wakeWriter();
    this.#wakeReader();
  }

  /** The reader is gone: what was written is gone with it. */
  closeReader(): void {
    this.#at = "unread";
    this.#empty();
  }

  reset(): void {
    this.#at = "reset";
    this.#empty();
  }

  #empty(): void {
    this.#length = 0;
    this.#start = 0;
    this.#wakeReader();
    this.#wakeWriter();
  }

  /** What `pollFill` gave is still being sent: its memory is left alone. */
  detach(): void {
    this.#reusable = false;
  }

  #wakeReader(): void {
    const waker = this.#reader;
    this.#reader = null;
    waker?.wake();
  }

  #wakeWriter(): void {
    const waker = this.#writer;
    this.#writer = null;
    waker?.wake();
  }
}

/** The same error as of a socket, for the same reason. */
function lost(
  phase: NetPhase,
  name: "BrokenPipe" | "ConnectionReset",
): NetError {
  const cause = Object.assign(new Error(name), { name });
  return netErrorFrom(phase, ADDRESS, cause);
}
