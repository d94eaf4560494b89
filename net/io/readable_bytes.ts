import { fromReadableStream } from "../../future/stream/from_readable_stream.ts";
import { toReadableStream } from "../../future/stream/to_readable_stream.ts";
import type { AsyncRead } from "./async_read.ts";
import { type ChunkOptions, readerStream } from "./reader_stream.ts";
import { type StreamReader, streamReader } from "./stream_reader.ts";

/**
 * A source of bytes as a `ReadableStream`: for a `Response`, for `pipeTo`. It reads
 * when a chunk is asked for, and only then, so backpressure is kept. Cancelling
 * the `ReadableStream` drops the source, if it can be; so does its end.
 *
 * Cancel safety: loses data: a chunk that was read and is not asked for any more
 * is gone.
 *
 * @param source Where the bytes come from; it belongs to the `ReadableStream`.
 * @param options `chunkSize`, how many bytes a chunk has at most.
 * @returns A `ReadableStream`, which fails with what the source fails with.
 * @throws {TypeError} If `source` cannot be read from.
 * @throws {RangeError} If `chunkSize` is no whole number of at least 1.
 *
 * @example Usage
 * ```ts
 * import { duplex, toReadableBytes } from "@pollen/futures/io";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(16);
 * await run(a.writeAll(new TextEncoder().encode("hello")));
 * a.close();
 * assertEquals(await new Response(toReadableBytes(b)).text(), "hello");
 * ```
 */
export function toReadableBytes(
  source: AsyncRead,
  options: ChunkOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = readerStream(source, options);
  return toReadableStream(chunks) as ReadableStream<Uint8Array<ArrayBuffer>>;
}

/**
 * A `ReadableStream` of bytes as a source. It asks for a chunk when the one before
 * is consumed, so backpressure is kept. Dropping the source cancels the
 * `ReadableStream`.
 *
 * Cancel safety: safe: a chunk that has been asked for goes to the next read.
 * Dropping the source itself loses what is left of a chunk.
 *
 * @param stream What to read.
 * @returns A source. It fails with what the `ReadableStream` fails with, and with
 * a `TypeError` at the first read if that is locked, or gives something else than
 * `Uint8Array`.
 * @throws {TypeError} If `stream` is no `ReadableStream`.
 *
 * @example Usage
 * ```ts
 * import { BufReader, fromReadableBytes, lines } from "@pollen/futures/io";
 * import { collect } from "@pollen/futures/stream";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const { body } = new Response("one\ntwo\n");
 * const reader = new BufReader(fromReadableBytes(body!));
 * assertEquals(await run(collect(lines(reader))), ["one", "two"]);
 * ```
 */
export function fromReadableBytes(
  stream: ReadableStream<Uint8Array>,
): StreamReader {
  return streamReader(fromReadableStream(stream));
}
