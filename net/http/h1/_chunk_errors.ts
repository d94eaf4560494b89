import { CR, LF } from "./_bytes.ts";
import type { ChunkState } from "./_chunk_table.ts";
import {
  H1Error,
  type H1ErrorCode,
  H1Incomplete,
  H1LimitExceeded,
} from "./errors.ts";

// What is wrong with a chunked body, in words.

/** A byte that has no cell in the table of states. */
export function illegalChunkByte(
  at: ChunkState,
  byte: number,
  offset: number,
): H1Error {
  const [code, found, expected] = faultOf(at, byte);
  return new H1Error(
    `Cannot decode the chunks: ${found} at byte ${offset}, where ${expected} was expected`,
    { code, expected, offset },
  );
}

function faultOf(
  at: ChunkState,
  byte: number,
): [code: H1ErrorCode, found: string, expected: string] {
  switch (at) {
    case "size end":
      return ["bare-cr", "a CR with no LF after it", "LF"];
    case "data end":
    case "data line end":
      return [
        "missing-chunk-end",
        "data beyond the size of its chunk",
        at === "data end" ? "CRLF" : "LF",
      ];
  }
  if (byte === LF) return ["bare-lf", "a bare LF", "CRLF"];
  if (at === "extension") {
    return ["invalid-byte", "a control character", "a chunk extension"];
  }
  if (at === "padding") {
    return ["invalid-chunk-extension", "a byte after a space", "a semicolon"];
  }
  const found = byte === CR ? "no digit" : "no hexadecimal digit";
  return ["invalid-chunk-size", found, "the size of a chunk"];
}

export function sizeTooLarge(offset: number): H1Error {
  return new H1Error(
    "Cannot decode the chunks: a size has more than 16 digits, or is over 2^53 - 1",
    { code: "invalid-chunk-size", expected: "the size of a chunk", offset },
  );
}

export function extensionsTooLarge(max: number, offset: number): H1Error {
  return new H1LimitExceeded(
    `Cannot decode the chunks: they have more than ${max} bytes of extensions`,
    { code: "chunk-extensions-too-large", expected: "CRLF", offset },
  );
}

/** The connection ended before the body did. */
export function incompleteChunks(
  at: ChunkState,
  remaining: number,
  offset: number,
): H1Error {
  if (at === "data") {
    return new H1Incomplete(
      `Cannot complete the body: the connection ended ${remaining} byte${
        remaining === 1 ? "" : "s"
      } before the end of a chunk`,
      {
        code: "incomplete-body",
        expected: "the rest of a chunk",
        offset,
        missing: remaining,
      },
    );
  }
  const isInTrailers = at === "trailers";
  return new H1Incomplete(
    `Cannot complete the body: the connection ended before the end of the ${
      isInTrailers ? "trailers" : "last chunk"
    }`,
    {
      code: isInTrailers ? "incomplete-trailers" : "incomplete-chunk",
      expected: isInTrailers ? "an empty line" : "a chunk",
      offset,
      missing: null,
    },
  );
}
