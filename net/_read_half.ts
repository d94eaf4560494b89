import { type Context, Pending, type Poll, proceed } from "../future/mod.ts";
import { netErrorFrom } from "./_classify.ts";
import { Operation } from "./_operation.ts";
import type { NetError } from "./errors.ts";
import type { RawStream } from "./network.ts";
import { formatAddr } from "./socket_addr.ts";

/** The other half, as far as it matters here: what a write has failed with. */
interface Writing {
  readonly error: NetError | null;
}

const SMALLEST = 16 * 1024;
const LARGEST = 256 * 1024;
/** So few bytes are copied sooner than a view of them is made. */
const FEW = 64;

/**
 * The reading half of a socket: one operation slot, and the buffer that its
 * bytes land in. The buffer is the stream's own, so that the bytes of a read
 * whose future was dropped are there for the next reader.
 *
 * It is made at the first read, and doubled whenever a read has filled it: an
 * idle connection holds little, and a fast one soon reads 256 KiB at a time.
 */
export class ReadHalf {
  readonly #raw: RawStream;
  readonly #operation = new Operation<number | null>();
  #buffer = new Uint8Array(0);
  #size = SMALLEST;
  /** What has arrived and was not consumed: from `start` to `end`. */
  #start = 0;
  #end = 0;
  /** How the stream ended, once it has. */
  #over: { error: NetError } | "end" | null = null;

  constructor(raw: RawStream) {
    this.#raw = raw;
  }

  /**
   * What has arrived, at least one byte; `null` at the end. The view is valid
   * until the next poll.
   */
  pollFill(cx: Context, writing: Writing): Poll<Uint8Array | null> {
    const n = this.#pollArrived(cx, writing);
    if (n === Pending || n === null) return n;
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Copies the beginning of what has arrived, and takes it. */
  pollRead(
    cx: Context,
    writing: Writing,
    into: Uint8Array,
  ): Poll<number | null> {
    const arrived = this.#pollArrived(cx, writing);
    if (arrived === Pending || arrived === null) return arrived;
    const n = Math.min(arrived, into.byteLength);
    const start = this.#start;
    this.#start += n;
    if (n <= FEW) {
      for (let i = 0; i < n; i++) into[i] = this.#buffer[start + i]!;
    } else {
      into.set(this.#buffer.subarray(start, start + n));
    }
    return n;
  }

  /** How many bytes there are to take, at least one; `null` at the end. */
  #pollArrived(cx: Context, writing: Writing): Poll<number | null> {
    while (this.#start === this.#end) {
      if (this.#over === "end") return null;
      if (this.#over !== null) throw this.#over.error;
      if (this.#operation.isIdle) this.#begin();
      const n = this.#pollOperation(cx);
      if (n === Pending) return Pending;
      if (n === null) this.#endOfStream(writing.error);
      else this.#arrived(n);
    }
    if (!proceed(cx)) return Pending;
    return this.#end - this.#start;
  }

  #begin(): void {
    if (this.#buffer.byteLength !== this.#size) {
      this.#buffer = new Uint8Array(this.#size);
    }
    this.#raw.read(this.#buffer, this.#operation.begin());
  }

  #pollOperation(cx: Context): Poll<number | null> {
    try {
      return this.#operation.poll(cx);
    } catch (cause) {
      const error = netErrorFrom(
        "read",
        formatAddr(this.#raw.remoteAddr),
        cause,
      );
      // The platform says it once, and then reports a clean end: it is kept.
      this.#over = { error };
      throw error;
    }
  }

  #arrived(n: number): void {
    this.#start = 0;
    this.#end = n;
    if (n === this.#size && n < LARGEST) this.#size *= 2;
  }

  /** After a write has failed, the platform's end of stream is no clean one. */
  #endOfStream(writeError: NetError | null): void {
    this.#over = writeError === null ? "end" : {
      error: netErrorFrom(
        "read",
        formatAddr(this.#raw.remoteAddr),
        writeError.cause,
      ),
    };
  }

  /** Takes `n` bytes from the beginning of what `pollFill` gave. */
  consume(n: number): void {
    if (!(n >= 0 && n <= this.#end - this.#start)) {
      throw new RangeError(
        `Cannot consume ${n} bytes: ${this.#end - this.#start} are there`,
      );
    }
    this.#start += n;
  }

  /**
   * What `pollFill` gave is still being sent: the bytes move, and their memory
   * is left alone.
   */
  detach(): void {
    if (this.#start === this.#end) return;
    this.#buffer = this.#buffer.slice();
  }

  close(): void {
    this.#operation.close();
    this.#buffer = new Uint8Array(0);
    this.#start = this.#end = 0;
  }
}
