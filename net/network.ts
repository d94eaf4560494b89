import type { SocketAddr } from "./socket_addr.ts";

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
 */
export interface RawStream {
  /** This end. */
  readonly localAddr: SocketAddr;
  /** The peer's end. */
  readonly remoteAddr: SocketAddr;
  /** Reads at least one byte; `null` at the end of the stream. */
  read(into: Uint8Array, done: Completion<number | null>): void;
  /** Writes at least one byte; `bytes` must not change until it completes. */
  write(bytes: Uint8Array, done: Completion<number>): void;
  /** Says that nothing more will be written. */
  closeWrite(done: Completion<void>): void;
  /** Sends small writes at once (`TCP_NODELAY`), or gathers them. */
  setNoDelay(on: boolean): void;
  /** Closes the socket; once. */
  close(): void;
}

/** A listening socket, at the level of the platform. One accept at a time. */
export interface RawListener {
  /** The address it listens on, with the port that was found for port 0. */
  readonly addr: SocketAddr;
  /** Waits for a connection. */
  accept(done: Completion<RawStream>): void;
  /** Closes the socket; once. */
  close(): void;
}

/**
 * Where sockets come from. The platform's is the default; a simulated one can
 * stand in its place. It deals in completions, not in futures: polling,
 * dropping and buffering happen above it, and are the same over each.
 *
 * All of its errors are the platform's own; the callers wrap them.
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
}
