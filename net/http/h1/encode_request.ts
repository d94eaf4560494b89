import { encodeLatin1, isToken } from "./_bytes.ts";
import { CONTENT_LENGTH, HOST, TRANSFER_ENCODING } from "./_names.ts";
import { checkHost, checkTarget } from "./_target.ts";
import { H1RequestError } from "./errors.ts";
import { Fields, type FieldsInit, linesWithout } from "./fields.ts";
import {
  checkFraming,
  type RequestFraming,
  requestFraming,
} from "./request_framing.ts";

/** What the head of a request is made from. */
export interface RequestHead {
  /** A token, as it is to be sent: `GET`. Methods are not the same in any case. */
  method: string;
  /**
   * The request target (RFC 9112 §3.2): a path with its query, an absolute URL
   * for a proxy, `host:port` for CONNECT, `*` for OPTIONS.
   */
  target: string;
  /**
   * The fields, `Host` among them where `host` does not say it. Content-Length and
   * Transfer-Encoding follow from the framing; they may be there if they say the
   * same.
   */
  fields: FieldsInit;
  /** The host, with the port if it is not the usual one, where no field says it. */
  host?: string;
  /** How the body's end is told: by default there is no body. */
  framing?: RequestFraming;
}

/**
 * Makes the head of a request (RFC 9112 §3): request line, `Host`, the other
 * fields as they were given, the framing, and the empty line. All of it is checked
 * first, so that nothing in it can end a line early: neither CR, LF nor NUL gets
 * onto the wire from a method, target, name or value.
 *
 * @param head Method, target, fields and framing.
 * @returns The bytes, in Latin-1.
 * @throws {TypeError} If `head` is no object.
 * @throws {H1RequestError} If the request cannot be sent as it was asked for.
 * @throws {RangeError} If the length of the body is no whole number, or below 0.
 *
 * @example Usage
 * ```ts
 * import { encodeRequest } from "@pollen/futures/http/h1";
 * import { assertEquals } from "@std/assert";
 *
 * const head = encodeRequest({
 *   method: "POST",
 *   target: "/items?new",
 *   fields: { Accept: "text/html", Host: "example.com" },
 *   framing: { kind: "length", length: 5 },
 * });
 * assertEquals(
 *   new TextDecoder().decode(head),
 *   "POST /items?new HTTP/1.1\r\nHost: example.com\r\nAccept: text/html\r\nContent-Length: 5\r\n\r\n",
 * );
 * ```
 */
export function encodeRequest(head: RequestHead): Uint8Array {
  if (typeof head !== "object" || head === null) {
    throw new TypeError("Cannot encode a request: its head is no object");
  }
  const { method, target } = head;
  if (typeof method !== "string" || !isToken(method)) {
    throw new H1RequestError(
      "Cannot encode a request: its method is no token",
      "invalid-method",
    );
  }
  checkTarget(method, target);
  const fields = Fields.from(head.fields);
  const host = checkHost(fields, head.host);
  const framing = head.framing ?? requestFraming(method, null);
  checkFraming(method, framing, fields);

  let text = `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n`;
  text += linesWithout(fields, WRITTEN_ANEW);
  if (framing.kind === "length") {
    text += `Content-Length: ${framing.length}\r\n`;
  }
  if (framing.kind === "chunked") text += "Transfer-Encoding: chunked\r\n";
  return encodeLatin1(`${text}\r\n`);
}

/** What is written from what was made of it. */
const WRITTEN_ANEW = [HOST, CONTENT_LENGTH, TRANSFER_ENCODING];
