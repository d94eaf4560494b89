import type { Context, Future, Poll } from "../future/mod.ts";
import { Claim } from "./_claim.ts";
import { netError } from "./_classify.ts";
import { Connect } from "./_connect.ts";
import { denoNetwork } from "./_deno.ts";
import { ledger } from "./_ledger.ts";
import { ReadHalf } from "./_read_half.ts";
import { Read, Shutdown, WriteAll } from "./_slot_futures.ts";
import { WriteHalf } from "./_write_half.ts";
import type { NetPhase } from "./errors.ts";
import { setSides } from "./io/_sides.ts";
import type { AsyncRead } from "./io/async_read.ts";
import type { AsyncWrite } from "./io/async_write.ts";
import type { Network, RawStream } from "./network.ts";
import { formatAddr, parseAddr, type SocketAddr } from "./socket_addr.ts";

/** How {@linkcode TcpStream.connect} connects. */
export interface ConnectOptions {
  /** Milliseconds to connect in, looking the name up included; no limit by default. */
  timeout?: number;
  /** Where the socket comes from: the platform by default. */
  network?: Network;
}

// Set by the class below: only connecting and accepting make streams.
let make: (raw: RawStream) => TcpStream;

/**
 * A TCP connection. Mirrors `tokio::net::TcpStream`.
 *
 * The operating system's reads complete and cannot be recalled, so they belong
 * to the stream: a read that was dropped loses no byte, the next one gets it.
 * Writes send the caller's bytes without a copy. Small writes are sent at once
 * (`TCP_NODELAY`).
 *
 * One future at a time reads, and one writes; a second one fails and leaves the
 * first alone. Reading and writing go on beside each other. Hold the stream
 * with `using`, so that it is closed whatever happens.
 *
 * @example Usage
 * ```ts
 * import { co, join } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { TcpListener, TcpStream } from "@pollen/futures/net";
 * import { assertEquals } from "@std/assert";
 *
 * using listener = TcpListener.bind({ port: 0 });
 * const server = co(function* () {
 *   using stream = yield* listener.accept();
 *   yield* stream.writeAll(new TextEncoder().encode("hello"));
 * });
 * const client = co(function* () {
 *   using stream = yield* TcpStream.connect(listener.addr);
 *   const into = new Uint8Array(16);
 *   const n = yield* stream.read(into);
 *   return new TextDecoder().decode(into.subarray(0, n ?? 0));
 * });
 * const [, text] = await run(join([server, client]));
 * assertEquals(text, "hello");
 * ```
 */
export class TcpStream implements AsyncRead, AsyncWrite, Disposable {
  readonly #raw: RawStream;
  readonly #reading: ReadHalf;
  readonly #writing: WriteHalf;
  readonly #readClaim = new Claim("read", () => this.#address());
  readonly #writeClaim = new Claim("write", () => this.#address());
  #state: "open" | "closed" = "open";

  private constructor(raw: RawStream) {
    this.#raw = raw;
    this.#reading = new ReadHalf(raw);
    this.#writing = new WriteHalf(raw);
    setSides(this, {
      reading: this.#readClaim,
      writing: this.#writeClaim,
      abandon: (bytes) => this.#writing.abandon(bytes),
      detach: () => this.#reading.detach(),
    });
    ledger.streams++;
  }

  static {
    make = (raw) => {
      try {
        raw.setNoDelay(true);
      } catch {
        // Some systems refuse when the peer has reset the connection already;
        // the first read or write will say so.
      }
      return new TcpStream(raw);
    };
  }

  /**
   * Connects. A host name is looked up by the platform under the name's own
   * grant, and its addresses are tried as RFC 8305 ("happy eyeballs") says.
   *
   * Cancel safety: safe: a dropped attempt leaves no socket behind.
   *
   * @param address `"host:port"`, IPv6 in brackets, or `{ hostname, port }`.
   * @param options A time limit, another network.
   * @returns A future of the stream. It fails with `DnsResolutionFailed`,
   * `ConnectionFailed` or `ConnectTimeout`.
   * @throws {NetError} If the address is malformed, with phase `address`.
   * @throws {RangeError} If `timeout` is negative or NaN.
   */
  static connect(
    address: string | SocketAddr,
    options: ConnectOptions = {},
  ): Future<TcpStream> {
    return new Connect(
      options.network ?? denoNetwork,
      parseAddr(address),
      options.timeout ?? Infinity,
      make,
    );
  }

  /** This end of the connection. */
  get localAddr(): SocketAddr {
    return this.#raw.localAddr;
  }

  /** The peer's end of the connection. */
  get remoteAddr(): SocketAddr {
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
    this.#assertOpen("read");
    if (into.byteLength === 0) return 0;
    return this.#reading.pollRead(cx, this.#writing, into);
  }

  /**
   * Gives a view of the bytes that have arrived, without copying them; they
   * stay until {@linkcode TcpStream.consume} takes them. Mirrors
   * `AsyncBufRead::poll_fill_buf`.
   *
   * @param cx Whose waker is called when bytes arrive.
   * @returns At least one byte, in the stream's own buffer, valid until the
   * next poll of a read; `null` at the end.
   * @throws {ConnectionLost} If the connection broke, now and ever after.
   * @throws {NetError} If the stream is closed.
   */
  pollFillBuf(cx: Context): Poll<Uint8Array | null> {
    this.#assertOpen("read");
    return this.#reading.pollFill(cx, this.#writing);
  }

  /**
   * Takes bytes that {@linkcode TcpStream.pollFillBuf} gave.
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
    this.#assertOpen("write");
    return this.#writing.pollWrite(cx, bytes);
  }

  /**
   * Waits until no write is under way.
   *
   * @throws {ConnectionLost} If the connection broke.
   * @throws {NetError} If the stream is closed.
   */
  pollFlush(cx: Context): Poll<void> {
    this.#assertOpen("write");
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
    this.#assertOpen("shutdown");
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
   */
  read(into: Uint8Array): Future<number | null> {
    return new Read(this, into, this.#readClaim);
  }

  /**
   * Sends all of `bytes`, without a copy: do not change them before it is done.
   *
   * Cancel safety: loses data: dropped, any part of them may have been sent, and
   * what is under way still goes out, so leave the bytes alone until
   * {@linkcode TcpStream.pollFlush} is ready. A write that follows never gets in
   * between, and sends its bytes from the beginning, but the peer may see half a
   * message before it; as a rule, close the stream.
   *
   * @param bytes What to send.
   * @returns A future. It fails with a `ConnectionLost`, or with a `NetError` if
   * another write is waiting or the stream is closed.
   */
  writeAll(bytes: Uint8Array): Future<void> {
    return new WriteAll(
      this,
      bytes,
      (unsent) => this.#writing.abandon(unsent),
      this.#writeClaim,
    );
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
   * Sends small writes at once, which is the default, or gathers them
   * (Nagle's algorithm).
   *
   * @param on Whether to send at once.
   */
  setNoDelay(on: boolean): void {
    this.#assertOpen("write");
    this.#raw.setNoDelay(on);
  }

  /** Closes the socket. Whoever waits for it is woken, and fails. Idempotent. */
  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    ledger.streams--;
    this.#raw.close();
    this.#reading.close();
    this.#writing.close();
  }

  /** Closes the socket. */
  [Symbol.dispose](): void {
    this.close();
  }

  #assertOpen(phase: NetPhase): void {
    if (this.#state === "open") return;
    const why = "the stream was closed on this side";
    throw netError(phase, this.#address(), why);
  }

  #address(): string {
    return formatAddr(this.remoteAddr);
  }
}

/** Makes a stream of a socket that was connected or accepted. */
export function streamOf(raw: RawStream): TcpStream {
  return make(raw);
}
