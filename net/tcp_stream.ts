import type { Future } from "../future/future.ts";
import { optionRefused } from "./_classify.ts";
import { connectTcp, setOptions } from "./_connect_tcp.ts";
import type { Names } from "../future/_option_names.ts";
import { checkConnectOptions, checkFlag, checkTime } from "./_options.ts";
import { StartTls } from "./_start_tls.ts";
import { checkTls } from "./_tls_params.ts";
import type { ConnectOptions } from "./connect_options.ts";
import type { RawStream } from "./network.ts";
import { formatAddr, parseAddr, type SocketAddr } from "./socket_addr.ts";
import { SocketStream } from "./socket_stream.ts";
import type { StartTlsOptions, TlsStream } from "./tls_stream.ts";

const START_TLS: Names<StartTlsOptions> = {
  serverName: true,
  caCerts: true,
  alpnProtocols: true,
  timeout: true,
};

/**
 * A TCP connection. Mirrors `tokio::net::TcpStream`. How it reads, writes and
 * closes is told at {@linkcode SocketStream}.
 *
 * Small writes are sent at once (`TCP_NODELAY`).
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
export class TcpStream extends SocketStream<SocketAddr> {
  readonly #raw: RawStream;

  private constructor(raw: RawStream) {
    super(raw);
    this.#raw = raw;
  }

  /**
   * Connects. A host name is looked up, and its addresses are tried as RFC 8305
   * ("happy eyeballs") says: one after the other, IPv6 and IPv4 by turns, the
   * next one without waiting for the end of the one before. The first that
   * answers is taken, the others are given up.
   *
   * Where only the name may be connected to, not its addresses, as under
   * `--allow-net=example.com`, the platform looks it up and connects by itself;
   * then the phase `resolving` ends without an answer and `connecting` has both.
   * A `policy` sees the address after connecting then, before anything is sent.
   *
   * Cancel safety: safe: a dropped attempt leaves no socket behind.
   *
   * @param address `"host:port"`, IPv6 in brackets, or `{ hostname, port }`.
   * @param options Time limits, who looks up, what may be connected to.
   * @returns A future of the stream. It fails with `DnsResolutionFailed`,
   * `ConnectionFailed` or `ConnectTimeout`.
   * @throws {NetError} If the address is malformed, with phase `address`.
   * @throws {TypeError} If an option is of the wrong type.
   * @throws {RangeError} If a time is negative or NaN.
   */
  static connect(
    address: string | SocketAddr,
    options: ConnectOptions = {},
  ): Future<TcpStream> {
    return connectTcp(
      parseAddr(address),
      checkConnectOptions(options),
      (raw) => new TcpStream(raw),
    );
  }

  /**
   * Sends small writes at once, which is the default, or gathers them
   * (Nagle's algorithm).
   *
   * @param on Whether to send at once.
   * @throws {TypeError} If `on` is no boolean.
   * @throws {NetError} If the stream is closed, or a write is under way, whose
   * end `flush` waits for; on some systems if the peer has reset the connection.
   */
  setNoDelay(on: boolean): void {
    this.#set("noDelay", on, () => this.#raw.setNoDelay(on));
  }

  /**
   * Asks a silent peer from time to time whether it is there: a connection that
   * is dead then breaks by itself, some hours later as most systems are set up.
   *
   * @param on Whether to ask.
   * @throws {TypeError} If `on` is no boolean.
   * @throws {NetError} If the stream is closed, or a write is under way, whose
   * end `flush` waits for; on some systems if the peer has reset the connection.
   */
  setKeepAlive(on: boolean): void {
    this.#set("keepAlive", on, () => this.#raw.setKeepAlive?.(on));
  }

  #set(option: string, on: boolean, set: () => void): void {
    this.assertOpen("write");
    checkFlag(option, on);
    try {
      set();
    } catch (cause) {
      throw optionRefused(option, formatAddr(this.remoteAddr), cause);
    }
  }

  /**
   * Puts TLS on top, as the client: after a `STARTTLS`, or to a proxy that has
   * opened a tunnel. The stream is handed over at the first poll, and is of no
   * use any more then; use the one that comes out.
   *
   * It is refused while a read or a write is under way, a dropped one too, and
   * when bytes have arrived that nobody has consumed; then the stream is as it
   * was.
   *
   * Cancel safety: loses data: dropped before its first poll it has done nothing,
   * after that it closes the connection.
   *
   * @param options Whom the certificate must name, and time.
   * @returns A future of the TLS stream. It fails with `TlsHandshakeFailed`,
   * with `ConnectTimeout`, or with a `NetError` if it is refused.
   * @throws {TypeError} If an option is malformed.
   */
  startTls(options: StartTlsOptions): Future<TlsStream> {
    const params = checkTls(options, START_TLS);
    const limit = checkTime("timeout", options.timeout);
    return new StartTls(this, this.#raw, params, limit);
  }
}

// Only connecting and accepting make streams, whose constructor is private.
const Stream = TcpStream as unknown as new (raw: RawStream) => TcpStream;

/** Makes a stream of a socket that was accepted. */
export function streamOf(raw: RawStream): TcpStream {
  setOptions(raw, true, false);
  return new Stream(raw);
}
