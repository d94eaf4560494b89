import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { checkLimit, checkSource, isBufRead } from "./_checks.ts";
import { setSides, sidesOf } from "./_sides.ts";
import type { AsyncBufRead } from "./async_buf_read.ts";
import type { AsyncRead } from "./async_read.ts";

/**
 * The beginning of a source, as a source of its own; {@linkcode takeBytes} makes
 * it.
 *
 * @typeParam R The source.
 */
export class TakeBytes<R extends AsyncRead = AsyncRead> implements AsyncRead {
  /** Where the bytes come from. */
  readonly source: R;
  #remaining: number;

  /**
   * Makes one, as {@linkcode takeBytes} does.
   *
   * @param source Where the bytes come from.
   * @param limit How many there are at most.
   */
  constructor(source: R, limit: number) {
    this.source = source;
    this.#remaining = limit;
    setSides(this, sidesOf(source));
  }

  /** How many bytes may still come. */
  get remaining(): number {
    return this.#remaining;
  }

  /**
   * Copies the next bytes into `into`.
   *
   * @param cx Whose waker is called when bytes arrive.
   * @param into Where the bytes go; only its beginning is written to.
   * @returns How many; 0 only if `into` is empty; `null` at the limit, or at the
   * end of the source.
   * @throws What the source fails with.
   */
  pollRead(cx: Context, into: Uint8Array): Poll<number | null> {
    if (this.#remaining === 0) return into.byteLength === 0 ? 0 : null;
    const most = Math.min(this.#remaining, into.byteLength);
    const n = this.source.pollRead(cx, into.subarray(0, most));
    if (n !== Pending && n !== null) this.took(n);
    return n;
  }

  /** Counts bytes that were taken. */
  protected took(n: number): void {
    this.#remaining -= n;
  }
}

/**
 * The beginning of a source that shows its buffer; it shows that, too.
 *
 * @typeParam R The source.
 */
export class BufTakeBytes<R extends AsyncBufRead = AsyncBufRead>
  extends TakeBytes<R>
  implements AsyncBufRead {
  /**
   * Shows what the source shows, as far as the limit.
   *
   * @param cx Whose waker is called when bytes arrive.
   * @returns At least one byte; `null` at the limit, or at the end.
   * @throws What the source fails with.
   */
  pollFillBuf(cx: Context): Poll<Uint8Array | null> {
    if (this.remaining === 0) return null;
    const view = this.source.pollFillBuf(cx);
    if (view === Pending || view === null) return view;
    return view.byteLength <= this.remaining
      ? view
      : view.subarray(0, this.remaining);
  }

  /**
   * Takes bytes that were shown.
   *
   * @param n How many, from the beginning.
   * @throws {RangeError} If that many were not shown.
   */
  consume(n: number): void {
    if (!(n >= 0 && n <= this.remaining)) {
      throw new RangeError(
        `Cannot consume ${n} bytes: ${this.remaining} are left`,
      );
    }
    this.source.consume(n);
    this.took(n);
  }
}

/**
 * The next bytes of a source, up to a number of them, as a source that ends
 * there: a body of known length, for instance. What comes after them stays in
 * the source. Mirrors `AsyncReadExt::take`; `take` of `./stream` takes items.
 *
 * It takes nothing by itself, and holds nothing: the source stays yours.
 *
 * @param source Where from.
 * @param limit How many bytes at most: a whole number of at least 0, or
 * `Infinity`.
 * @returns A source; one that shows its buffer, if `source` does.
 * @throws {TypeError} If `source` cannot be read from.
 * @throws {RangeError} If `limit` is anything else.
 *
 * @example Usage
 * ```ts
 * import { duplex, readToEnd, takeBytes } from "@pollen/futures/io";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(16);
 * await run(a.writeAll(new Uint8Array([1, 2, 3, 4])));
 * assertEquals(await run(readToEnd(takeBytes(b, 3))), new Uint8Array([1, 2, 3]));
 * assertEquals(await run(b.read(new Uint8Array(8))), 1);
 * ```
 */
export function takeBytes<R extends AsyncBufRead>(
  source: R,
  limit: number,
): BufTakeBytes<R>;
/** Over a source that shows no buffer. */
export function takeBytes<R extends AsyncRead>(
  source: R,
  limit: number,
): TakeBytes<R>;
export function takeBytes(source: AsyncRead, limit: number): TakeBytes {
  checkSource("take bytes from", source);
  checkLimit("take bytes", limit);
  return isBufRead(source)
    ? new BufTakeBytes(source, limit)
    : new TakeBytes(source, limit);
}
