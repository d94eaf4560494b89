import type { Future } from "../../future/future.ts";
import { checkBytes, checkSink } from "./_checks.ts";
import { sidesOf } from "./_sides.ts";
import { FlushWriter, ShutdownWriter, WriteAll } from "./_write_futures.ts";
import type { AsyncWrite } from "./async_write.ts";

/**
 * Writes all of `bytes`, without a copy: do not change them before it is done.
 * It does not flush. Mirrors `AsyncWriteExt::write_all`.
 *
 * Cancel safety: loses data: dropped, any part of them may have been written,
 * and what is under way still goes out, so leave the bytes alone until the
 * sink's `pollFlush` is ready. A write that follows sends its bytes from the
 * beginning, but the peer may see half a message before it.
 *
 * @param sink Where to; it stays yours.
 * @param bytes What to write.
 * @returns A future. It fails with what the sink fails with, and with a
 * `NetError` if another write is waiting.
 * @throws {TypeError} If an argument is of the wrong kind.
 *
 * @example Usage
 * ```ts
 * import { duplex, readExact, writeAll } from "@pollen/futures/io";
 * import { join } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(2); // so that the writer has to wait for the reader
 * const bytes = new Uint8Array([1, 2, 3, 4, 5]);
 * const [, read] = await run(join([writeAll(a, bytes), readExact(b, 5)]));
 * assertEquals(read, bytes);
 * ```
 */
export function writeAll(sink: AsyncWrite, bytes: Uint8Array): Future<void> {
  checkSink("write to", sink);
  checkBytes("write", bytes);
  return new WriteAll(sink, sidesOf(sink), bytes);
}

/**
 * Waits until all that a sink has taken is handed on. Mirrors
 * `AsyncWriteExt::flush`.
 *
 * Cancel safety: safe: made again, it goes on.
 *
 * @param sink What to flush; it stays yours.
 * @returns A future. It fails with what the sink fails with, and with a
 * `NetError` if a write is waiting.
 * @throws {TypeError} If `sink` is none.
 *
 * @example Usage
 * ```ts
 * import { BufWriter, duplex, flushWriter, writeAll } from "@pollen/futures/io";
 * import { co } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(16);
 * const writer = new BufWriter(a);
 * await run(co(function* () {
 *   yield* writeAll(writer, new Uint8Array(2));
 *   yield* writeAll(writer, new Uint8Array(3));
 *   yield* flushWriter(writer);
 * }));
 * assertEquals(await run(b.read(new Uint8Array(16))), 5);
 * ```
 */
export function flushWriter(sink: AsyncWrite): Future<void> {
  checkSink("flush", sink);
  return new FlushWriter(sink, sidesOf(sink));
}

/**
 * Flushes a sink, then tells the peer that nothing more will come. Mirrors
 * `AsyncWriteExt::shutdown`.
 *
 * Cancel safety: safe: made again, it goes on.
 *
 * @param sink What to shut down; it stays yours.
 * @returns A future. It fails with what the sink fails with, and with a
 * `NetError` if a write is waiting.
 * @throws {TypeError} If `sink` is none.
 *
 * @example Usage
 * ```ts
 * import { duplex, shutdownWriter } from "@pollen/futures/io";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(16);
 * await run(shutdownWriter(a));
 * assertEquals(await run(b.read(new Uint8Array(1))), null);
 * ```
 */
export function shutdownWriter(sink: AsyncWrite): Future<void> {
  checkSink("shut down", sink);
  return new ShutdownWriter(sink, sidesOf(sink));
}
