import { CR, EMPTY, encodeLatin1, LF } from "./_bytes.ts";
import { kindOf } from "./_checks.ts";
import { H1RequestError } from "./errors.ts";
import { Fields, type FieldsInit } from "./fields.ts";

/** What follows the data of each chunk. */
export const CHUNK_END: Readonly<Uint8Array> = Uint8Array.of(CR, LF);

/**
 * What goes before the data of a chunk, for those who write the parts one after
 * another: then the data, then {@linkcode CHUNK_END}.
 *
 * @param length Bytes of the data; with 0 the chunk is none, and nothing is to be
 * written: it would end the body.
 * @param isNext Whether it comes right behind the data of another chunk: then it
 * brings the end of that along, and a chunk takes two writes instead of three.
 * @returns The bytes; none for a length of 0.
 * @throws {RangeError} If the length is no whole number, or below 0.
 *
 * @example Usage
 * ```ts
 * import { chunkHead } from "@pollen/futures/http/h1";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(chunkHead(255), new TextEncoder().encode("ff\r\n"));
 * assertEquals(chunkHead(255, true), new TextEncoder().encode("\r\nff\r\n"));
 * assertEquals(chunkHead(0).length, 0);
 * ```
 */
export function chunkHead(length: number, isNext = false): Uint8Array {
  if (!Number.isSafeInteger(length) || length < 0) {
    throw new RangeError(
      "Cannot encode a chunk: its length must be a whole number, not below 0",
    );
  }
  if (length === 0) return EMPTY;
  return encodeLatin1(`${isNext ? "\r\n" : ""}${length.toString(16)}\r\n`);
}

/**
 * Makes a chunk (RFC 9112 §7.1) of data: size, data, CRLF. No data makes no chunk,
 * since one of size 0 would end the body.
 *
 * @param data The data, which is copied.
 * @returns The chunk's bytes; none for no data.
 * @throws {TypeError} If the data is no `Uint8Array`.
 *
 * @example Usage
 * ```ts
 * import { encodeChunk, encodeLastChunk } from "@pollen/futures/http/h1";
 * import { assertEquals } from "@std/assert";
 *
 * const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
 * assertEquals(text(encodeChunk(new TextEncoder().encode("hello"))), "5\r\nhello\r\n");
 * assertEquals(text(encodeChunk(new Uint8Array(0))), "");
 * assertEquals(text(encodeLastChunk()), "0\r\n\r\n");
 * ```
 */
export function encodeChunk(data: Uint8Array): Uint8Array {
  if (!(data instanceof Uint8Array)) {
    throw new TypeError(
      `Cannot encode a chunk: its data must be a Uint8Array, got ${
        kindOf(data)
      }`,
    );
  }
  const head = chunkHead(data.length);
  if (head.length === 0) return head;
  const chunk = new Uint8Array(head.length + data.length + CHUNK_END.length);
  chunk.set(head);
  chunk.set(data, head.length);
  chunk.set(CHUNK_END, head.length + data.length);
  return chunk;
}

/**
 * What ends a chunked body: the last chunk, trailers if there are any, and the
 * empty line.
 *
 * @param trailers Fields that became known on the way: a digest, a signature.
 * @param isNext Whether it comes right behind the data of a chunk, as with
 * {@linkcode chunkHead}.
 * @returns The bytes.
 * @throws {H1RequestError} If a trailer is malformed, or is of those that cannot
 * come so late (RFC 9110 §6.5.1): framing, routing, credentials, controls.
 *
 * @example Usage
 * ```ts
 * import { encodeLastChunk } from "@pollen/futures/http/h1";
 * import { assertEquals } from "@std/assert";
 *
 * const end = encodeLastChunk({ "x-checksum": "1f" });
 * assertEquals(new TextDecoder().decode(end), "0\r\nx-checksum: 1f\r\n\r\n");
 * ```
 */
export function encodeLastChunk(
  trailers: FieldsInit = [],
  isNext = false,
): Uint8Array {
  let text = isNext ? "\r\n0\r\n" : "0\r\n";
  for (const [name, value] of Fields.from(trailers).lines()) {
    if (NOT_IN_TRAILERS.has(name.toLowerCase())) {
      throw new H1RequestError(
        `Cannot encode trailers: ${name} cannot be one`,
        "forbidden-trailer",
      );
    }
    text += `${name}: ${value}\r\n`;
  }
  return encodeLatin1(`${text}\r\n`);
}

const NOT_IN_TRAILERS: ReadonlySet<string> = new Set([
  // framing
  "content-length",
  "transfer-encoding",
  "trailer",
  // routing, and the connection
  "connection",
  "host",
  "keep-alive",
  "proxy-connection",
  "te",
  "upgrade",
  // how the content is to be read
  "content-encoding",
  "content-range",
  "content-type",
  // controls and conditions
  "cache-control",
  "expect",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "max-forwards",
  "pragma",
  "range",
  // credentials
  "authorization",
  "cookie",
  "proxy-authorization",
  "set-cookie",
]);
