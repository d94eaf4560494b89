/**
 * Byte streams: what reads and what writes, buffers around them, reading by
 * length, delimiter, line and frame, copying, and a connection in memory.
 *
 * Everything here works over whatever has `pollRead` or `pollWrite`: sockets,
 * {@linkcode duplex}, one of your own. A source that shows its own buffer
 * ({@linkcode AsyncBufRead}), as sockets do, is read without copying.
 *
 * Parse from a {@linkcode BufReader}: whatever looks at its bytes and is dropped,
 * or fails, leaves them there for the next one.
 *
 * | to | there is |
 * |---|---|
 * | read | {@linkcode read}, {@linkcode readExact}, {@linkcode readToEnd}, {@linkcode readUntil}, {@linkcode lines}, {@linkcode takeBytes}, {@linkcode BufReader} |
 * | write | {@linkcode writeAll}, {@linkcode flushWriter}, {@linkcode shutdownWriter}, {@linkcode BufWriter} |
 * | pass on | {@linkcode copy}, {@linkcode copyBidirectional}, {@linkcode split}, {@linkcode reunite}, {@linkcode duplex} |
 * | frame | {@linkcode Framed}, {@linkcode framedRead}, {@linkcode framedWrite}, {@linkcode lengthDelimited}, {@linkcode linesCodec}, {@linkcode Codec} |
 * | bridge | {@linkcode readerStream}, {@linkcode streamReader}, {@linkcode sinkWriter}, {@linkcode toReadableBytes}, {@linkcode fromReadableBytes}, {@linkcode toWritableBytes}, {@linkcode fromWritableBytes} |
 *
 * One future at a time reads from a stream, and one writes to it; a second one
 * fails with a `NetError` and leaves the first alone, also when one uses the
 * stream and the other a reader or a half of it.
 *
 * @example A request and its answer
 * ```ts
 * import { BufReader, duplex, lines, writeAll } from "@pollen/futures/io";
 * import { co, join } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [client, server] = duplex(64);
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * const serve = co(function* () {
 *   using questions = lines(new BufReader(server), { limit: 1024 });
 *   const question = yield* questions.next();
 *   yield* writeAll(server, bytes(`you asked: ${String(question)}\n`));
 * });
 * const ask = co(function* () {
 *   yield* writeAll(client, bytes("who is there?\n"));
 *   using answers = lines(new BufReader(client));
 *   return yield* answers.next();
 * });
 * const [answer] = await run(join([ask, serve]));
 * assertEquals(answer, "you asked: who is there?");
 * ```
 *
 * @module
 */

export type * from "./async_buf_read.ts";
export type * from "./async_read.ts";
export type * from "./async_write.ts";
export * from "./buf_reader.ts";
export * from "./buf_writer.ts";
export * from "./codec.ts";
export { type Copy, copy, type CopyOptions } from "./copy.ts";
export * from "./copy_bidirectional.ts";
export { duplex, type DuplexStream } from "./duplex.ts";
export * from "./errors.ts";
export * from "./framed.ts";
export * from "./framed_read.ts";
export * from "./framed_write.ts";
export * from "./length_delimited.ts";
export * from "./lines.ts";
export * from "./lines_codec.ts";
export * from "./read.ts";
export * from "./read_exact.ts";
export * from "./read_to_end.ts";
export * from "./read_until.ts";
export * from "./readable_bytes.ts";
export * from "./reader_stream.ts";
export { type SinkWriter, sinkWriter } from "./sink_writer.ts";
export {
  type BufReadHalf,
  type Half,
  type ReadHalf,
  reunite,
  split,
  type WriteHalf,
} from "./split.ts";
export { type StreamReader, streamReader } from "./stream_reader.ts";
export { type BufTakeBytes, type TakeBytes, takeBytes } from "./take_bytes.ts";
export * from "./writable_bytes.ts";
export * from "./write_all.ts";
