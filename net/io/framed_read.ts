import { nameOf } from "../../future/future.ts";
import { proceed } from "../../future/budget.ts";
import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { LivingStream } from "../../future/stream/_living_stream.ts";
import { Done, type Stream } from "../../future/stream/stream.ts";
import { checkSource } from "./_checks.ts";
import { type Sides, sidesOf } from "./_sides.ts";
import type { AsyncRead } from "./async_read.ts";
import { BufReader } from "./buf_reader.ts";
import { type Decoder, type FrameBytes, More } from "./codec.ts";
import { UnexpectedEnd } from "./errors.ts";

class FramedRead<T> extends LivingStream<T> implements FrameBytes {
  readonly #reader: BufReader;
  readonly #decoder: Decoder<T>;
  readonly #sides: Sides;
  /** How many bytes the decoder has seen, and wanted more. */
  #seen = 0;

  constructor(reader: BufReader, decoder: Decoder<T>) {
    super();
    this.#reader = reader;
    this.#decoder = decoder;
    this.#sides = sidesOf(reader);
  }

  /** What the decoder looks at. */
  get bytes(): Uint8Array {
    return this.#reader.buffered;
  }

  consume(n: number): void {
    this.#reader.consume(n);
  }

  protected override advance(cx: Context): Poll<T | Done> {
    this.#sides.reading.take(this);
    for (;;) {
      const wanted = this.#seen + 1;
      const bytes = this.#reader.pollPeek(cx, wanted);
      if (bytes === Pending || !proceed(cx)) return Pending;
      const hasEnded = bytes.byteLength < wanted;
      const frame = hasEnded ? this.#decodeEnd() : this.#decoder.decode(this);
      if (frame !== More) {
        this.#seen = 0;
        this.#sides.reading.release(this);
        return frame;
      }
      const left = this.bytes.byteLength;
      if (!hasEnded) this.#seen = left;
      else if (left === 0) return Done;
      else throw new UnexpectedEnd("read a frame", left);
    }
  }

  #decodeEnd(): T | More {
    return this.#decoder.decodeEnd?.(this) ?? More;
  }

  protected override free(): void {
    this.#sides.reading.release(this);
  }
}

/**
 * Reads frames. Mirrors `tokio_util::codec::FramedRead`.
 *
 * From its first poll until it gives a frame it has the turn at the source, also
 * when the `next()` that polled it was dropped; drop it to read otherwise.
 *
 * Cancel safety: safe if `source` is a {@linkcode BufReader}: bytes that no frame
 * was made of stay in it, also after a failure. From any other source it loses
 * data: what was read ahead is gone.
 *
 * @param source Where from; it stays yours.
 * @param decoder What finds frames in bytes.
 * @returns A stream of the frames. It fails with what the decoder or the source
 * fails with, with {@linkcode UnexpectedEnd} if the source ends within a frame,
 * and with a `NetError` if another read is waiting.
 * @throws {TypeError} If an argument is of the wrong kind.
 *
 * @example Usage
 * ```ts
 * import { duplex, framedRead, lengthDelimited } from "@pollen/futures/io";
 * import { collect } from "@pollen/futures/stream";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(16);
 * await run(a.writeAll(new Uint8Array([2, 7, 8, 1, 9])));
 * a.close();
 * const frames = framedRead(b, lengthDelimited({ width: 1 }));
 * assertEquals(await run(collect(frames)), [
 *   new Uint8Array([7, 8]),
 *   new Uint8Array([9]),
 * ]);
 * ```
 */
export function framedRead<T>(
  source: AsyncRead,
  decoder: Decoder<T>,
): Stream<T> {
  checkSource("read frames from", source);
  if (typeof Object(decoder).decode !== "function") {
    throw new TypeError(
      `Cannot read frames with ${nameOf(decoder)}: it has no decode`,
    );
  }
  const reader = source instanceof BufReader ? source : new BufReader(source);
  return new FramedRead(reader, decoder);
}
