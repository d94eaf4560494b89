import { checkNames } from "../../future/_option_names.ts";
import type { DropErrors } from "../../future/_drop.ts";
import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { LivingStream } from "../../future/stream/_living_stream.ts";
import { Done, type Stream } from "../../future/stream/stream.ts";
import { checkProgress, checkSize, checkSource, isBufRead } from "./_checks.ts";
import { type Sides, sidesOf } from "./_sides.ts";
import type { AsyncBufRead } from "./async_buf_read.ts";
import type { AsyncRead } from "./async_read.ts";

/** How bytes are cut into chunks. */
export interface ChunkOptions {
  /** How many bytes a chunk has at most: 64 KiB by default. */
  chunkSize?: number;
}

const CHUNK_SIZE = 64 * 1024;

class ReaderStream extends LivingStream<Uint8Array> {
  readonly #source: AsyncRead;
  readonly #sides: Sides;
  readonly #size: number;
  /** Room for a chunk, of a source that shows no buffer. */
  #room: Uint8Array | null = null;

  constructor(source: AsyncRead, size: number) {
    super();
    this.#source = source;
    this.#sides = sidesOf(source);
    this.#size = size;
  }

  protected override advance(cx: Context): Poll<Uint8Array | Done> {
    this.#sides.reading.take(this);
    const chunk = isBufRead(this.#source)
      ? this.#pollShown(cx, this.#source)
      : this.#pollRoom(cx);
    if (chunk !== Pending) this.#sides.reading.release(this);
    return chunk;
  }

  #pollShown(
    cx: Context,
    source: AsyncBufRead,
  ): Poll<Uint8Array | Done> {
    const view = source.pollFillBuf(cx);
    if (view === Pending) return Pending;
    if (view === null) return Done;
    const chunk = view.slice(0, this.#size);
    source.consume(chunk.byteLength);
    return chunk;
  }

  #pollRoom(cx: Context): Poll<Uint8Array | Done> {
    const room = this.#room ??= new Uint8Array(this.#size);
    const n = this.#source.pollRead(cx, room);
    if (n === Pending) return Pending;
    if (n === null) return Done;
    checkProgress(this.#source, n, room.byteLength);
    return room.slice(0, n);
  }

  protected override free(errors: DropErrors): void {
    this.#room = null;
    this.#sides.reading.release(this);
    errors.collect(() =>
      (this.#source as Partial<Disposable>)[Symbol.dispose]?.()
    );
  }
}

/**
 * A source of bytes as a stream of chunks. Mirrors `tokio_util::io::ReaderStream`.
 *
 * Cancel safety: safe: bytes that it gave no chunk of are still in the source; but
 * dropping it, as its end does, drops the source, if that can be.
 *
 * @param source Where the bytes come from; it belongs to the stream.
 * @param options `chunkSize`, how many bytes a chunk has at most; 64 KiB by
 * default. A chunk is what has arrived, so it may be much smaller.
 * @returns A stream of chunks, each a copy of its own. It fails with what the
 * source fails with, and with a `NetError` if another read is waiting.
 * @throws {TypeError} If `source` cannot be read from.
 * @throws {RangeError} If `chunkSize` is no whole number of at least 1.
 *
 * @example Usage
 * ```ts
 * import { duplex, readerStream } from "@pollen/futures/io";
 * import { collect } from "@pollen/futures/stream";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(16);
 * await run(a.writeAll(new Uint8Array([1, 2, 3])));
 * a.close();
 * const chunks = await run(collect(readerStream(b, { chunkSize: 2 })));
 * assertEquals(chunks, [new Uint8Array([1, 2]), new Uint8Array([3])]);
 * ```
 */
export function readerStream(
  source: AsyncRead,
  options: ChunkOptions = {},
): Stream<Uint8Array> {
  checkNames(options, { chunkSize: true });
  const { chunkSize = CHUNK_SIZE } = options;
  checkSource("read from", source);
  checkSize("cut chunks", "chunkSize", chunkSize, 1);
  return new ReaderStream(source, chunkSize);
}
