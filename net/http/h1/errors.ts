/** What a peer did wrong, for programs. */
export type H1ErrorCode =
  | "not-http"
  | "unsupported-version"
  | "invalid-status-line"
  | "bare-cr"
  | "bare-lf"
  | "invalid-byte"
  | "invalid-field-name"
  | "space-before-colon"
  | "obs-fold"
  | "invalid-content-length"
  | "conflicting-content-length"
  | "content-length-with-transfer-encoding"
  | "transfer-encoding-in-http-1.0"
  | "unsupported-transfer-encoding"
  | "unrequested-upgrade"
  | "invalid-chunk-size"
  | "invalid-chunk-extension"
  | "missing-chunk-end"
  | H1LimitCode
  | H1IncompleteCode;

/** Which of the {@linkcode H1Limits} a peer went over. */
export type H1LimitCode =
  | "head-too-large"
  | "line-too-long"
  | "too-many-fields"
  | "too-many-informational"
  | "informational-too-large"
  | "chunk-extensions-too-large"
  | "trailers-too-large";

/** What was still missing when the connection ended. */
export type H1IncompleteCode =
  | "no-response"
  | "incomplete-head"
  | "incomplete-body"
  | "incomplete-chunk"
  | "incomplete-trailers";

/** What an {@linkcode H1Error} carries besides its message. */
export interface H1ErrorOptions<Code extends H1ErrorCode = H1ErrorCode> {
  /** What the peer did. */
  code: Code;
  /** What the protocol has at that place, in words. */
  expected: string;
  /** How many bytes of the response came before that place. */
  offset: number;
}

/**
 * The peer did not keep to HTTP/1.1. The connection is out of step, and can
 * serve no further exchange. No text of the peer's stands in the message, so
 * that no secret can.
 *
 * @example Usage
 * ```ts
 * import { H1Error, ResponseParser } from "@pollen/futures/http/h1";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const parser = new ResponseParser({ method: "GET" });
 * parser.push(new TextEncoder().encode("HTTP/1.1 200 OK\nHost: a\n\n"));
 * const error = assertThrows(() => parser.nextEvent(), H1Error);
 * assertEquals([error.code, error.offset], ["bare-lf", 15]);
 * ```
 */
export class H1Error extends Error {
  /** What the peer did. */
  readonly code: H1ErrorCode;
  /** What the protocol has at that place, in words. */
  readonly expected: string;
  /** How many bytes of the response came before that place. */
  readonly offset: number;

  /**
   * Makes the error.
   *
   * @param message What could not be done: why.
   * @param options What the peer did, and where.
   */
  constructor(message: string, options: H1ErrorOptions) {
    super(message);
    this.name = "H1Error";
    this.code = options.code;
    this.expected = options.expected;
    this.offset = options.offset;
  }
}

/** The peer sent more than one of the {@linkcode H1Limits} allows. */
export class H1LimitExceeded extends H1Error {
  /** Which limit it was. */
  declare readonly code: H1LimitCode;

  /** Makes the error, as {@linkcode H1Error} does. */
  constructor(message: string, options: H1ErrorOptions<H1LimitCode>) {
    super(message, options);
    this.name = "H1LimitExceeded";
  }
}

/** The connection ended in the middle of a response, or before it. */
export class H1Incomplete extends H1Error {
  /** What was still to come. */
  declare readonly code: H1IncompleteCode;
  /** How many bytes of the body or chunk are missing; `null` if unknown. */
  readonly missing: number | null;

  /** Makes the error, as {@linkcode H1Error} does. */
  constructor(
    message: string,
    options: H1ErrorOptions<H1IncompleteCode> & { missing: number | null },
  ) {
    super(message, options);
    this.name = "H1Incomplete";
    this.missing = options.missing;
  }
}

/** What a caller did wrong, for programs. */
export type H1RequestErrorCode =
  | "invalid-method"
  | "invalid-target"
  | "invalid-host"
  | "missing-host"
  | "duplicate-host"
  | "invalid-field-name"
  | "invalid-field-value"
  | "invalid-content-length"
  | "conflicting-content-length"
  | "content-length-with-transfer-encoding"
  | "unsupported-transfer-encoding"
  | "unexpected-body"
  | "forbidden-trailer";

/**
 * A request cannot be put on the wire as it was asked for. It is the caller's
 * fault, and is thrown before any byte is made.
 *
 * @example Usage
 * ```ts
 * import { encodeRequest, H1RequestError } from "@pollen/futures/http/h1";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const error = assertThrows(() =>
 *   encodeRequest({
 *     method: "GET",
 *     target: "/a\r\nx-smuggled: 1",
 *     fields: { host: "example.com" },
 *   }), H1RequestError);
 * assertEquals(error.code, "invalid-target");
 * ```
 */
export class H1RequestError extends TypeError {
  /** What is wrong with the request. */
  readonly code: H1RequestErrorCode;

  /**
   * Makes the error.
   *
   * @param message What could not be done: why.
   * @param code What is wrong with the request.
   */
  constructor(message: string, code: H1RequestErrorCode) {
    super(message);
    this.name = "H1RequestError";
    this.code = code;
  }
}
