import type { Context } from "../future/context.ts";
import { Pending, type Poll } from "../future/poll.ts";
import { netErrorFrom } from "./_classify.ts";
import { checkBind } from "./_options.ts";
import type { Network, RawStream } from "./network.ts";
import { formatAddr, type SocketAddr } from "./socket_addr.ts";
import { SocketListener } from "./socket_listener.ts";
import { streamOf, type TcpStream } from "./tcp_stream.ts";

/** Where {@linkcode TcpListener.bind} listens. */
export interface BindOptions {
  /** The address: `127.0.0.1` by default, which only this machine reaches. */
  hostname?: string;
  /** The port; 0 finds a free one. */
  port: number;
  /** How many connections may wait to be accepted; the platform's default. */
  backlog?: number;
  /** Where the socket comes from: the platform by default. */
  network?: Network;
}

/**
 * A TCP socket that listens. Mirrors `tokio::net::TcpListener`.
 *
 * Hold it with `using`, so that it is closed whatever happens. To serve whoever
 * connects, see `serve`.
 *
 * @example An echo server for one connection
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run, spawn } from "@pollen/futures/executor";
 * import { TcpListener, TcpStream } from "@pollen/futures/net";
 * import { assertEquals } from "@std/assert";
 *
 * await run(co(function* () {
 *   using listener = TcpListener.bind({ port: 0 });
 *   using _server = spawn(co(function* () {
 *     using stream = yield* listener.accept();
 *     const buffer = new Uint8Array(1024);
 *     for (;;) {
 *       const n = yield* stream.read(buffer);
 *       if (n === null) return;
 *       yield* stream.writeAll(buffer.subarray(0, n));
 *     }
 *   }));
 *   using client = yield* TcpStream.connect(listener.addr);
 *   yield* client.writeAll(new Uint8Array([1, 2, 3]));
 *   assertEquals(yield* client.read(new Uint8Array(8)), 3);
 * }));
 * ```
 */
export class TcpListener
  extends SocketListener<TcpStream, RawStream, SocketAddr> {
  /**
   * Listens. It is done when this returns, as the platform does it too.
   *
   * @param options Where.
   * @returns The listener.
   * @throws {NetError} With phase `address` if the address is malformed, with
   * phase `listen` if it is in use, not this machine's, or not permitted.
   * @throws {TypeError} If an option is of the wrong type.
   */
  static override bind(options: BindOptions): TcpListener {
    const { addr, network, backlog } = checkBind(options);
    try {
      return new TcpListener(network.listen(addr, backlog));
    } catch (cause) {
      throw netErrorFrom("listen", formatAddr(addr), cause);
    }
  }

  /**
   * Waits for a connection. Peers that were gone before they were accepted are
   * passed over.
   *
   * @param cx Whose waker is called when a connection arrives.
   * @returns The connection.
   * @throws {NetError} If accepting failed, or the listener is closed.
   */
  override pollAccept(cx: Context): Poll<TcpStream> {
    const raw = this.pollRaw(cx);
    return raw === Pending ? Pending : streamOf(raw);
  }
}
