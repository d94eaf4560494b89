import { nameOf } from "../../future/future.ts";
import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import {
  adoptStream,
  Done,
  releaseStream,
  type Stream,
} from "../../future/stream/stream.ts";
import type { AsyncBufRead } from "./async_buf_read.ts";

const NOTHING = new Uint8Array(0);

/** How the stream of chunks stands. */
type State =
  | { at: "open"; stream: Stream<Uint8Array> }
  | { at: "ended" }
  | { at: "failed"; error: unknown }
  | { at: "was dropped" };

/**
 * A stream of chunks as a source of bytes; {@linkcode streamReader} makes it.
 * It shows the chunks themselves: they are not copied.
 */
export class StreamReader implements AsyncBufRead, Disposable {
  #state: State;
  #chunk: Uint8Array = NOTHING;

  /**
   * Makes one, as {@linkcode streamReader} does.
   *
   * @param stream The chunks; adopted.
   */
  constructor(stream: Stream<Uint8Array>) {
    adoptStream(this, stream);
    this.#state = { at: "open", stream };
  }

  /**
   * Copies the next bytes into `into`.
   *
   * @param cx Whose waker is called when bytes arrive.
   * @param into Where the bytes go; only its beginning is written to.
   * @returns How many; 0 only if `into` is empty; `null` at the end.
   * @throws What the stream fails with, now and ever after.
   */
  pollRead(cx: Context, into: Uint8Array): Poll<number | null> {
    if (into.byteLength === 0) return 0;
    const chunk = this.pollFillBuf(cx);
    if (chunk === Pending || chunk === null) return chunk;
    const n = Math.min(chunk.byteLength, into.byteLength);
    into.set(chunk.subarray(0, n));
    this.consume(n);
    return n;
  }

  /**
   * Shows what is left of a chunk, or waits for the next one.
   *
   * @param cx Whose waker is called when bytes arrive.
   * @returns At least one byte; `null` at the end.
   * @throws What the stream fails with, now and ever after; a `TypeError` if a
   * chunk is no `Uint8Array`.
   */
  pollFillBuf(cx: Context): Poll<Uint8Array | null> {
    while (this.#chunk.byteLength === 0) {
      const state = this.#state;
      switch (state.at) {
        case "open": {
          const chunk = this.#pollChunk(cx, state.stream);
          if (chunk === Pending) return Pending;
          this.#chunk = chunk;
          continue;
        }
        case "ended":
          return null;
        case "failed":
          throw state.error;
        case "was dropped":
          throw new TypeError("Cannot read from StreamReader: it was dropped");
        default:
          return state satisfies never;
      }
    }
    return this.#chunk;
  }

  #pollChunk(cx: Context, stream: Stream<Uint8Array>): Poll<Uint8Array> {
    let chunk: Poll<Uint8Array | Done>;
    try {
      chunk = stream.pollNext(cx);
      if (chunk !== Pending && chunk !== Done) assertBytes(chunk);
    } catch (error) {
      this.#end({ at: "failed", error });
      throw error;
    }
    if (chunk !== Done) return chunk;
    releaseStream(stream);
    this.#state = { at: "ended" };
    return NOTHING;
  }

  /**
   * Takes bytes that were shown.
   *
   * @param n How many, from the beginning.
   * @throws {RangeError} If that many are not there.
   */
  consume(n: number): void {
    const { byteLength } = this.#chunk;
    if (!(n >= 0 && n <= byteLength)) {
      throw new RangeError(
        `Cannot consume ${n} bytes: ${byteLength} are there`,
      );
    }
    this.#chunk = n === byteLength ? NOTHING : this.#chunk.subarray(n);
  }

  /** Drops the stream. */
  [Symbol.dispose](): void {
    this.#chunk = NOTHING;
    this.#end({ at: "was dropped" });
  }

  /** There are streams that live on after a failure: it is dropped, too. */
  #end(state: State): void {
    const before = this.#state;
    if (before.at !== "open") return;
    this.#state = state;
    releaseStream(before.stream);
    before.stream[Symbol.dispose]();
  }
}

function assertBytes(chunk: unknown): void {
  if (chunk instanceof Uint8Array) return;
  throw new TypeError(
    `Cannot read from a stream of ${nameOf(chunk)}: it must be of Uint8Array`,
  );
}

/**
 * A stream of chunks as a source of bytes. Mirrors `tokio_util::io::StreamReader`.
 *
 * Cancel safety: safe: it takes a chunk only when the one before is consumed, and
 * keeps it until it is. Dropping it drops the stream, and what is left of a chunk
 * is gone.
 *
 * @param stream The chunks; adopted. Empty ones are passed over.
 * @returns A source.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { readToEnd, streamReader } from "@pollen/futures/io";
 * import { iter } from "@pollen/futures/stream";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const source = streamReader(iter([new Uint8Array([1, 2]), new Uint8Array([3])]));
 * assertEquals(await run(readToEnd(source)), new Uint8Array([1, 2, 3]));
 * ```
 */
export function streamReader(stream: Stream<Uint8Array>): StreamReader {
  return new StreamReader(stream);
}
