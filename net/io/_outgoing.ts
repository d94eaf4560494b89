import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { checkProgress } from "./_checks.ts";
import type { AsyncWrite } from "./async_write.ts";

const NOTHING = new Uint8Array(0);

/**
 * Bytes on their way to a sink. More may be added while some are under way;
 * those are left where they are, for the sink knows them by their place.
 */
export class Outgoing {
  readonly #sink: AsyncWrite;
  readonly #capacity: number;
  #buffer: Uint8Array = NOTHING;
  #start = 0;
  #end = 0;
  /** What was offered to the sink last, and not answered yet. */
  #offered: Uint8Array | null = null;

  /** @param capacity How large the buffer is made at first. */
  constructor(sink: AsyncWrite, capacity: number) {
    this.#sink = sink;
    this.#capacity = capacity;
  }

  /** How many bytes wait. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Room for `n` bytes behind those that wait, which counts as filled. */
  extend(n: number): Uint8Array {
    if (this.#end + n > this.#buffer.byteLength) this.#reserve(n);
    const room = this.#buffer.subarray(this.#end, this.#end + n);
    this.#end += n;
    return room;
  }

  /** Puts a copy of `bytes` behind those that wait. */
  append(bytes: Uint8Array): void {
    const size = bytes.byteLength;
    if (this.#end + size > this.#buffer.byteLength) this.#reserve(size);
    this.#buffer.set(bytes, this.#end);
    this.#end += size;
  }

  /** Takes the last bytes back, down to so many. */
  truncate(length: number): void {
    this.#end = this.#start + length;
  }

  #reserve(n: number): void {
    const { length } = this;
    let into = this.#buffer;
    // What is under way stays in place: the others move to a new buffer.
    if (this.#offered !== null || length + n > into.byteLength) {
      into = new Uint8Array(Math.max(this.#capacity, length + n, 2 * length));
    }
    into.set(this.#buffer.subarray(this.#start, this.#end));
    this.#buffer = into;
    this.#start = 0;
    this.#end = length;
  }

  /** Waits until the sink has taken all bytes. */
  pollDrain(cx: Context): Poll<void> {
    while (this.#start < this.#end) {
      const offered = this.#offered ??= this.#buffer.subarray(
        this.#start,
        this.#end,
      );
      const n = this.#sink.pollWrite(cx, offered);
      if (n === Pending) return Pending;
      this.#offered = null;
      checkProgress(this.#sink, n, offered.byteLength);
      this.#start += n;
    }
    this.#start = this.#end = 0;
  }
}
