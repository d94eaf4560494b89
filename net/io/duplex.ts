import type { Context } from "../../future/context.ts";
import type { Future } from "../../future/future.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { netError } from "../_classify.ts";
import type { NetPhase } from "../errors.ts";
import { checkSize } from "./_checks.ts";
import { ADDRESS, Pipe } from "./_pipe.ts";
import { setSides, sidesOf } from "./_sides.ts";
import type { AsyncBufRead } from "./async_buf_read.ts";
import type { AsyncWrite } from "./async_write.ts";
import { read } from "./read.ts";
import { shutdownWriter, writeAll } from "./write_all.ts";

/**
 * One end of a connection in memory, as {@linkcode duplex} makes it. It behaves
 * as a socket does, with the same errors, so that what is written over sockets
 * can be tried over it.
 */
export class DuplexStream implements AsyncBufRead, AsyncWrite, Disposable {
  readonly #incoming: Pipe;
  readonly #outgoing: Pipe;
  #state: "open" | "closed" = "open";

  private constructor(incoming: Pipe, outgoing: Pipe) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    setSides(this, { ...sidesOf(this), detach: () => this.#incoming.detach() });
  }

  /**
   * Copies the next bytes into `into`.
   *
   * @param cx Whose waker is called when bytes arrive.
   * @param into Where the bytes go; only its beginning is written to.
   * @returns How many bytes; 0 only if `into` is empty; `null` at the end.
   * @throws {ConnectionLost} If the peer has reset the connection.
   * @throws {NetError} If this end is closed.
   */
  pollRead(cx: Context, into: Uint8Array): Poll<number | null> {
    this.#assertOpen("read");
    if (into.byteLength === 0) return 0;
    const bytes = this.#incoming.pollFill(cx);
    if (bytes === Pending || bytes === null) return bytes;
    const n = Math.min(bytes.byteLength, into.byteLength);
    into.set(bytes.subarray(0, n));
    this.#incoming.consume(n);
    return n;
  }

  /**
   * Shows the bytes that are there, as
   * {@linkcode AsyncBufRead.pollFillBuf} says.
   *
   * @param cx Whose waker is called when bytes arrive.
   * @returns At least one byte; `null` at the end.
   * @throws {ConnectionLost} If the peer has reset the connection.
   * @throws {NetError} If this end is closed.
   */
  pollFillBuf(cx: Context): Poll<Uint8Array | null> {
    this.#assertOpen("read");
    return this.#incoming.pollFill(cx);
  }

  /**
   * Takes bytes that {@linkcode DuplexStream.pollFillBuf} has shown.
   *
   * @param n How many, from the beginning.
   * @throws {RangeError} If that many are not there.
   */
  consume(n: number): void {
    this.#incoming.consume(n);
  }

  /**
   * Takes as many bytes as there is room for; a copy.
   *
   * @param cx Whose waker is called when there is room.
   * @param bytes What to write.
   * @returns How many bytes were taken; 0 only if `bytes` is empty.
   * @throws {ConnectionLost} If the peer has closed or reset the connection.
   * @throws {NetError} If this end is closed or was shut down.
   */
  pollWrite(cx: Context, bytes: Uint8Array): Poll<number> {
    this.#assertOpen("write");
    return this.#outgoing.pollWrite(cx, bytes);
  }

  /**
   * Is ready at once: what was taken is with the peer.
   *
   * @throws {ConnectionLost} If the peer has closed or reset the connection.
   * @throws {NetError} If this end is closed.
   */
  pollFlush(_cx: Context): Poll<void> {
    this.#assertOpen("write");
    this.#outgoing.flush();
  }

  /**
   * Ends the stream towards the peer, who reads the rest and then `null`.
   * Reading goes on. Doing it twice is doing it once.
   *
   * @throws {ConnectionLost} If the peer has closed or reset the connection.
   * @throws {NetError} If this end is closed.
   */
  pollShutdown(_cx: Context): Poll<void> {
    this.#assertOpen("shutdown");
    this.#outgoing.shutdown();
  }

  /**
   * Reads some bytes.
   *
   * Cancel safety: safe: dropped, it has taken nothing.
   *
   * @param into Where the bytes go; only its beginning is written to.
   * @returns A future of how many; `null` at the end.
   */
  read(into: Uint8Array): Future<number | null> {
    return read(this, into);
  }

  /**
   * Writes all of `bytes`.
   *
   * Cancel safety: loses data: dropped, any part of them may have been written.
   *
   * @param bytes What to write.
   * @returns A future.
   */
  writeAll(bytes: Uint8Array): Future<void> {
    return writeAll(this, bytes);
  }

  /**
   * Ends the stream towards the peer.
   *
   * Cancel safety: safe: made again, it goes on.
   *
   * @returns A future.
   */
  shutdown(): Future<void> {
    return shutdownWriter(this);
  }

  /**
   * Closes this end, whoever waits for it fails. The peer reads what was written
   * before, then `null`; when it writes, it gets a `ConnectionLost`. Idempotent.
   */
  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#incoming.closeReader();
    this.#outgoing.closeWriter();
  }

  /**
   * Closes this end as a crash would: what the peer has not read is gone, and it
   * gets a `ConnectionLost` from whatever it does. Does nothing when closed.
   */
  reset(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#incoming.reset();
    this.#outgoing.reset();
  }

  /** Closes this end. */
  [Symbol.dispose](): void {
    this.close();
  }

  #assertOpen(phase: NetPhase): void {
    if (this.#state === "open") return;
    throw netError(phase, ADDRESS, "the stream was closed on this side");
  }
}

// Only `duplex` makes ends, whose constructor is private.
const End = DuplexStream as unknown as new (
  incoming: Pipe,
  outgoing: Pipe,
) => DuplexStream;

/**
 * Makes a connection in memory: what one end writes the other reads. It needs no
 * permission, no host and no clock: for tests, and between two parts of a
 * program. Mirrors `tokio::io::duplex`.
 *
 * @param capacity How many bytes may be under way in each direction; a writer
 * waits when there is no room: backpressure.
 * @returns The two ends.
 * @throws {RangeError} If `capacity` is no whole number of at least 1.
 *
 * @example Usage
 * ```ts
 * import { duplex, readToEnd } from "@pollen/futures/io";
 * import { co, join } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(64);
 * const talk = co(function* () {
 *   yield* a.writeAll(new TextEncoder().encode("hello"));
 *   yield* a.shutdown();
 * });
 * const [, heard] = await run(join([talk, readToEnd(b)]));
 * assertEquals(new TextDecoder().decode(heard), "hello");
 * ```
 */
export function duplex(capacity: number): [DuplexStream, DuplexStream] {
  checkSize("make a duplex", "its capacity", capacity, 1);
  const there = new Pipe(capacity);
  const back = new Pipe(capacity);
  return [new End(back, there), new End(there, back)];
}
