import type { Context } from "../future/context.ts";
import { type Future, nameOf } from "../future/future.ts";
import type { Poll } from "../future/poll.ts";
import { Claim } from "./_claim.ts";
import { netError } from "./_classify.ts";
import { ledger } from "./_ledger.ts";
import { ReadHalf } from "./_read_half.ts";
import { Flush, Read, Shutdown, Write, WriteAll } from "./_slot_futures.ts";
import { WriteHalf } from "./_write_half.ts";
import type { ByteStream } from "./byte_stream.ts";
import type { NetPhase } from "./errors.ts";
import { setSides } from "./io/_sides.ts";
import type { RawSocket } from "./network.ts";
import { formatAddr, type SocketAddr } from "./socket_addr.ts";
import type { UnixAddr } from "./unix_addr.ts";

/**
 * What all streams over sockets have in common.
 *
 * The operating system's reads complete and cannot be recalled, so they belong
 * to the stream: a read that was dropped loses no byte, the next one gets it.
 * Writes send the caller's bytes without a copy.
 *
 * One future at a time reads, and one writes; a second one fails and leaves the
 * first alone. Reading and writing go on beside each other. Hold the stream
 * with `using`, so that it is closed whatever happens.
 *
 * @typeParam A What its addresses are.
 */
export abstract class SocketStream<
  A extends SocketAddr | UnixAddr = SocketAddr | UnixAddr,
> implements ByteStream<A> {
  readonly #raw: RawSocket<A>;
  readonly #reading: ReadHalf;
  readonly #writing: WriteHalf;
  readonly #readClaim: Claim;
  readonly #writeClaim: Claim;
  #state: "open" | "closed" | "taken" = "open";

  /** Makes a stream of a socket that is connected; its subclasses do. */
  protected constructor(raw: RawSocket<A>) {
    this.#raw = raw;
    this.#reading = new ReadHalf(raw);
    this.#writing = new WriteHalf(raw);
    const address = () => formatAddr(raw.remoteAddr);
    this.#readClaim = new Claim(
      "read",
      address,
      (waker) => this.#reading.forget(waker),
    );
    this.#writeClaim = new Claim(
      "write",
      address,
      (waker) => this.#writing.forget(waker),
    );
    setSides(this, {
      reading: this.#readClaim,
      writing: this.#writeClaim,
      abandon: this.#abandon,
      detach: () => this.#reading.detach(),
    });
    ledger.streams++;
  }

  /** For `takeFrom` below: by brackets, past `private`. */
  private static takeFrom(stream: SocketStream): void {
    stream.#take();
  }

  /** For `pollFillInto` below. */
  private static pollFill(
    stream: ByteStream,
    cx: Context,
    room: Uint8Array | null,
  ): Poll<Uint8Array | null> {
    if (!(#reading in stream)) return stream.pollFillBuf(cx);
    stream.assertOpen("read");
    return stream.#reading.pollFill(cx, stream.#writing, room);
  }

  /** This end of the connection. */
  get localAddr(): A {
    return this.#raw.localAddr;
  }

  /** The peer's end of the connection. */
  get remoteAddr(): A {
    return this.#raw.remoteAddr;
  }

  /**
   * Copies the next bytes into `into`.
   *
   * @param cx Whose waker is called when bytes arrive.
   * @param into Where the bytes go; only its beginning is written to.
   * @returns How many bytes; 0 only if `into` is empty; `null` at the end.
   * @throws {ConnectionLost} If the connection broke, now and ever after.
   * @throws {NetError} If the stream is closed.
   */
  pollRead(cx: Context, into: Uint8Array): Poll<number | null> {
    this.assertOpen("read");
    if (into.byteLength === 0) return 0;
    return this.#reading.pollRead(cx, this.#writing, into);
  }

  /**
   * Gives a view of the bytes that have arrived, without copying them; they
   * stay until {@linkcode SocketStream.consume} takes them. Mirrors
   * `AsyncBufRead::poll_fill_buf`.
   *
   * @param cx Whose waker is called when bytes arrive.
   * @returns At least one byte, in the stream's own buffer, valid until the
   * next poll of a read; `null` at the end.
   * @throws {ConnectionLost} If the connection broke, now and ever after.
   * @throws {NetError} If the stream is closed.
   */
  pollFillBuf(cx: Context): Poll<Uint8Array | null> {
    this.assertOpen("read");
    return this.#reading.pollFill(cx, this.#writing);
  }

  /**
   * Takes bytes that {@linkcode SocketStream.pollFillBuf} gave.
   *
   * @param n How many, from the beginning.
   * @throws {RangeError} If that many are not there.
   */
  consume(n: number): void {
    this.#reading.consume(n);
  }

  /**
   * Sends bytes from the beginning of `bytes`, as many as the system takes.
   *
   * They are not copied. After `Pending` they are under way: poll again with the
   * same bytes, and change them only when the write is done. If other bytes
   * come instead, they wait until those before have been sent as far as they go.
   *
   * @param cx Whose waker is called when there is progress.
   * @param bytes What to send.
   * @returns How many bytes were sent; 0 only if `bytes` is empty.
   * @throws {ConnectionLost} If the connection broke, now and ever after.
   * @throws {NetError} If the stream is closed or was shut down.
   */
  pollWrite(cx: Context, bytes: Uint8Array): Poll<number> {
    this.assertOpen("write");
    return this.#writing.pollWrite(cx, bytes);
  }

  /**
   * Waits until no write is under way.
   *
   * @throws {ConnectionLost} If the connection broke.
   * @throws {NetError} If the stream is closed.
   */
  pollFlush(cx: Context): Poll<void> {
    this.assertOpen("write");
    return this.#writing.pollFlush(cx);
  }

  /**
   * Waits until no write is under way, then ends the stream towards the peer,
   * who reads `null`. Reading goes on. Doing it twice is doing it once.
   *
   * @throws {ConnectionLost} If the connection broke.
   * @throws {NetError} If the stream is closed.
   */
  pollShutdown(cx: Context): Poll<void> {
    this.assertOpen("shutdown");
    return this.#writing.pollShutdown(cx);
  }

  /**
   * Reads some bytes.
   *
   * Cancel safety: safe: dropped, it has taken nothing.
   *
   * @param into Where the bytes go; only its beginning is written to.
   * @returns A future of how many; `null` at the end. It fails with a
   * `ConnectionLost`, or with a `NetError` if another read is waiting or the
   * stream is closed.
   * @throws {TypeError} If `into` is no `Uint8Array`.
   */
  read(into: Uint8Array): Future<number | null> {
    checkBytes("read into", into);
    return new Read(this, into, this.#readClaim);
  }

  /**
   * Sends some of `bytes` from their beginning, without a copy: do not change
   * them before it is done. To send all of them, use
   * {@linkcode SocketStream.writeAll}.
   *
   * Cancel safety: loses data: dropped, some of the bytes may have been sent and
   * it is not told how many; see {@linkcode SocketStream.writeAll}.
   *
   * @param bytes What to send.
   * @returns A future of how many were sent. It fails with a `ConnectionLost`,
   * or with a `NetError` if another write is waiting or the stream is closed.
   * @throws {TypeError} If `bytes` is no `Uint8Array`.
   */
  write(bytes: Uint8Array): Future<number> {
    checkBytes("write", bytes);
    return new Write(this, bytes, this.#abandon, this.#writeClaim);
  }

  /**
   * Sends all of `bytes`, without a copy: do not change them before it is done.
   *
   * Cancel safety: loses data: dropped, any part of them may have been sent, and
   * what is under way still goes out, so leave the bytes alone until
   * {@linkcode SocketStream.flush} is done. A write that follows never gets in
   * between, and sends its bytes from the beginning, but the peer may see half a
   * message before it; as a rule, close the stream.
   *
   * @param bytes What to send.
   * @returns A future. It fails with a `ConnectionLost`, or with a `NetError` if
   * another write is waiting or the stream is closed.
   * @throws {TypeError} If `bytes` is no `Uint8Array`.
   */
  writeAll(bytes: Uint8Array): Future<void> {
    checkBytes("write", bytes);
    return new WriteAll(this, bytes, this.#abandon, this.#writeClaim);
  }

  /**
   * Waits until no write is under way, for example one whose future was dropped.
   *
   * Cancel safety: safe: made again, it goes on.
   *
   * @returns A future. It fails with a `ConnectionLost`, or with a `NetError` if
   * a write is waiting or the stream is closed.
   */
  flush(): Future<void> {
    return new Flush(this, this.#writeClaim);
  }

  /**
   * Ends the stream towards the peer, after the write under way.
   *
   * Cancel safety: safe: made again, it goes on.
   *
   * @returns A future. It fails with a `ConnectionLost`, or with a `NetError` if
   * a write is waiting or the stream is closed.
   */
  shutdown(): Future<void> {
    return new Shutdown(this, this.#writeClaim);
  }

  /**
   * From now on a read that waits keeps the process alive: the default.
   *
   * @throws {NetError} If the stream is closed.
   */
  ref(): void {
    this.assertOpen("read");
    this.#reading.idle = false;
    this.#raw.ref?.();
  }

  /**
   * From now on a read that waits does not keep the process alive: for a
   * connection that is kept in case it is needed. A read that begins now takes
   * the smallest buffer. Writes keep the process alive all the same.
   *
   * @throws {NetError} If the stream is closed.
   */
  unref(): void {
    this.assertOpen("read");
    this.#reading.idle = true;
    this.#raw.unref?.();
  }

  /** Closes the socket. Whoever waits for it is woken, and fails. Idempotent. */
  close(): void {
    if (this.#state !== "open") return;
    this.#leave("closed");
    this.#raw.close();
    this.#reading.close();
    this.#writing.close();
  }

  /** Closes the socket. */
  [Symbol.dispose](): void {
    this.close();
  }

  #leave(state: "closed" | "taken"): void {
    this.#state = state;
    ledger.streams--;
  }

  /** Bound once: each write hands it on. */
  readonly #abandon = (unsent: Uint8Array): void =>
    this.#writing.abandon(unsent);

  /**
   * The socket goes to TLS. A read in flight would take the first bytes of the
   * handshake, and bytes that came before it may be an attacker's, who put them
   * there for us to take for the peer's encrypted ones.
   */
  #take(): void {
    this.assertOpen("handshake");
    const { error } = this.#writing;
    if (error !== null) throw error;
    const address = formatAddr(this.remoteAddr);
    if (!this.#reading.isQuiet) {
      const why = "a read is under way, or what it has read is not consumed";
      throw netError("handshake", address, why);
    }
    if (!this.#writing.isQuiet) {
      const why = "a write is under way, or the stream was shut down";
      throw netError("handshake", address, why);
    }
    this.#leave("taken");
    this.#reading.close();
    this.#writing.close();
  }

  /**
   * What every method asks first.
   *
   * @param phase What was to be done.
   * @throws {NetError} If the stream was closed, or handed over.
   */
  protected assertOpen(phase: NetPhase): void {
    if (this.#state === "open") return;
    const why = this.#state === "closed"
      ? "the stream was closed on this side"
      : "the stream was handed over to TLS";
    throw netError(phase, formatAddr(this.remoteAddr), why);
  }
}

function checkBytes(what: string, bytes: unknown): void {
  if (bytes instanceof Uint8Array) return;
  throw new TypeError(
    `Cannot ${what} ${nameOf(bytes)}: it must be a Uint8Array`,
  );
}

/**
 * Ends a stream without closing its socket, which somebody else takes over.
 *
 * @throws {NetError} If the stream is closed, or in use.
 */
export function takeFrom(stream: SocketStream): void {
  SocketStream["takeFrom"](stream); // TLS alone does this
}

/**
 * Does what `pollFillBuf` does. If that begins a read, its bytes may land in
 * `room`, which is the stream's until they have come, even if nobody waits for
 * them any more; all others are where they have landed before.
 */
export function pollFillInto(
  stream: ByteStream,
  cx: Context,
  room: Uint8Array | null,
): Poll<Uint8Array | null> {
  return SocketStream["pollFill"](stream, cx, room);
}
