import type { Context } from "../../future/context.ts";
import type { Future } from "../../future/future.ts";
import type { Poll } from "../../future/poll.ts";
import { checkBytes, checkSource } from "./_checks.ts";
import { IoFuture } from "./_io_future.ts";
import { sidesOf } from "./_sides.ts";
import type { AsyncRead } from "./async_read.ts";

class Read extends IoFuture<number | null> {
  readonly #source: AsyncRead;
  readonly #into: Uint8Array;

  constructor(source: AsyncRead, into: Uint8Array) {
    super(sidesOf(source), null);
    this.#source = source;
    this.#into = into;
  }

  protected override advance(cx: Context): Poll<number | null> {
    return this.#source.pollRead(cx, this.#into);
  }
}

/**
 * Reads some bytes. Mirrors `AsyncReadExt::read`.
 *
 * Cancel safety: safe: dropped, it has taken nothing.
 *
 * @param source Where from; it stays yours.
 * @param into Where the bytes go; only its beginning is written to.
 * @returns A future of how many, at least 1; 0 only if `into` is empty; `null`
 * at the end. It fails with what the source fails with, and with a `NetError` if
 * another read is waiting.
 * @throws {TypeError} If an argument is of the wrong kind.
 *
 * @example Usage
 * ```ts
 * import { duplex, read } from "@pollen/futures/io";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(16);
 * await run(b.writeAll(new Uint8Array([1, 2, 3])));
 * assertEquals(await run(read(a, new Uint8Array(8))), 3);
 * ```
 */
export function read(
  source: AsyncRead,
  into: Uint8Array,
): Future<number | null> {
  checkSource("read from", source);
  checkBytes("read into", into);
  return new Read(source, into);
}
