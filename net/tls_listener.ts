import type { Context } from "../future/context.ts";
import type { Future } from "../future/future.ts";
import { FuturesUnordered } from "../future/futures_unordered.ts";
import { mapError } from "../future/map_error.ts";
import { Pending, type Poll } from "../future/poll.ts";
import { Done } from "../future/stream/stream.ts";
import { timeout } from "../executor/time/timeout.ts";
import { TimeoutError } from "../executor/time/timeout_error.ts";
import { netErrorFrom, tookTooLong, unsupported } from "./_classify.ts";
import { Handshake } from "./_handshake.ts";
import type { Names } from "../future/_option_names.ts";
import {
  BIND,
  checkBind,
  checkCount,
  checkFunction,
  checkTime,
} from "./_options.ts";
import { report } from "./_report.ts";
import { checkAlpn, checkIdentity } from "./_tls_params.ts";
import type { NetError } from "./errors.ts";
import type { RawListener, RawTlsStream } from "./network.ts";
import { formatAddr, type SocketAddr } from "./socket_addr.ts";
import { SocketListener } from "./socket_listener.ts";
import type { BindOptions } from "./tcp_listener.ts";
import { type TlsStream, tlsStreamOf } from "./tls_stream.ts";

/** Where {@linkcode TlsListener.bind} listens, and as whom. */
export interface TlsBindOptions extends BindOptions {
  /** The server's certificate, and those between it and its root, as PEM. */
  cert: string;
  /** The private key of `cert`, as PEM. */
  key: string;
  /** ALPN protocols, the preferred one first. */
  alpnProtocols?: readonly string[];
  /** Milliseconds that a client may take for the handshake: 10,000 by default. */
  handshakeTimeout?: number;
  /** How many handshakes go on at once: 1024 by default. */
  maxHandshakes?: number;
  /**
   * Is told of each handshake that failed, which nobody else hears of. What it
   * throws is reported as unhandled, and the listener goes on.
   */
  onHandshakeError?: (error: NetError) => void;
}

const NAMES: Names<TlsBindOptions> = {
  ...BIND,
  cert: true,
  key: true,
  alpnProtocols: true,
  handshakeTimeout: true,
  maxHandshakes: true,
  onHandshakeError: true,
};

/** How handshakes are held. */
interface Handshaking {
  readonly limit: number;
  readonly most: number;
  readonly onError: (error: NetError) => void;
}

/**
 * A TCP socket that listens and speaks TLS. It accepts streams whose handshake
 * is done: handshakes go on beside each other, and a client that is slow, or
 * does not speak TLS at all, holds up nobody.
 *
 * @example Usage
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run, spawn } from "@pollen/futures/executor";
 * import { TlsListener, TlsStream } from "@pollen/futures/net";
 * import { assertEquals } from "@std/assert";
 *
 * const pem = (name: string) => Deno.readTextFileSync(`tests/net/certs/${name}`);
 *
 * await run(co(function* () {
 *   using listener = TlsListener.bind({
 *     port: 0,
 *     cert: pem("server.pem"),
 *     key: pem("server.key"),
 *   });
 *   using _server = spawn(co(function* () {
 *     using stream = yield* listener.accept();
 *     yield* stream.writeAll(new Uint8Array(3));
 *     yield* stream.shutdown();
 *   }));
 *   using stream = yield* TlsStream.connect(
 *     { hostname: "localhost", port: listener.addr.port },
 *     { timeout: 5000, tls: { caCerts: [pem("ca.pem")] } },
 *   );
 *   assertEquals(yield* stream.read(new Uint8Array(8)), 3);
 * }));
 * ```
 */
export class TlsListener
  extends SocketListener<TlsStream, RawTlsStream, SocketAddr> {
  readonly #handshaking: Handshaking;
  readonly #handshakes = new FuturesUnordered<TlsStream>();

  private constructor(
    raw: RawListener<RawTlsStream>,
    handshaking: Handshaking,
  ) {
    super(raw);
    this.#handshaking = handshaking;
  }

  /**
   * Listens. It is done when this returns, as the platform does it too.
   *
   * @param options Where, and as whom.
   * @returns The listener.
   * @throws {NetError} With phase `address` if the address is malformed, with
   * phase `listen` if it is in use, not this machine's, or not permitted, or if
   * the certificate and the key are not a pair.
   * @throws {TypeError} If an option is malformed.
   * @throws {RangeError} If a number is out of range.
   */
  static override bind(options: TlsBindOptions): TlsListener {
    const { addr, network, backlog } = checkBind(options, NAMES);
    const params = {
      ...checkIdentity(options),
      ...backlog,
      alpnProtocols: checkAlpn(options.alpnProtocols),
    };
    const handshaking: Handshaking = {
      limit: checkTime("handshakeTimeout", options.handshakeTimeout ?? 10_000),
      most: checkCount("maxHandshakes", options.maxHandshakes ?? 1024),
      onError: checkFunction("onHandshakeError", options.onHandshakeError) ??
        (() => {}),
    };
    try {
      if (network.listenTls === undefined) throw unsupported("TLS listeners");
      return new TlsListener(network.listenTls(addr, params), handshaking);
    } catch (cause) {
      throw netErrorFrom("listen", formatAddr(addr), cause);
    }
  }

  /**
   * Waits for a connection whose handshake is done.
   *
   * @param cx Whose waker is called when there is one.
   * @returns The connection.
   * @throws {NetError} If accepting failed, or the listener is closed.
   */
  override pollAccept(cx: Context): Poll<TlsStream> {
    const { most } = this.#handshaking;
    for (;;) {
      if (!this.isClosed) {
        const stream = this.#pollHandshakes(cx);
        if (stream !== Pending) return stream;
        if (this.#handshakes.size >= most) return Pending;
      }
      const raw = this.pollRaw(cx);
      if (raw === Pending) return Pending;
      this.#handshakes.push(this.#handshake(raw));
    }
  }

  #handshake(raw: RawTlsStream): Future<TlsStream> {
    const { limit } = this.#handshaking;
    const address = formatAddr(raw.remoteAddr);
    const handshake = new Handshake({ at: "tls", raw }, address, tlsStreamOf);
    return mapError(
      timeout(handshake, limit),
      (error) =>
        error instanceof TimeoutError
          ? tookTooLong("handshake", address, limit)
          : error,
    );
  }

  #pollHandshakes(cx: Context): Poll<TlsStream> {
    for (;;) {
      try {
        const stream = this.#handshakes.pollNext(cx);
        return stream === Done ? Pending : stream;
      } catch (error) {
        report(this.#handshaking.onError, error as NetError);
      }
    }
  }

  /**
   * Stops listening, and closes the connections whose handshake is under way.
   * Whoever waits for it is woken, and fails. Idempotent.
   */
  override close(): void {
    super.close();
    this.#handshakes[Symbol.dispose]();
  }
}
