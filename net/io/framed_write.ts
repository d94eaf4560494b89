import { nameOf } from "../../future/future.ts";
import type { Context } from "../../future/context.ts";
import { PolledAfterCompletionError } from "../../future/errors.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import type { Sink } from "../../future/stream/sink.ts";
import { checkSink } from "./_checks.ts";
import { Outgoing } from "./_outgoing.ts";
import { type Sides, sidesOf } from "./_sides.ts";
import type { AsyncWrite } from "./async_write.ts";
import type { Encoder } from "./codec.ts";

/** So many bytes are handed on before another frame is taken. */
const MANY = 64 * 1024;
const CAPACITY = 8 * 1024;

class FramedWrite<T> implements Sink<T> {
  readonly #sink: AsyncWrite;
  readonly #encoder: Encoder<T>;
  readonly #outgoing: Outgoing;
  readonly #sides: Sides;
  #at: "open" | "completed" | "was dropped" = "open";

  constructor(sink: AsyncWrite, encoder: Encoder<T>) {
    this.#sink = sink;
    this.#encoder = encoder;
    this.#outgoing = new Outgoing(sink, CAPACITY);
    this.#sides = sidesOf(sink);
  }

  pollReady(cx: Context): Poll<void> {
    this.#assertOpen();
    if (this.#outgoing.length < MANY) return;
    this.#sides.writing.take(this);
    return this.#done(this.#outgoing.pollDrain(cx));
  }

  startSend(frame: T): void {
    this.#assertOpen();
    const before = this.#outgoing.length;
    try {
      this.#encoder.encode(frame, this.#outgoing);
    } catch (error) {
      this.#outgoing.truncate(before);
      throw error;
    }
  }

  pollFlush(cx: Context): Poll<void> {
    if (this.#at === "completed") return;
    this.#assertOpen();
    this.#sides.writing.take(this);
    if (this.#outgoing.pollDrain(cx) === Pending) return Pending;
    return this.#done(this.#sink.pollFlush(cx));
  }

  pollClose(cx: Context): Poll<void> {
    if (this.#at === "completed") return;
    this.#assertOpen();
    this.#sides.writing.take(this);
    if (this.#outgoing.pollDrain(cx) === Pending) return Pending;
    if (this.#sink.pollShutdown(cx) === Pending) return Pending;
    this.#at = "completed";
    this.#done(undefined);
  }

  /** Gives up the turn when it is done. */
  #done(answer: Poll<void>): Poll<void> {
    if (answer !== Pending) this.#sides.writing.release(this);
    return answer;
  }

  #assertOpen(): void {
    if (this.#at === "open") return;
    throw new PolledAfterCompletionError("FramedWrite", this.#at);
  }

  [Symbol.dispose](): void {
    if (this.#at === "open") this.#at = "was dropped";
    this.#sides.writing.release(this);
  }
}

/**
 * Writes frames. Mirrors `tokio_util::codec::FramedWrite`.
 *
 * Frames are gathered, and handed on when they are flushed, or when there are
 * 64 KiB of them. Closing it shuts the byte stream down. Dropping it loses the
 * frames that were not flushed, perhaps in the middle of one.
 *
 * Cancel safety: safe: a `feed`, `send` or `flush` that is dropped leaves what was
 * taken to be flushed.
 *
 * @param sink Where to; it stays yours.
 * @param encoder What makes bytes of frames.
 * @returns A sink of frames. It fails with what the sink fails with, and with a
 * `NetError` if another write is waiting; `startSend` throws what the encoder
 * throws, and is none the worse for it.
 * @throws {TypeError} If an argument is of the wrong kind.
 *
 * @example Usage
 * ```ts
 * import { duplex, framedWrite, lengthDelimited } from "@pollen/futures/io";
 * import { forward, iter } from "@pollen/futures/stream";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(16);
 * const frames = iter([new Uint8Array([7]), new Uint8Array([8, 9])]);
 * await run(forward(frames, framedWrite(a, lengthDelimited({ width: 1 }))));
 * const into = new Uint8Array(16);
 * const n = await run(b.read(into));
 * assertEquals(into.subarray(0, n!), new Uint8Array([1, 7, 2, 8, 9]));
 * ```
 */
export function framedWrite<T>(
  sink: AsyncWrite,
  encoder: Encoder<T>,
): Sink<T> {
  checkSink("write frames to", sink);
  if (typeof Object(encoder).encode !== "function") {
    throw new TypeError(
      `Cannot write frames with ${nameOf(encoder)}: it has no encode`,
    );
  }
  return new FramedWrite(sink, encoder);
}
