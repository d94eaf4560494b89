import type { Context } from "../../future/context.ts";
import type { Poll } from "../../future/poll.ts";

/**
 * A source of bytes. Mirrors `futures::io::AsyncRead`.
 *
 * @example A source that has one byte and ends
 * ```ts
 * import type { AsyncRead } from "@pollen/futures/io";
 * import { noopWaker } from "@pollen/futures/future";
 * import { assertEquals } from "@std/assert";
 *
 * let given = false;
 * const one: AsyncRead = {
 *   pollRead(_cx, into) {
 *     if (given) return null;
 *     given = true;
 *     into[0] = 7;
 *     return 1;
 *   },
 * };
 * assertEquals(one.pollRead({ waker: noopWaker }, new Uint8Array(4)), 1);
 * ```
 */
export interface AsyncRead {
  /**
   * Copies the next bytes into `into`.
   *
   * A poll that answers `Pending` has taken nothing: whoever polls next, with
   * whatever buffer, gets the bytes.
   *
   * @param cx Whose waker is called when bytes arrive.
   * @param into Where the bytes go; only its beginning is written to.
   * @returns How many bytes, at least 1; 0 only if `into` is empty; `null` at
   * the end, then and ever after.
   */
  pollRead(cx: Context, into: Uint8Array): Poll<number | null>;
}
