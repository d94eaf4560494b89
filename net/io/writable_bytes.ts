import { run } from "../../executor/run.ts";
import { fromWritableStream } from "../../future/stream/from_writable_stream.ts";
import { checkSink } from "./_checks.ts";
import type { AsyncWrite } from "./async_write.ts";
import { type SinkWriter, sinkWriter } from "./sink_writer.ts";
import { shutdownWriter, writeAll } from "./write_all.ts";

/**
 * A sink of bytes as a `WritableStream`: for `pipeTo`. A chunk is through when the
 * sink has taken it, so backpressure is kept. Closing the `WritableStream` shuts
 * the sink down; aborting it, or a failure, drops the sink, if it can be. The
 * writes run on the default executor.
 *
 * Cancel safety: loses data: an abort gives up the chunk that is being written,
 * any part of which may have been sent.
 *
 * @param sink Where the bytes go; it belongs to the `WritableStream`.
 * @returns A `WritableStream`, which fails with what the sink fails with, and with
 * a `TypeError` if a chunk is no `Uint8Array`.
 * @throws {TypeError} If `sink` cannot be written to.
 *
 * @example Usage
 * ```ts
 * import { duplex, readToEnd, toWritableBytes } from "@pollen/futures/io";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(2);
 * const piped = new Blob(["hello"]).stream().pipeTo(toWritableBytes(a));
 * const heard = await run(readToEnd(b));
 * await piped;
 * assertEquals(new TextDecoder().decode(heard), "hello");
 * ```
 */
export function toWritableBytes(sink: AsyncWrite): WritableStream<Uint8Array> {
  checkSink("write to", sink);
  const drop = () => (sink as Partial<Disposable>)[Symbol.dispose]?.();
  return new WritableStream<Uint8Array>({
    async write(chunk, controller) {
      const { signal } = controller;
      try {
        await run(writeAll(sink, chunk), { signal });
      } catch (error) {
        drop();
        throw error;
      }
    },
    async close() {
      try {
        await run(shutdownWriter(sink));
      } finally {
        drop();
      }
    },
    abort: drop,
  });
}

/**
 * A `WritableStream` of bytes as a sink, with its backpressure. Shutting the sink
 * down closes the `WritableStream`; dropping it before that aborts it.
 *
 * Cancel safety: safe: a write that is dropped before there was room has sent
 * nothing. Dropping the sink itself loses what is queued in the `WritableStream`.
 *
 * @param stream Where the bytes go, a copy of them.
 * @returns A sink. It fails with what the `WritableStream` fails with, and with a
 * `TypeError` at the first write if that is locked.
 * @throws {TypeError} If `stream` is no `WritableStream`.
 *
 * @example Usage
 * ```ts
 * import { fromWritableBytes, shutdownWriter, writeAll } from "@pollen/futures/io";
 * import { co } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const { writable, readable } = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>();
 * const text = new Response(readable).text();
 * await run(co(function* () {
 *   const sink = fromWritableBytes(writable);
 *   yield* writeAll(sink, new TextEncoder().encode("hello"));
 *   yield* shutdownWriter(sink);
 * }));
 * assertEquals(await text, "hello");
 * ```
 */
export function fromWritableBytes(
  stream: WritableStream<Uint8Array>,
): SinkWriter {
  return sinkWriter(fromWritableStream(stream));
}
