/**
 * Streams: items that may not be there yet, one after another, with operators
 * over them; sinks, where items go; and bridges to the web's own streams.
 *
 * Nothing happens before a poll, and dropping what is at the end of a pipeline
 * drops the whole of it. `run(collect(stream))` or a `co` with
 * `yield* stream.next()` consume one; so does `for await`, by `toAsyncIterable`.
 *
 * | to | there is |
 * |---|---|
 * | make a stream | {@linkcode iter}, {@linkcode once}, {@linkcode unfold}, {@linkcode pollNextFn}, {@linkcode fromAsyncIterable}, {@linkcode fromReadableStream}, {@linkcode fromEvents}, {@linkcode fromCallback} |
 * | change its items | {@linkcode mapStream}, {@linkcode filterStream}, {@linkcode filterMap}, {@linkcode scan}, {@linkcode enumerate}, {@linkcode chunks}, {@linkcode inspect}, {@linkcode thenStream} |
 * | have a part of it | {@linkcode take}, {@linkcode takeWhile}, {@linkcode takeUntil}, {@linkcode mapWhile}, {@linkcode skip}, {@linkcode skipWhile}, {@linkcode peekable}, {@linkcode pinStream} |
 * | bring several together | {@linkcode chain}, {@linkcode zip}, {@linkcode merge}, {@linkcode flatten}, {@linkcode flatMapStream} |
 * | run several futures at a time | {@linkcode buffered}, {@linkcode bufferUnordered}, {@linkcode forEachConcurrent} |
 * | consume it | {@linkcode collect}, {@linkcode fold}, {@linkcode forEach}, {@linkcode toAsyncIterable}, {@linkcode toReadableStream} |
 * | send it | {@linkcode forward}, {@linkcode sendAll}, {@linkcode send}, {@linkcode feed}, {@linkcode flush}, {@linkcode close}, {@linkcode fromWritableStream}, {@linkcode collectingSink} |
 *
 * Names that `./future` has, too, bear the word: `mapStream` is to a stream what
 * `map` is to a future.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { map } from "@pollen/futures/future";
 * import { bufferUnordered, fold, iter, mapStream } from "@pollen/futures/stream";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * const fetchSize = (name: string) => map(sleep(1), () => name.length);
 * const sizes = bufferUnordered(mapStream(iter(["a", "bc", "def"]), fetchSize), 2);
 * assertEquals(await run(fold(sizes, 0, (sum, size) => sum + size)), 6);
 * ```
 *
 * @module
 */

export * from "./buffer_unordered.ts";
export * from "./buffered.ts";
export * from "./chain.ts";
export * from "./chunks.ts";
export * from "./collect.ts";
export * from "./collecting_sink.ts";
export * from "./enumerate.ts";
export * from "./filter_stream.ts";
export * from "./flatten.ts";
export * from "./fold.ts";
export * from "./for_each.ts";
export * from "./for_each_concurrent.ts";
export * from "./forward.ts";
export * from "./from_async_iterable.ts";
export {
  type BufferOptions,
  type Feed,
  fromCallback,
  type Overflow,
} from "./from_callback.ts";
export * from "./from_events.ts";
export * from "./from_readable_stream.ts";
export * from "./from_writable_stream.ts";
export * from "./inspect.ts";
export * from "./iter.ts";
export * from "./map_stream.ts";
export * from "./merge.ts";
export * from "./once.ts";
export * from "./peekable.ts";
export * from "./pin_stream.ts";
export * from "./poll_next_fn.ts";
export * from "./scan.ts";
export * from "./send.ts";
export type * from "./sink.ts";
export * from "./skip.ts";
export {
  adoptStream,
  Done,
  type Item,
  releaseStream,
  Stream,
} from "./stream.ts";
export * from "./take.ts";
export * from "./take_until.ts";
export * from "./then_stream.ts";
export * from "./to_async_iterable.ts";
export * from "./to_readable_stream.ts";
export * from "./unfold.ts";
export * from "./zip.ts";
