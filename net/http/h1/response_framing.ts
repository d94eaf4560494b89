import { trimOws } from "./_bytes.ts";
import { checkFramed, checkHead } from "./_checks.ts";
import { parseContentLength } from "./_content_length.ts";
import { H1Error, type H1ErrorCode } from "./errors.ts";
import { CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING } from "./_names.ts";
import { type Fields, valueOf } from "./fields.ts";

/** How the end of a response's body is found. */
export type ResponseFraming =
  | { kind: "none" }
  | { kind: "length"; length: number }
  | { kind: "chunked" }
  | { kind: "close" };

/** What the framing of a response follows from. */
export interface FramedHead {
  /** The method of the request that it answers. */
  method: string;
  /** The status code. */
  status: number;
  /** Of the version HTTP/1.x. */
  minor: 0 | 1;
  /** The fields. */
  fields: Fields;
}

const NONE: ResponseFraming = /* @__PURE__ */ Object.freeze({ kind: "none" });
const CHUNKED: ResponseFraming = /* @__PURE__ */ Object.freeze({
  kind: "chunked",
});
const CLOSE: ResponseFraming = /* @__PURE__ */ Object.freeze({ kind: "close" });

/**
 * How long the body of a response is: RFC 9112 §6.3, step by step. Where the RFC
 * leaves a choice, what could be read in two ways is refused.
 *
 * @param head The response's head, and the method it answers.
 * @param offset Where the body starts, for errors.
 * @returns How the end of the body is found.
 * @throws {H1Error} If the fields contradict each other, or are malformed.
 * @throws {TypeError} If it is given no head.
 *
 * @example Usage
 * ```ts
 * import { Fields, responseFraming } from "@pollen/futures/http/h1";
 * import { assertEquals } from "@std/assert";
 *
 * const fields = Fields.from({ "content-length": "5" });
 * const head = { status: 200, minor: 1, fields } as const;
 * assertEquals(responseFraming({ ...head, method: "GET" }), { kind: "length", length: 5 });
 * assertEquals(responseFraming({ ...head, method: "HEAD" }), { kind: "none" });
 * ```
 */
export function responseFraming(head: FramedHead, offset = 0): ResponseFraming {
  checkHead(head);
  const { method, status, fields } = head;

  // 1. "Any response to a HEAD request and any response with a 1xx
  //    (Informational), 204 (No Content), or 304 (Not Modified) status code is
  //    always terminated by the first empty line after the header fields,
  //    regardless of the header fields present in the message."
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) {
    return NONE;
  }

  // 2. "Any 2xx (Successful) response to a CONNECT request implies that the
  //    connection will become a tunnel": whatever comes is no body.
  if (method === "CONNECT" && status < 300) return NONE;

  const codings = valueOf(fields, TRANSFER_ENCODING);
  const lengths = valueOf(fields, CONTENT_LENGTH);
  if (codings !== null) {
    // §6.1: a Transfer-Encoding in HTTP/1.0 is faulty framing.
    if (head.minor === 0) {
      throw faulty(
        "transfer-encoding-in-http-1.0",
        "HTTP/1.0 has no Transfer-Encoding",
        offset,
      );
    }

    // 3. Both Transfer-Encoding and Content-Length: it "might indicate an
    //    attempt to perform request smuggling or response splitting and ought
    //    to be handled as an error".
    if (lengths !== null) {
      throw faulty(
        "content-length-with-transfer-encoding",
        "it has both Transfer-Encoding and Content-Length",
        offset,
      );
    }

    // 4. "If a Transfer-Encoding header field is present and the chunked
    //    transfer coding is the final encoding", chunks tell. Any other coding
    //    would have to be asked for with TE, which nobody here does: it is
    //    refused, even where the RFC would read until the connection closes.
    if (codings.toLowerCase() !== "chunked") {
      throw faulty(
        "unsupported-transfer-encoding",
        "its Transfer-Encoding is not chunked",
        offset,
      );
    }
    return CHUNKED;
  }

  if (lengths !== null) {
    // 5. An invalid Content-Length is an error, "unless the field value can be
    //    successfully parsed as a comma-separated list, all values in the list
    //    are valid, and all values in the list are the same".
    const length = parseContentLength(lengths);
    if (typeof length === "string") {
      const problem = length === "invalid-content-length"
        ? "its Content-Length is no number of bytes"
        : "it has several Content-Lengths that differ";
      throw faulty(length, problem, offset);
    }

    // 6. "If a valid Content-Length header field is present without
    //    Transfer-Encoding, its decimal value defines the expected message body
    //    length in octets."
    return { kind: "length", length };
  }

  // 7. is about requests.

  // 8. "Otherwise, this is a response message without a declared message body
  //    length, so the message body length is determined by the number of octets
  //    received prior to the server closing the connection."
  return CLOSE;
}

/**
 * Whether the connection can serve another exchange after this response:
 * RFC 9112 §9.3. The client has to agree: it may have sent `Connection: close`.
 *
 * @param head The response's head, and the method it answers.
 * @param framing How the end of the body is found.
 * @returns `true` if the response leaves the connection open.
 * @throws {TypeError} If it is given no head, or no framing.
 *
 * @example Usage
 * ```ts
 * import { Fields, keepsAlive, responseFraming } from "@pollen/futures/http/h1";
 * import { assertEquals } from "@std/assert";
 *
 * const head = {
 *   method: "GET",
 *   status: 200,
 *   minor: 1,
 *   fields: Fields.from({ "content-length": "5" }),
 * } as const;
 * assertEquals(keepsAlive(head, responseFraming(head)), true);
 * const old = { ...head, minor: 0 } as const;
 * assertEquals(keepsAlive(old, responseFraming(old)), false);
 * ```
 */
export function keepsAlive(
  head: FramedHead,
  framing: ResponseFraming,
): boolean {
  checkHead(head);
  checkFramed(framing);
  const { method, status, minor, fields } = head;
  if (framing.kind === "close") return false;
  if (status === 101) return false;
  if (method === "CONNECT" && status >= 200 && status < 300) return false;
  // A response that has no body is read well whatever its fields say; but a
  // server that says this of its framing is not to be trusted with another.
  if (
    valueOf(fields, TRANSFER_ENCODING) !== null &&
    (minor === 0 || valueOf(fields, CONTENT_LENGTH) !== null)
  ) return false;
  const options = valueOf(fields, CONNECTION);
  if (options === null) return minor === 1;
  const tokens = options.toLowerCase().split(",").map(trimOws);
  if (tokens.includes("close")) return false;
  return minor === 1 || tokens.includes("keep-alive");
}

function faulty(code: H1ErrorCode, problem: string, offset: number): H1Error {
  return new H1Error(`Cannot tell where the body ends: ${problem}`, {
    code,
    expected: "one Content-Length, or Transfer-Encoding: chunked",
    offset,
  });
}
