import { parseContentLength } from "./_content_length.ts";
import { CONTENT_LENGTH, TRANSFER_ENCODING } from "./_names.ts";
import { H1RequestError, type H1RequestErrorCode } from "./errors.ts";
import { type Fields, valueOf } from "./fields.ts";

/** How the end of a request's body is told. */
export type RequestFraming =
  | { kind: "none" }
  | { kind: "length"; length: number }
  | { kind: "chunked" };

/**
 * Chooses how to tell where a request's body ends: by its length if that is known,
 * else in chunks. A method that usually has a body and here has none says so with
 * a length of 0 (RFC 9110 §8.6), others say nothing.
 *
 * @param method The method.
 * @param body Bytes of the body; `"unknown"` if only its end will tell; `null` if
 * there is none.
 * @returns The framing.
 * @throws {RangeError} If the length is no whole number, or below 0.
 *
 * @example Usage
 * ```ts
 * import { requestFraming } from "@pollen/futures/http/h1";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(requestFraming("GET", null), { kind: "none" });
 * assertEquals(requestFraming("POST", null), { kind: "length", length: 0 });
 * assertEquals(requestFraming("PUT", "unknown"), { kind: "chunked" });
 * ```
 */
export function requestFraming(
  method: string,
  body: number | "unknown" | null,
): RequestFraming {
  if (body === "unknown") return { kind: "chunked" };
  if (body !== null) return { kind: "length", length: checkLength(body) };
  return expectsBody(method) ? { kind: "length", length: 0 } : { kind: "none" };
}

function expectsBody(method: string): boolean {
  return method === "POST" || method === "PUT" || method === "PATCH";
}

function checkLength(length: number): number {
  if (!Number.isSafeInteger(length) || length < 0) {
    throw new RangeError(
      "Cannot frame a body: its length must be a whole number, not below 0",
    );
  }
  return length;
}

/**
 * The framing has to fit the method, and what the fields say of it, if they do,
 * has to be the same: said once, and in one way.
 */
export function checkFraming(
  method: string,
  framing: RequestFraming,
  fields: Fields,
): void {
  if (framing.kind === "length") checkLength(framing.length);
  const hasBody = framing.kind === "chunked" ||
    framing.kind === "length" && framing.length > 0;
  // RFC 9110 §9.3.8: no content in TRACE; §9.3.6: none that means anything in
  // CONNECT, whose body would be taken for the first bytes of the tunnel.
  if (hasBody && (method === "TRACE" || method === "CONNECT")) {
    throw failure(`${method} has no body`, "unexpected-body");
  }
  // Those of several fields come joined by commas.
  const length = valueOf(fields, CONTENT_LENGTH);
  const coding = valueOf(fields, TRANSFER_ENCODING);
  if (length !== null && coding !== null) {
    throw failure(
      "it has both Content-Length and Transfer-Encoding",
      "content-length-with-transfer-encoding",
    );
  }
  if (length !== null) {
    const number = parseContentLength(length);
    if (typeof number === "string") {
      throw failure("its Content-Length is no number of bytes", number);
    }
    // Even the same twice: the server may take offence.
    if (length.includes(",") || number !== lengthOf(framing)) {
      throw failure(
        "its Content-Length is not the length of its body, said once",
        "conflicting-content-length",
      );
    }
  }
  if (
    coding !== null &&
    (coding.toLowerCase() !== "chunked" || framing.kind !== "chunked")
  ) {
    throw failure(
      "its Transfer-Encoding is not how its body is sent",
      "unsupported-transfer-encoding",
    );
  }
}

/** In bytes; `undefined` if only the end will tell. */
function lengthOf(framing: RequestFraming): number | undefined {
  switch (framing.kind) {
    case "none":
      return 0;
    case "length":
      return framing.length;
    case "chunked":
      return undefined;
  }
}

function failure(problem: string, code: H1RequestErrorCode): H1RequestError {
  return new H1RequestError(`Cannot encode a request: ${problem}`, code);
}
