import { checkNames } from "../../future/_option_names.ts";
import type { Context } from "../../future/context.ts";
import type { Future } from "../../future/future.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { checkBytes, checkSink, checkSize } from "./_checks.ts";
import { Outgoing } from "./_outgoing.ts";
import { setSides, type Sides, sidesOf } from "./_sides.ts";
import type { AsyncWrite } from "./async_write.ts";
import { FlushWriter, ShutdownWriter, WriteAll } from "./_write_futures.ts";

/** How a {@linkcode BufWriter} buffers. */
export interface BufWriterOptions {
  /** How many bytes it gathers at most: 16 KiB by default. */
  capacity?: number;
}

const CAPACITY = 16 * 1024;

/**
 * Gathers small writes, and hands them on together. Mirrors
 * `tokio::io::BufWriter`.
 *
 * Small bytes are copied: they are yours again at once. What does not fit is
 * handed on first; what is larger than the whole buffer goes to the sink as it
 * is, without a copy. Nothing is handed on by itself before that: flush when you
 * want an answer, and before you drop it.
 *
 * The sink is the writer's from now on. Dropping the writer drops the sink, if
 * it can be, and what was not flushed is lost.
 *
 * @typeParam W The sink.
 *
 * @example Usage
 * ```ts
 * import { BufWriter, duplex } from "@pollen/futures/io";
 * import { co } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(64);
 * await run(co(function* () {
 *   using writer = new BufWriter(a);
 *   for (const n of [1, 2, 3]) yield* writer.writeAll(new Uint8Array([n]));
 *   assertEquals(writer.buffered, 3);
 *   yield* writer.flush();
 *   assertEquals(yield* b.read(new Uint8Array(8)), 3); // at once
 * }));
 * ```
 */
export class BufWriter<W extends AsyncWrite = AsyncWrite>
  implements AsyncWrite, Disposable {
  /** What it writes to. */
  readonly sink: W;
  readonly #capacity: number;
  readonly #outgoing: Outgoing;
  readonly #sides: Sides;

  /**
   * Makes a writer.
   *
   * @param sink Where to write.
   * @param options The size of the buffer.
   * @throws {TypeError} If `sink` cannot be written to.
   * @throws {RangeError} If `capacity` is no whole number of at least 1.
   */
  constructor(sink: W, options: BufWriterOptions = {}) {
    checkNames(options, { capacity: true });
    const { capacity = CAPACITY } = options;
    checkSink("buffer", sink);
    checkSize("make a BufWriter", "its capacity", capacity, 1);
    this.sink = sink;
    this.#capacity = capacity;
    this.#outgoing = new Outgoing(sink, capacity);
    this.#sides = sidesOf(sink);
    setSides(this, this.#sides);
  }

  /** How many bytes wait to be handed on. */
  get buffered(): number {
    return this.#outgoing.length;
  }

  /**
   * Takes bytes from the beginning of `bytes`: a copy of all of them if they fit.
   *
   * @param cx Whose waker is called when there is progress.
   * @param bytes What to write.
   * @returns How many bytes were taken; 0 only if `bytes` is empty.
   * @throws What the sink fails with.
   */
  pollWrite(cx: Context, bytes: Uint8Array): Poll<number> {
    const size = bytes.byteLength;
    const outgoing = this.#outgoing;
    if (outgoing.length + size > this.#capacity) {
      if (outgoing.pollDrain(cx) === Pending) return Pending;
      if (size > this.#capacity) return this.sink.pollWrite(cx, bytes);
    }
    outgoing.append(bytes);
    return size;
  }

  /**
   * Hands on what was gathered, and flushes the sink.
   *
   * @param cx Whose waker is called when there is progress.
   * @throws What the sink fails with.
   */
  pollFlush(cx: Context): Poll<void> {
    if (this.#outgoing.pollDrain(cx) === Pending) return Pending;
    return this.sink.pollFlush(cx);
  }

  /**
   * Hands on what was gathered, and shuts the sink down.
   *
   * @param cx Whose waker is called when there is progress.
   * @throws What the sink fails with.
   */
  pollShutdown(cx: Context): Poll<void> {
    if (this.#outgoing.pollDrain(cx) === Pending) return Pending;
    return this.sink.pollShutdown(cx);
  }

  /**
   * Takes all of `bytes`, and hands them on if there is no room.
   *
   * Cancel safety: loses data: dropped, any part of them may have been taken. A
   * write that fits takes all of them at its first poll.
   *
   * @param bytes What to write.
   * @returns A future.
   * @throws {TypeError} If `bytes` is no `Uint8Array`.
   */
  writeAll(bytes: Uint8Array): Future<void> {
    checkBytes("write", bytes);
    return new WriteAll(this, this.#sides, bytes);
  }

  /**
   * Hands on what was gathered, and flushes the sink.
   *
   * Cancel safety: safe: made again, it goes on.
   *
   * @returns A future.
   */
  flush(): Future<void> {
    return new FlushWriter(this, this.#sides);
  }

  /**
   * Hands on what was gathered, and shuts the sink down.
   *
   * Cancel safety: safe: made again, it goes on.
   *
   * @returns A future.
   */
  shutdown(): Future<void> {
    return new ShutdownWriter(this, this.#sides);
  }

  /** Drops the sink, if it can be; what was not flushed is lost. */
  [Symbol.dispose](): void {
    (this.sink as Partial<Disposable>)[Symbol.dispose]?.();
  }
}
