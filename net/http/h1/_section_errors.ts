import { classOf } from "./_bytes.ts";
import type { SectionRules } from "./_section.ts";
import { type SectionState, stateOf } from "./_section_table.ts";
import { H1Error, type H1ErrorCode, H1LimitExceeded } from "./errors.ts";

// What is wrong with a head or with trailers, in words. Out of the way of the
// reader, for none of it is met on a good day.

/** A byte that has no cell in the table of states. */
export function illegalByte(
  at: number,
  byte: number,
  offset: number,
  rules: SectionRules,
): H1Error {
  const [code, found, expected] = faultOf(stateOf(at), byte);
  return new H1Error(
    `Cannot read the ${rules.kind}: ${found} at byte ${offset}, where ${expected} was expected`,
    { code, expected, offset },
  );
}

function faultOf(
  at: SectionState,
  byte: number,
): [code: H1ErrorCode, found: string, expected: string] {
  const kind = classOf(byte);
  switch (at) {
    case "line end":
    case "last line end":
      return ["bare-cr", "a CR with no LF after it ends", "LF"];
    case "line start":
      if (kind === "lf") return ["bare-lf", "a bare LF", "CRLF"];
      if (kind === "space") {
        return ["obs-fold", "a folded line", "a field name"];
      }
      return ["invalid-field-name", "a byte that no name has", "a field name"];
    case "name":
      if (kind === "lf") return ["bare-lf", "a bare LF", "a colon"];
      if (kind === "space") {
        return ["space-before-colon", "a space before the colon", "a colon"];
      }
      return ["invalid-field-name", "a byte that no name has", "a colon"];
    default:
      if (kind === "lf") return ["bare-lf", "a bare LF", "CRLF"];
      return ["invalid-byte", "a control character", "a character of a text"];
  }
}

export function tooLarge(offset: number, rules: SectionRules): H1Error {
  const code = rules.kind === "head" ? "head-too-large" : "trailers-too-large";
  return new H1LimitExceeded(
    `Cannot read the ${rules.kind}: it has more than ${rules.maxBytes} bytes`,
    { code, expected: "an end", offset },
  );
}

export function tooLongLine(offset: number, rules: SectionRules): H1Error {
  return new H1LimitExceeded(
    `Cannot read the ${rules.kind}: a line has more than ${rules.maxLine} bytes`,
    { code: "line-too-long", expected: "CRLF", offset },
  );
}

export function tooManyFields(offset: number, rules: SectionRules): H1Error {
  return new H1LimitExceeded(
    `Cannot read the ${rules.kind}: it has more than ${rules.maxFields} fields`,
    { code: "too-many-fields", expected: "an empty line", offset },
  );
}

/** What other protocols begin with; the longest that fits is what it looks like. */
const OTHERS: [start: string, name: string][] = [
  ["\x15\x03", "a TLS alert: the port may want TLS"],
  ["\x16\x03", "a TLS handshake: the port may want TLS"],
  ["\0\0", "an HTTP/2 frame"],
  ["PRI * HTTP/2.0", "the preface of HTTP/2"],
  ["RTSP/", "RTSP"],
  ["ICY ", "Shoutcast (ICY)"],
  ["SIP/", "SIP"],
  ["SSH-", "SSH"],
  ["220", "the greeting of a mail or FTP server"],
  ["+OK", "the greeting of a POP3 server"],
  ["* OK", "the greeting of an IMAP server"],
  ["<", "a page with no head"],
  ["\r\n", "an empty line"],
];

/** The status line is none. */
export function illegalStart(
  bytes: Uint8Array,
  from: number,
  at: number,
  place: number,
  offset: number,
): H1Error {
  if (place > "HTTP/".length && place < "HTTP/1.1 ".length) {
    return startError("unsupported-version", "its version is not 1.x", offset);
  }
  if (place >= "HTTP/1.".length) {
    const problem = `its status line is malformed at byte ${offset}`;
    return startError("invalid-status-line", problem, offset);
  }
  const start = String.fromCharCode(...bytes.subarray(from, from + 16));
  if (place === "HTTP/".length) {
    return startError("unsupported-version", "its version is not 1.x", offset);
  }
  const other = at === from + place &&
    OTHERS.find(([each]) => each.startsWith(start.slice(0, each.length)));
  const problem = other
    ? `it looks like ${other[1]}`
    : "it is none of HTTP/1.x";
  return startError("not-http", problem, offset);
}

function startError(
  code: H1ErrorCode,
  problem: string,
  offset: number,
): H1Error {
  return new H1Error(`Cannot read the head: ${problem}`, {
    code,
    expected: "a status line such as HTTP/1.1 200 OK",
    offset,
  });
}
