import { nameOf } from "../../future/future.ts";
import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import type { Sink } from "../../future/stream/sink.ts";
import { netError } from "../_classify.ts";
import type { AsyncWrite } from "./async_write.ts";

/**
 * A sink of chunks as a sink of bytes; {@linkcode sinkWriter} makes it.
 */
export class SinkWriter implements AsyncWrite, Disposable {
  readonly #sink: Sink<Uint8Array>;
  #at: "open" | "shut down" = "open";

  /**
   * Makes one, as {@linkcode sinkWriter} does.
   *
   * @param sink Where the chunks go.
   */
  constructor(sink: Sink<Uint8Array>) {
    this.#sink = sink;
  }

  /**
   * Sends a copy of `bytes` as one chunk, as soon as there is room.
   *
   * @param cx Whose waker is called when there is room.
   * @param bytes What to write.
   * @returns How many bytes were taken: all.
   * @throws What the sink fails with; a `NetError` if it was shut down.
   */
  pollWrite(cx: Context, bytes: Uint8Array): Poll<number> {
    if (this.#at === "shut down") {
      throw netError("write", "SinkWriter", "it was shut down for writing");
    }
    if (bytes.byteLength === 0) return 0;
    if (this.#sink.pollReady(cx) === Pending) return Pending;
    this.#sink.startSend(bytes.slice());
    return bytes.byteLength;
  }

  /**
   * Waits until the sink has handed all chunks on.
   *
   * @throws What the sink fails with.
   */
  pollFlush(cx: Context): Poll<void> {
    return this.#sink.pollFlush(cx);
  }

  /**
   * Closes the sink.
   *
   * @throws What the sink fails with.
   */
  pollShutdown(cx: Context): Poll<void> {
    this.#at = "shut down";
    return this.#sink.pollClose(cx);
  }

  /** Drops the sink. */
  [Symbol.dispose](): void {
    this.#sink[Symbol.dispose]();
  }
}

/**
 * A sink of chunks as a sink of bytes. Mirrors `tokio_util::io::SinkWriter`, with
 * the copying that it asks for.
 *
 * Cancel safety: safe: a write that is dropped before there was room has sent
 * nothing. Dropping it drops the sink.
 *
 * @param sink Where the chunks go.
 * @returns A sink of bytes.
 * @throws {TypeError} If `sink` is none.
 *
 * @example Usage
 * ```ts
 * import { sinkWriter, writeAll } from "@pollen/futures/io";
 * import { collectingSink } from "@pollen/futures/stream";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const sink = collectingSink<Uint8Array>();
 * await run(writeAll(sinkWriter(sink), new Uint8Array([1, 2])));
 * assertEquals(sink.items, [new Uint8Array([1, 2])]);
 * ```
 */
export function sinkWriter(sink: Sink<Uint8Array>): SinkWriter {
  if (typeof Object(sink).startSend !== "function") {
    throw new TypeError(
      `Cannot write to ${nameOf(sink)}: it is not a Sink`,
    );
  }
  return new SinkWriter(sink);
}
