import type { Future } from "../future/future.ts";
import { unsupported } from "./_classify.ts";
import { Connect } from "./_connect.ts";
import { checkPeer, connectTcp } from "./_connect_tcp.ts";
import { Handshake } from "./_handshake.ts";
import type { Names } from "../future/_option_names.ts";
import { checkConnectOptions, CONNECT, type Settings } from "./_options.ts";
import { literalTargets } from "./_targets.ts";
import { checkIdentity, checkTls } from "./_tls_params.ts";
import type { ConnectOptions } from "./connect_options.ts";
import type { RawTlsStream, TlsIdentity, TlsParams } from "./network.ts";
import { formatAddr, isIp, parseAddr, type SocketAddr } from "./socket_addr.ts";
import { SocketStream } from "./socket_stream.ts";

/** What a TLS client asks of the peer, and shows to it. */
export interface TlsOptions {
  /** Whom the peer's certificate must name: the host connected to by default. */
  serverName?: string;
  /** Certificates to trust besides the platform's own, as PEM. */
  caCerts?: readonly string[];
  /** ALPN protocols, the preferred one first: `["http/1.1"]`. */
  alpnProtocols?: readonly string[];
  /** A certificate of the client's own, as PEM; with `key`. */
  cert?: string;
  /** The private key of `cert`, as PEM. */
  key?: string;
}

/** How {@linkcode TlsStream.connect} connects. */
export interface TlsConnectOptions extends ConnectOptions {
  /** What is asked of the peer, and shown to it. */
  tls?: TlsOptions;
}

/** How a TCP stream goes over to TLS; see `TcpStream.startTls`. */
export interface StartTlsOptions {
  /** Whom the peer's certificate must name. */
  serverName: string;
  /** Certificates to trust besides the platform's own, as PEM. */
  caCerts?: readonly string[];
  /** ALPN protocols, the preferred one first. */
  alpnProtocols?: readonly string[];
  /** Milliseconds for the handshake; no limit by default. */
  timeout?: number;
}

const TLS: Names<TlsOptions> = {
  serverName: true,
  caCerts: true,
  alpnProtocols: true,
  cert: true,
  key: true,
};

const CONNECT_TLS: Names<TlsConnectOptions> = { ...CONNECT, tls: true };

/**
 * A TLS connection whose handshake is done. Mirrors `tokio_rustls::TlsStream`.
 * How it reads, writes and closes is told at {@linkcode SocketStream}.
 *
 * When the peer ends the stream as TLS wants it, a read gives `null`; when the
 * connection is cut without that, a read fails with a `ConnectionLost` that is
 * `truncated`: what was read may not be all.
 *
 * Closing it sends what the system has taken and says goodbye first, so the
 * platform keeps the socket until the peer has taken that, or until a handshake
 * that was given up is answered: a peer that falls silent holds it.
 *
 * @example Usage
 * ```ts
 * import { co, join } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { TlsListener, TlsStream } from "@pollen/futures/net";
 * import { assertEquals } from "@std/assert";
 *
 * const pem = (name: string) => Deno.readTextFileSync(`tests/net/certs/${name}`);
 *
 * using listener = TlsListener.bind({
 *   port: 0,
 *   cert: pem("server.pem"),
 *   key: pem("server.key"),
 *   alpnProtocols: ["echo"],
 * });
 * const server = co(function* () {
 *   using stream = yield* listener.accept();
 *   const into = new Uint8Array(16);
 *   const n = yield* stream.read(into);
 *   yield* stream.writeAll(into.subarray(0, n ?? 0));
 *   yield* stream.shutdown();
 * });
 * const client = co(function* () {
 *   using stream = yield* TlsStream.connect(listener.addr, {
 *     timeout: 5000,
 *     tls: {
 *       serverName: "localhost",
 *       caCerts: [pem("ca.pem")],
 *       alpnProtocols: ["echo"],
 *     },
 *   });
 *   assertEquals(stream.alpnProtocol, "echo");
 *   yield* stream.writeAll(new Uint8Array([1, 2, 3]));
 *   return yield* stream.read(new Uint8Array(16));
 * });
 * assertEquals((await run(join([server, client])))[1], 3);
 * ```
 */
export class TlsStream extends SocketStream<SocketAddr> {
  /** The ALPN protocol that was agreed on; `null` if none was asked for. */
  readonly alpnProtocol: string | null;

  private constructor(raw: RawTlsStream, alpnProtocol: string | null) {
    super(raw);
    this.alpnProtocol = alpnProtocol;
  }

  /**
   * Connects over TCP, as `TcpStream.connect` does, and agrees on TLS: a phase
   * of its own, `handshaking`, with a deadline of its own.
   *
   * With a client certificate, the platform looks the name up and connects by
   * itself; `serverName` and `resolver` cannot be used then.
   *
   * Cancel safety: safe: a dropped attempt leaves no stream behind; its socket
   * closes as soon as a peer that is in the handshake answers or closes.
   *
   * @param address `"host:port"`, IPv6 in brackets, or `{ hostname, port }`.
   * @param options Time limits, certificates, protocols.
   * @returns A future of the stream. It fails with `DnsResolutionFailed`,
   * `ConnectionFailed`, `TlsHandshakeFailed` or `ConnectTimeout`.
   * @throws {NetError} If the address is malformed, with phase `address`.
   * @throws {TypeError} If an option is malformed.
   * @throws {RangeError} If a time is negative or NaN.
   */
  static connect(
    address: string | SocketAddr,
    options: TlsConnectOptions = {},
  ): Future<TlsStream> {
    const addr = parseAddr(address);
    const settings = checkConnectOptions(options, CONNECT_TLS);
    const { tls = {} } = options;
    const params = checkTls(tls, TLS, addr.hostname);
    if (tls.cert !== undefined || tls.key !== undefined) {
      const identity = checkIdentity(tls);
      if (tls.serverName !== undefined || options.resolver !== undefined) {
        throw new TypeError(
          "Cannot use a client certificate: the platform looks the host up and checks its name by itself, so serverName and resolver must be left out",
        );
      }
      return connectAs(addr, settings, { ...params, ...identity });
    }
    return connectTcp(
      addr,
      settings,
      (raw) =>
        new Handshake(
          { at: "tcp", raw, params },
          formatAddr(addr),
          tlsStreamOf,
        ),
    );
  }
}

// Only a handshake makes streams, whose constructor is private.
const Stream = TlsStream as unknown as new (
  raw: RawTlsStream,
  alpnProtocol: string | null,
) => TlsStream;

/** Connects with a certificate of the client's own. */
function connectAs(
  addr: SocketAddr,
  settings: Settings,
  params: TlsParams & TlsIdentity,
): Future<TlsStream> {
  const address = formatAddr(addr);
  const { network } = settings;
  return new Connect<SocketAddr, RawTlsStream, TlsStream>({
    address,
    targets: () => literalTargets(addr, settings),
    start(target, done) {
      if (network.connectTls === undefined) {
        throw unsupported("client certificates");
      }
      return network.connectTls(target, params, done);
    },
    finish(raw) {
      if (!isIp(addr.hostname)) checkPeer(raw, addr, settings);
      return new Handshake(
        { at: "tls", raw },
        address,
        tlsStreamOf,
      );
    },
  }, settings);
}

/** Makes a stream of a socket whose handshake is done. */
export function tlsStreamOf(
  raw: RawTlsStream,
  alpnProtocol: string | null,
): TlsStream {
  return new Stream(raw, alpnProtocol);
}
