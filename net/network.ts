import type { SocketAddr } from "./socket_addr.ts";
import type { UnixAddr } from "./unix_addr.ts";

/**
 * Where the outcome of an operation goes. Called once, later: never from inside
 * the call that started the operation.
 */
export interface Completion<T> {
  /** The operation succeeded. */
  readonly resolve: (value: T) => void;
  /** The operation failed, with an error of the platform's own. */
  readonly reject: (error: unknown) => void;
}

/**
 * A connected socket, at the level of the platform: operations complete, and
 * cannot be recalled other than by closing the socket, which fails them. There
 * is at most one read and one write at a time.
 *
 * @typeParam A What its addresses are.
 */
export interface RawSocket<A extends SocketAddr | UnixAddr = SocketAddr> {
  /** This end. */
  readonly localAddr: A;
  /** The peer's end. */
  readonly remoteAddr: A;
  /** Reads at least one byte; `null` at the end of the stream. */
  read(into: Uint8Array, done: Completion<number | null>): void;
  /** Writes at least one byte; `bytes` must not change until it completes. */
  write(bytes: Uint8Array, done: Completion<number>): void;
  /** Says that nothing more will be written. */
  closeWrite(done: Completion<void>): void;
  /** From now on a read that waits keeps the process alive: the default. */
  ref?(): void;
  /** From now on a read that waits does not keep the process alive. */
  unref?(): void;
  /** Closes the socket; once. */
  close(): void;
}

/** A connected TCP socket, at the level of the platform. */
export interface RawStream extends RawSocket {
  /** Sends small writes at once (`TCP_NODELAY`), or gathers them. */
  setNoDelay(on: boolean): void;
  /** Asks a silent peer from time to time whether it is there. */
  setKeepAlive?(on: boolean): void;
  /**
   * Puts TLS on top, as the client. It takes the socket over: whatever comes
   * of it, nobody touches this object again. No operation is in flight. The
   * handshake is not part of it.
   */
  startTls?(params: TlsParams, done: Completion<RawTlsStream>): void;
}

/** A socket that speaks TLS, at the level of the platform. */
export interface RawTlsStream extends RawSocket {
  /**
   * Completes when both sides have agreed: with the ALPN protocol, or `null`.
   * Asked for once, before the first read and write.
   */
  handshake(done: Completion<string | null>): void;
}

/** What a TLS client brings to the handshake; checked already. */
export interface TlsParams {
  /** Whom the peer's certificate must name; sent to it as SNI, if it is a name. */
  readonly serverName: string;
  /** Certificates to trust besides the platform's own, as PEM. */
  readonly caCerts: readonly string[];
  /** ALPN protocols, the preferred one first. */
  readonly alpnProtocols: readonly string[];
}

/** A certificate and its private key, both as PEM. */
export interface TlsIdentity {
  /** The certificate, and those between it and its root. */
  readonly cert: string;
  /** The private key, in PKCS #8, PKCS #1 or SEC1 form. */
  readonly key: string;
}

/**
 * A listening socket, at the level of the platform. One accept at a time.
 *
 * @typeParam R What it accepts.
 * @typeParam A What its address is.
 */
export interface RawListener<
  R = RawStream,
  A extends SocketAddr | UnixAddr = SocketAddr,
> {
  /** The address it listens on, with the port that was found for port 0. */
  readonly addr: A;
  /** Waits for a connection. */
  accept(done: Completion<R>): void;
  /** From now on an accept that waits keeps the process alive: the default. */
  ref?(): void;
  /** From now on an accept that waits does not keep the process alive. */
  unref?(): void;
  /** Closes the socket; once. */
  close(): void;
}

/**
 * Where sockets come from. The platform's is the default; a simulated one can
 * stand in its place. It deals in completions, not in futures: polling,
 * dropping and buffering happen above it, and are the same over each.
 *
 * All of its errors are the platform's own; the callers wrap them. What is
 * optional may be missing: using it then fails with a `NetError`.
 *
 * @example A network that refuses everything
 * ```ts
 * import { type Network, ConnectionFailed, TcpStream } from "@pollen/futures/net";
 * import { run } from "@pollen/futures/executor";
 * import { assertRejects } from "@std/assert";
 *
 * const down: Network = {
 *   connect(_addr, done) {
 *     queueMicrotask(() => done.reject(new Error("the cable is out")));
 *     return () => {};
 *   },
 *   listen() {
 *     throw new Error("the cable is out");
 *   },
 *   resolve(_hostname, done) {
 *     queueMicrotask(() => done.reject(new Error("the cable is out")));
 *   },
 *   mayDial: () => true,
 * };
 * await assertRejects(
 *   () => run(TcpStream.connect("127.0.0.1:80", { network: down })),
 *   ConnectionFailed,
 *   "the cable is out",
 * );
 * ```
 */
export interface Network {
  /**
   * Connects. The function that it returns hastens the end of an attempt that
   * nobody wants any more; `done` is called all the same, with an error or with
   * a socket that came about nevertheless, which the caller closes.
   */
  connect(addr: SocketAddr, done: Completion<RawStream>): () => void;
  /** Listens; port 0 finds a free one. */
  listen(addr: SocketAddr, options: { backlog?: number }): RawListener;
  /** Looks a host name up: its IP addresses, the preferred ones first. */
  resolve(hostname: string, done: Completion<string[]>): void;
  /** Whether this very address may be connected to. */
  mayDial(addr: SocketAddr): boolean;
  /**
   * Connects, as `connect` does, and puts TLS on top with a certificate of the
   * client's own, which `startTls` cannot do everywhere. The peer's certificate
   * must name the host of `addr`.
   */
  connectTls?(
    addr: SocketAddr,
    params: TlsParams & TlsIdentity,
    done: Completion<RawTlsStream>,
  ): () => void;
  /** Listens, and speaks TLS with whoever connects; the handshake comes after. */
  listenTls?(
    addr: SocketAddr,
    options: ListenTlsOptions,
  ): RawListener<RawTlsStream>;
  /** Connects to a Unix socket, as `connect` does. */
  connectUnix?(
    path: string,
    done: Completion<RawSocket<UnixAddr>>,
  ): () => void;
  /** Listens on a Unix socket. */
  listenUnix?(path: string): RawListener<RawSocket<UnixAddr>, UnixAddr>;
}

/** How {@linkcode Network.listenTls} listens. */
export interface ListenTlsOptions extends TlsIdentity {
  /** How many connections may wait to be accepted; the platform's default. */
  readonly backlog?: number;
  /** ALPN protocols, the preferred one first. */
  readonly alpnProtocols: readonly string[];
}
