import { proceed } from "../future/budget.ts";
import type { Context } from "../future/context.ts";
import { Pending, type Poll } from "../future/poll.ts";
import type { Waker } from "../future/waker.ts";
import { netErrorFrom } from "./_classify.ts";
import { Operation } from "./_operation.ts";
import type { NetError } from "./errors.ts";
import type { RawSocket } from "./network.ts";
import { formatAddr, type SocketAddr } from "./socket_addr.ts";
import type { UnixAddr } from "./unix_addr.ts";

/** A constant of this module: V8 knows what it is, and of an import it does not. */
const pending: typeof Pending = Pending;

/** The other half, as far as it matters here: what a write has failed with. */
interface Writing {
  readonly error: NetError | null;
}

const SMALLEST = 4 * 1024;
const LARGEST = 256 * 1024;
/** So few bytes are copied sooner than a view of them is made. */
const FEW = 64;
const STEP = 4;
/** How many reads that bring little make the buffer smaller: at first, at most. */
const IMPATIENT = 2;
const PATIENT = 64;
const NOTHING = new Uint8Array(0);

/**
 * The reading half of a socket: one operation slot, and the buffer that its
 * bytes land in. The buffer is the stream's own, so that the bytes of a read
 * whose future was dropped are there for the next reader.
 *
 * It is made at the first read. A read that fills it makes the next one four
 * times as large; two in a row that leave three quarters of it empty make it
 * smaller again. If that was too soon, it takes twice as many from then on: where
 * a server and its client keep pace, much and little come by turns, and new memory
 * costs more than what is read into it. So a connection that waits holds 4 KiB,
 * and a fast one soon reads 256 KiB at a time. A read that is begun while the
 * stream does not hold the process is taken for one that waits: its buffer is the
 * smallest, whatever went before. Whoever knows where the next bytes belong lends
 * that memory, and they land there; the read is the stream's all the same.
 */
export class ReadHalf {
  readonly #raw: RawSocket<SocketAddr | UnixAddr>;
  readonly #operation = new Operation<number | null>();
  /** Its own memory. */
  #buffer = NOTHING;
  /** Where the last read went: to its own memory, or to some that was lent. */
  #landing: Uint8Array = NOTHING;
  /**
   * The view that was made last, from `viewStart` to `viewEnd`: as a rule the
   * next one is the same, a full buffer or a message as long as the one before.
   */
  #view: Uint8Array = NOTHING;
  #viewStart = 0;
  #viewEnd = 0;
  #size = SMALLEST;
  /** How many reads in a row have left most of the buffer empty. */
  #small = 0;
  /** How many of those make it smaller. */
  #patience = IMPATIENT;
  /** Whether it was made smaller, and was large enough since. */
  #shrunk = false;
  /** Whether it is taken for idle; see above. */
  #idle = false;
  /** Whether the next read may have the same buffer. */
  #reusable = true;
  /** What has arrived and was not consumed: from `start` to `end`. */
  #start = 0;
  #end = 0;
  /** How the stream ended, once it has. */
  #over: { error: NetError } | "end" | null = null;

  constructor(raw: RawSocket<SocketAddr | UnixAddr>) {
    this.#raw = raw;
  }

  /**
   * What has arrived, at least one byte; `null` at the end. The view is valid
   * until the next poll.
   *
   * @param room Memory that a read which begins now may fill, instead of the
   * stream's own. What an earlier one brings is where that has put it.
   */
  pollFill(
    cx: Context,
    writing: Writing,
    room: Uint8Array | null = null,
  ): Poll<Uint8Array | null> {
    const n = this.#pollArrived(cx, writing, room);
    if (n === pending || n === null) return n;
    return this.#viewOf(this.#start, this.#end);
  }

  /** The bytes between two places of where they have landed. */
  #viewOf(start: number, end: number): Uint8Array {
    if (start !== this.#viewStart || end !== this.#viewEnd) {
      this.#view = this.#landing.subarray(start, end);
      this.#viewStart = start;
      this.#viewEnd = end;
    }
    return this.#view;
  }

  #landIn(memory: Uint8Array): void {
    if (memory === this.#landing) return;
    this.#landing = this.#view = memory;
    this.#viewStart = 0;
    this.#viewEnd = memory.byteLength;
  }

  /** Copies the beginning of what has arrived, and takes it. */
  pollRead(
    cx: Context,
    writing: Writing,
    into: Uint8Array,
  ): Poll<number | null> {
    const arrived = this.#pollArrived(cx, writing, null);
    if (arrived === pending || arrived === null) return arrived;
    const n = Math.min(arrived, into.byteLength);
    const start = this.#start;
    this.#start += n;
    if (n <= FEW) {
      for (let i = 0; i < n; i++) into[i] = this.#landing[start + i]!;
    } else {
      into.set(this.#viewOf(start, start + n));
    }
    return n;
  }

  /** How many bytes there are to take, at least one; `null` at the end. */
  #pollArrived(
    cx: Context,
    writing: Writing,
    room: Uint8Array | null,
  ): Poll<number | null> {
    while (this.#start === this.#end) {
      if (this.#over === "end") return null;
      if (this.#over !== null) throw this.#over.error;
      if (this.#operation.isIdle) this.#begin(room);
      const n = this.#pollOperation(cx);
      if (n === pending) return Pending;
      if (n === null) this.#endOfStream(writing.error);
      else this.#arrived(n);
    }
    if (!proceed(cx)) return Pending;
    return this.#end - this.#start;
  }

  /** Whether bytes are there, or a read is under way that may bring some. */
  get isQuiet(): boolean {
    return this.#operation.isIdle && this.#start === this.#end;
  }

  set idle(idle: boolean) {
    this.#idle = idle;
  }

  #begin(room: Uint8Array | null): void {
    this.#landIn(room ?? this.#own());
    const done = this.#operation.begin();
    try {
      this.#raw.read(this.#landing, done);
    } catch (error) {
      done.reject(error);
    }
  }

  #own(): Uint8Array {
    if (this.#idle) {
      this.#size = SMALLEST;
      this.#shrunk = false;
    }
    if (!this.#reusable || this.#buffer.byteLength !== this.#size) {
      this.#buffer = new Uint8Array(this.#size);
      this.#reusable = true;
    }
    return this.#buffer;
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
      this.#release();
      throw error;
    }
  }

  #arrived(n: number): void {
    this.#start = 0;
    this.#end = n;
    if (this.#landing !== this.#buffer) return;
    if (n === this.#size) this.#grow();
    if (n >= this.#size / STEP) this.#small = 0;
    else if (++this.#small >= this.#patience) this.#shrink();
  }

  #grow(): void {
    if (this.#size === LARGEST) return;
    this.#size *= STEP;
    if (!this.#shrunk) return;
    this.#shrunk = false;
    this.#patience = Math.min(this.#patience * 2, PATIENT);
  }

  #shrink(): void {
    if (this.#size === SMALLEST) return;
    this.#size /= STEP;
    this.#shrunk = true;
  }

  /** After a write has failed, the platform's end of stream is no clean one. */
  #endOfStream(writeError: NetError | null): void {
    this.#release();
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
    // Memory that was lent is not kept from being collected; before there were
    // bytes to take, it may be waiting for them.
    if (n > 0 && this.#start === this.#end) this.#landIn(this.#buffer);
  }

  /** What `pollFill` gave is still being sent: the next read has other memory. */
  detach(): void {
    if (this.#start < this.#end) this.#reusable = false;
  }

  /** Whoever waited with this waker was dropped. */
  forget(waker: Waker): void {
    this.#operation.forget(waker);
  }

  close(): void {
    this.#operation.close();
    this.#release();
    this.#start = this.#end = 0;
  }

  #release(): void {
    this.#buffer = NOTHING;
    this.#landIn(NOTHING);
  }
}
