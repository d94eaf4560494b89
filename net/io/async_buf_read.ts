import type { Context } from "../../future/context.ts";
import type { Poll } from "../../future/poll.ts";
import type { AsyncRead } from "./async_read.ts";

/**
 * A source of bytes that shows what it has before it is taken, in its own
 * buffer, without a copy. Mirrors `futures::io::AsyncBufRead`. `TcpStream` is
 * one; a {@linkcode BufReader} makes one of any source.
 *
 * @example A source that shows three bytes
 * ```ts
 * import type { AsyncBufRead } from "@pollen/futures/io";
 * import { noopWaker } from "@pollen/futures/future";
 * import { assertEquals } from "@std/assert";
 *
 * let rest = new Uint8Array([1, 2, 3]);
 * const three: AsyncBufRead = {
 *   pollFillBuf: () => rest.byteLength === 0 ? null : rest,
 *   consume(n) {
 *     rest = rest.subarray(n);
 *   },
 *   pollRead: () => null, // left out here
 * };
 * const cx = { waker: noopWaker };
 * assertEquals(three.pollFillBuf(cx), new Uint8Array([1, 2, 3]));
 * three.consume(2);
 * assertEquals(three.pollFillBuf(cx), new Uint8Array([3]));
 * ```
 */
export interface AsyncBufRead extends AsyncRead {
  /**
   * Shows the bytes that are there, and waits for some if there are none. They
   * stay until {@linkcode AsyncBufRead.consume} takes them: asked again, it
   * shows them again.
   *
   * @param cx Whose waker is called when bytes arrive.
   * @returns At least one byte, to be read but not written to, valid until it is
   * consumed or the source is polled again; `null` at the end, then and ever
   * after.
   */
  pollFillBuf(cx: Context): Poll<Uint8Array | null>;
  /**
   * Takes bytes that {@linkcode AsyncBufRead.pollFillBuf} has shown.
   *
   * @param n How many, from the beginning.
   * @throws {RangeError} If that many are not there.
   */
  consume(n: number): void;
}
