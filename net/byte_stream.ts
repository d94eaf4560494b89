import type { Future } from "../future/future.ts";
import type { AsyncBufRead } from "./io/async_buf_read.ts";
import type { AsyncWrite } from "./io/async_write.ts";
import type { SocketAddr } from "./socket_addr.ts";
import type { UnixAddr } from "./unix_addr.ts";

/**
 * A connection, whatever carries it: `TcpStream`, `TlsStream` and `UnixStream`
 * are such. Protocols that are written to this run over each of them.
 *
 * @typeParam A What its addresses are.
 *
 * @example A protocol that does not care what it runs over
 * ```ts
 * import { co, type Future, join } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { type ByteStream, TcpListener, TcpStream } from "@pollen/futures/net";
 * import { assertEquals } from "@std/assert";
 *
 * function ask(server: ByteStream, question: string): Future<string> {
 *   return co(function* () {
 *     yield* server.writeAll(new TextEncoder().encode(question));
 *     yield* server.shutdown();
 *     const into = new Uint8Array(64);
 *     const n = yield* server.read(into);
 *     return new TextDecoder().decode(into.subarray(0, n ?? 0));
 *   });
 * }
 *
 * using listener = TcpListener.bind({ port: 0 });
 * const [, answer] = await run(join([
 *   co(function* () {
 *     using stream = yield* listener.accept();
 *     while ((yield* stream.read(new Uint8Array(64))) !== null);
 *     yield* stream.writeAll(new TextEncoder().encode("42"));
 *   }),
 *   co(function* () {
 *     using stream = yield* TcpStream.connect(listener.addr);
 *     return yield* ask(stream, "?");
 *   }),
 * ]));
 * assertEquals(answer, "42");
 * ```
 */
export interface ByteStream<
  A extends SocketAddr | UnixAddr = SocketAddr | UnixAddr,
> extends AsyncBufRead, AsyncWrite, Disposable {
  /** This end of the connection. */
  readonly localAddr: A;
  /** The peer's end of the connection. */
  readonly remoteAddr: A;
  /**
   * Reads some bytes; `null` at the end.
   *
   * Cancel safety: safe: dropped, it has taken nothing.
   */
  read(into: Uint8Array): Future<number | null>;
  /**
   * Sends some of the bytes, at least one.
   *
   * Cancel safety: loses data: dropped, it does not tell how many were
   * sent.
   */
  write(bytes: Uint8Array): Future<number>;
  /**
   * Sends all of the bytes.
   *
   * Cancel safety: loses data: dropped, any part of them may have been sent.
   */
  writeAll(bytes: Uint8Array): Future<void>;
  /**
   * Waits until no write is under way.
   *
   * Cancel safety: safe: made again, it goes on.
   */
  flush(): Future<void>;
  /**
   * Ends the stream towards the peer; reading goes on.
   *
   * Cancel safety: safe: made again, it goes on.
   */
  shutdown(): Future<void>;
  /** A read that waits keeps the process alive again. */
  ref(): void;
  /** A read that waits does not keep the process alive. */
  unref(): void;
  /** Closes the connection at once. */
  close(): void;
}
