import type { Context } from "../../future/context.ts";
import type { Poll } from "../../future/poll.ts";

/**
 * A sink of bytes. Mirrors `futures::io::AsyncWrite`, without its vectored form:
 * the platform writes one buffer at a time. For small pieces, {@linkcode BufWriter}
 * of this module puts them together.
 *
 * @example A sink that takes everything
 * ```ts
 * import type { AsyncWrite } from "@pollen/futures/io";
 * import { noopWaker } from "@pollen/futures/future";
 * import { assertEquals } from "@std/assert";
 *
 * const nowhere: AsyncWrite = {
 *   pollWrite: (_cx, bytes) => bytes.byteLength,
 *   pollFlush: () => {},
 *   pollShutdown: () => {},
 * };
 * assertEquals(nowhere.pollWrite({ waker: noopWaker }, new Uint8Array(4)), 4);
 * ```
 */
export interface AsyncWrite {
  /**
   * Takes bytes from the beginning of `bytes`.
   *
   * After `Pending`, poll again with the same bytes: they may be under way, and
   * must not change before the write is done.
   *
   * @param cx Whose waker is called when there is progress.
   * @param bytes What to write.
   * @returns How many bytes were taken, at least 1; 0 only if `bytes` is empty.
   */
  pollWrite(cx: Context, bytes: Uint8Array): Poll<number>;
  /** Waits until all that was taken is handed on. */
  pollFlush(cx: Context): Poll<void>;
  /** Flushes, then tells the peer that nothing more will come. */
  pollShutdown(cx: Context): Poll<void>;
}
