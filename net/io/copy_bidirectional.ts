import type { Future } from "../../future/future.ts";
import { join } from "../../future/join.ts";
import { checkSink } from "./_checks.ts";
import type { AsyncRead } from "./async_read.ts";
import type { AsyncWrite } from "./async_write.ts";
import { Copying, type CopyOptions, showing } from "./copy.ts";

/** How many bytes went which way. */
export interface Copied {
  /** From the first stream to the second. */
  aToB: number;
  /** From the second stream to the first. */
  bToA: number;
}

/**
 * Copies between two streams both ways, until both have ended: a proxy. When one
 * ends, the other is shut down in that direction, and still heard out. Mirrors
 * `tokio::io::copy_bidirectional`.
 *
 * Cancel safety: safe if both streams show their buffers, as {@linkcode copy} is:
 * made again, it goes on.
 *
 * @param a One stream; it stays yours.
 * @param b The other one; it stays yours.
 * @param options `bufferSize`, for a stream that shows no buffer of its own.
 * @returns A future of how many bytes went which way. It fails as soon as one
 * direction fails, as `copy` does.
 * @throws {TypeError} If an argument is of the wrong kind.
 * @throws {RangeError} If `bufferSize` is no whole number of at least 1.
 *
 * @example A proxy between two sockets
 * ```ts
 * import { copyBidirectional, duplex, readToEnd } from "@pollen/futures/io";
 * import { co } from "@pollen/futures/future";
 * import { run, spawn } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * await run(co(function* () {
 *   const [client, front] = duplex(64);
 *   const [back, server] = duplex(64);
 *   const proxy = spawn(copyBidirectional(front, back));
 *   yield* client.writeAll(new Uint8Array([1, 2, 3]));
 *   yield* client.shutdown();
 *   assertEquals((yield* readToEnd(server)).byteLength, 3);
 *   yield* server.writeAll(new Uint8Array([4])); // the other way is still open
 *   yield* server.shutdown();
 *   assertEquals((yield* readToEnd(client)).byteLength, 1);
 *   assertEquals(yield* proxy, { aToB: 3, bToA: 1 });
 * }));
 * ```
 */
export function copyBidirectional(
  a: AsyncRead & AsyncWrite,
  b: AsyncRead & AsyncWrite,
  options: CopyOptions = {},
): Future<Copied> {
  checkSink("copy to", a);
  checkSink("copy to", b);
  const fromA = showing("copy", a, options);
  const fromB = showing("copy", b, options);
  return join({
    aToB: new Copying(fromA, b, true),
    bToA: new Copying(fromB, a, true),
  });
}
