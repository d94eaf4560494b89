import { nameOf } from "../future/future.ts";
import { NetError } from "./errors.ts";

/**
 * An end of a Unix connection. Mirrors `std::os::unix::net::SocketAddr`.
 *
 * @example Usage
 * ```ts
 * import type { UnixAddr } from "@pollen/futures/net";
 *
 * const addr: UnixAddr = { path: "/run/service.sock" };
 * ```
 */
export interface UnixAddr {
  /** The socket's file; `null` for the end that has none: the one that connected. */
  readonly path: string | null;
}

/** What `sun_path` has room for on Linux; other systems have less and say so. */
const LONGEST_PATH = 107;

const encoder = new TextEncoder();

/**
 * Checks the path of a socket.
 *
 * @throws {NetError} With phase `address` and what is wrong with it.
 * @throws {TypeError} If it is no text.
 */
export function checkUnixPath(path: unknown): string {
  if (typeof path !== "string") {
    throw new TypeError(
      `Cannot use a Unix socket: its path must be text, got ${nameOf(path)}`,
    );
  }
  if (path === "") throw bad(path, "it is empty");
  if (path.includes("\0")) throw bad(path, "it contains a NUL");
  if (encoder.encode(path).byteLength > LONGEST_PATH) {
    throw bad(path, `it is longer than ${LONGEST_PATH} bytes`);
  }
  return path;
}

function bad(path: string, why: string): NetError {
  return new NetError(
    `Cannot use the socket path ${JSON.stringify(path)}: ${why}`,
    { phase: "address", address: path },
  );
}
