import type { Context } from "../future/context.ts";
import { Pending, type Poll } from "../future/poll.ts";
import { netErrorFrom, unsupported } from "./_classify.ts";
import { checkNames, type Names } from "../future/_option_names.ts";
import { checkNetwork, checkObject } from "./_options.ts";
import type { Network, RawSocket } from "./network.ts";
import { SocketListener } from "./socket_listener.ts";
import { checkUnixPath, type UnixAddr } from "./unix_addr.ts";
import { type UnixStream, unixStreamOf } from "./unix_stream.ts";

/** Where {@linkcode UnixListener.bind} listens. */
export interface UnixBindOptions {
  /** The socket's file, which must not exist yet. */
  path: string;
  /** Where the socket comes from: the platform by default. */
  network?: Network;
}

const NAMES: Names<UnixBindOptions> = { path: true, network: true };

/**
 * A Unix socket that listens. Mirrors `tokio::net::UnixListener`.
 *
 * Listening makes the socket's file, and closing removes it. A process that
 * dies leaves the file behind, and `bind` says then that the address is in use:
 * it never deletes a file by itself, since it cannot tell whether another
 * process is about to listen there. Delete it yourself when you know.
 *
 * It takes three grants: `--allow-read` and `--allow-write` for the path, and
 * `--allow-net=unix:` with the path behind it.
 *
 * @example Usage
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run, spawn } from "@pollen/futures/executor";
 * import { UnixListener, UnixStream } from "@pollen/futures/net";
 * import { assertEquals } from "@std/assert";
 *
 * // To be called with a path that the three grants are given for.
 * async function example(path: string) {
 *   await run(co(function* () {
 *     using listener = UnixListener.bind({ path });
 *     using _server = spawn(co(function* () {
 *       using stream = yield* listener.accept();
 *       yield* stream.writeAll(new Uint8Array(3));
 *     }));
 *     using stream = yield* UnixStream.connect(path);
 *     assertEquals(yield* stream.read(new Uint8Array(8)), 3);
 *   }));
 * }
 * ```
 */
export class UnixListener
  extends SocketListener<UnixStream, RawSocket<UnixAddr>, UnixAddr> {
  /**
   * Listens. It is done when this returns, as the platform does it too.
   *
   * @param options Where.
   * @returns The listener.
   * @throws {NetError} With phase `address` if the path is malformed, with phase
   * `listen` if it is in use, cannot be made, or is not permitted.
   * @throws {TypeError} If an option is of the wrong type.
   */
  static override bind(options: UnixBindOptions): UnixListener {
    checkObject("options of a listener", options);
    checkNames(options, NAMES);
    const path = checkUnixPath(options.path);
    const network = checkNetwork(options.network);
    try {
      if (network.listenUnix === undefined) throw unsupported("Unix sockets");
      return new UnixListener(network.listenUnix(path));
    } catch (cause) {
      throw netErrorFrom("listen", path, cause);
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
  override pollAccept(cx: Context): Poll<UnixStream> {
    const raw = this.pollRaw(cx);
    return raw === Pending ? Pending : unixStreamOf(raw);
  }
}
