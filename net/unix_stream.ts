import type { Future } from "../future/future.ts";
import { unsupported } from "./_classify.ts";
import { Connect } from "./_connect.ts";
import type { Names } from "../future/_option_names.ts";
import { checkConnectOptions } from "./_options.ts";
import type { Network, RawSocket } from "./network.ts";
import { SocketStream } from "./socket_stream.ts";
import { checkUnixPath, type UnixAddr } from "./unix_addr.ts";

/** How {@linkcode UnixStream.connect} connects. */
export interface UnixConnectOptions {
  /** Milliseconds to connect in; no limit by default. */
  timeout?: number;
  /** Where the socket comes from: the platform by default. */
  network?: Network;
}

const NAMES: Names<UnixConnectOptions> = { timeout: true, network: true };

/**
 * A connection over a Unix socket. Mirrors `tokio::net::UnixStream`. How it
 * reads, writes and closes is told at {@linkcode SocketStream}.
 *
 * It takes three grants: `--allow-read` and `--allow-write` for the socket's
 * path, and `--allow-net=unix:` with the path behind it.
 */
export class UnixStream extends SocketStream<UnixAddr> {
  private constructor(raw: RawSocket<UnixAddr>) {
    super(raw);
  }

  /**
   * Connects.
   *
   * Cancel safety: safe: a dropped attempt leaves no socket behind.
   *
   * @param path The socket's file.
   * @param options A time limit, another network.
   * @returns A future of the stream. It fails with `ConnectionFailed` or
   * `ConnectTimeout`.
   * @throws {NetError} If the path is empty, too long, or contains a NUL, with
   * phase `address`.
   * @throws {TypeError} If the path is no text, or an option of the wrong type.
   * @throws {RangeError} If `timeout` is negative or NaN.
   */
  static connect(
    path: string,
    options: UnixConnectOptions = {},
  ): Future<UnixStream> {
    const addr = { path: checkUnixPath(path) };
    const settings = checkConnectOptions(options, NAMES);
    const { network } = settings;
    return new Connect<UnixAddr, RawSocket<UnixAddr>, UnixStream>({
      address: path,
      targets: () => ({ addrs: [addr], refused: [] }),
      start(_addr, done) {
        if (network.connectUnix === undefined) {
          throw unsupported("Unix sockets");
        }
        return network.connectUnix(path, done);
      },
      finish: unixStreamOf,
    }, settings);
  }
}

// Only connecting and accepting make streams, whose constructor is private.
const Stream = UnixStream as unknown as new (
  raw: RawSocket<UnixAddr>,
) => UnixStream;

/** Makes a stream of a socket that was accepted. */
export function unixStreamOf(raw: RawSocket<UnixAddr>): UnixStream {
  return new Stream(raw);
}
