/**
 * HTTP/1.1 (RFC 9112) with no I/O: bytes in, events out, and back. It imports
 * nothing, runs over any transport, and can be replayed byte by byte.
 *
 * {@linkcode ResponseParser} reads responses, {@linkcode encodeRequest} and
 * {@linkcode encodeChunk} write requests, {@linkcode ChunkDecoder} reads a chunked
 * body alone. What could be read in two ways is refused with an
 * {@linkcode H1Error}; how much is taken of each part is limited
 * ({@linkcode H1Limits}).
 *
 * @example Usage
 * ```ts
 * import { encodeRequest, ResponseParser } from "@pollen/futures/http/h1";
 * import { assertEquals } from "@std/assert";
 *
 * const request = encodeRequest({
 *   method: "GET",
 *   target: "/",
 *   fields: { Host: "example.com" },
 * });
 * assertEquals(request.length, 37); // to be written
 *
 * const parser = new ResponseParser({ method: "GET" });
 * parser.push(new TextEncoder().encode("HTTP/1.1 204 No Content\r\n\r\n")); // what was read
 * const head = parser.nextEvent();
 * assertEquals(head?.type === "head" && head.status, 204);
 * assertEquals(parser.nextEvent()?.type, "end");
 * ```
 *
 * @module
 */

export { ChunkDecoder, type ChunkDecoderOptions } from "./chunk_decoder.ts";
export {
  CHUNK_END,
  chunkHead,
  encodeChunk,
  encodeLastChunk,
} from "./encode_chunk.ts";
export { encodeRequest, type RequestHead } from "./encode_request.ts";
export * from "./errors.ts";
export type * from "./events.ts";
export { Fields, type FieldsInit } from "./fields.ts";
export { DEFAULT_LIMITS, type H1Limits } from "./limits.ts";
export { type RequestFraming, requestFraming } from "./request_framing.ts";
export {
  type FramedHead,
  keepsAlive,
  type ResponseFraming,
  responseFraming,
} from "./response_framing.ts";
export {
  ResponseParser,
  type ResponseParserOptions,
} from "./response_parser.ts";
