import { DropErrors } from "../../future/_drop.ts";
import type { Context } from "../../future/context.ts";
import type { Poll } from "../../future/poll.ts";
import type { Sink } from "../../future/stream/sink.ts";
import { type Done, Stream } from "../../future/stream/stream.ts";
import { checkSink, checkSource } from "./_checks.ts";
import type { AsyncRead } from "./async_read.ts";
import type { AsyncWrite } from "./async_write.ts";
import type { Codec } from "./codec.ts";
import { framedRead } from "./framed_read.ts";
import { framedWrite } from "./framed_write.ts";

/**
 * A byte stream as a stream and a sink of frames. Mirrors
 * `tokio_util::codec::Framed`.
 *
 * Reading and writing go on beside each other. Frames that are sent are gathered,
 * and handed on when they are flushed, or when there are 64 KiB of them. The end
 * of the frames read is not that of the frames written; `close` of `./stream`
 * shuts the stream down for writing. Dropping it drops the byte stream, if that
 * can be, and frames that were not flushed are lost.
 *
 * Cancel safety: safe: a dropped `next()` leaves the frame to the next one; a
 * `feed`, `send` or `flush` that is dropped leaves what was taken to be flushed.
 *
 * @typeParam In The frames that are read.
 * @typeParam Out The frames that are written.
 *
 * @example Usage
 * ```ts
 * import { duplex, Framed, lengthDelimited } from "@pollen/futures/io";
 * import { co } from "@pollen/futures/future";
 * import { collect, feed, flush } from "@pollen/futures/stream";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(64);
 * await run(co(function* () {
 *   {
 *     using frames = new Framed(a, lengthDelimited());
 *     yield* feed(frames, new Uint8Array([1]));
 *     yield* feed(frames, new Uint8Array([2, 3]));
 *     yield* flush(frames);
 *   } // the stream is closed here
 *   const all = yield* collect(new Framed(b, lengthDelimited()));
 *   assertEquals(all, [new Uint8Array([1]), new Uint8Array([2, 3])]);
 * }));
 * ```
 */
export class Framed<In, Out = In> extends Stream<In> implements Sink<Out> {
  readonly #io: AsyncRead & AsyncWrite;
  readonly #frames: Stream<In>;
  readonly #sink: Sink<Out>;

  /**
   * Takes a byte stream over.
   *
   * @param io The byte stream.
   * @param codec What makes frames of bytes, and bytes of frames.
   * @throws {TypeError} If `io` cannot be read from and written to, or the codec
   * is none.
   */
  constructor(io: AsyncRead & AsyncWrite, codec: Codec<In, Out>) {
    super();
    checkSource("frame", io);
    checkSink("frame", io);
    this.#io = io;
    this.#frames = framedRead(io, codec);
    this.#sink = framedWrite(io, codec);
  }

  /**
   * Reads the next frame.
   *
   * @param cx Whose waker is called when bytes arrive.
   * @returns The frame; `Done` at the end of the stream.
   * @throws What the codec or the byte stream fails with; `UnexpectedEnd` if that
   * ends within a frame.
   */
  override pollNext(cx: Context): Poll<In | Done> {
    return this.#frames.pollNext(cx);
  }

  /** Waits until a frame can be taken: until not too many wait. */
  pollReady(cx: Context): Poll<void> {
    return this.#sink.pollReady(cx);
  }

  /**
   * Takes a frame.
   *
   * @param frame The frame.
   * @throws What the codec throws, if there can be no such frame.
   */
  startSend(frame: Out): void {
    this.#sink.startSend(frame);
  }

  /** Hands on all frames that were taken, and flushes the byte stream. */
  pollFlush(cx: Context): Poll<void> {
    return this.#sink.pollFlush(cx);
  }

  /** Flushes, then shuts the byte stream down for writing. */
  pollClose(cx: Context): Poll<void> {
    return this.#sink.pollClose(cx);
  }

  /** Drops the byte stream, if it can be; frames not flushed are lost. */
  override [Symbol.dispose](): void {
    const errors = new DropErrors();
    errors.collect(() => this.#frames[Symbol.dispose]());
    errors.collect(() => this.#sink[Symbol.dispose]());
    errors.collect(() => (this.#io as Partial<Disposable>)[Symbol.dispose]?.());
    errors.rethrow();
  }
}
