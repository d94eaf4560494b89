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
      return ["bare-cr", "a CR with no LF after it", "LF"];
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

/** A first line that is no status line: `at` is where in the bytes it ceases to be one. */
export function illegalStart(
  bytes: Uint8Array,
  at: number,
  place: number,
  offset: number,
): H1Error {
  if (place < "HTTP/".length) {
    // What the first piece has of it, which is most often all.
    const longest = Math.max(...OTHERS.map(([start]) => start.length));
    const start = bytes.subarray(at - place, at - place + longest);
    return startError("not-http", resemblance(start), offset);
  }
  if (place < "HTTP/1.1 ".length) {
    return startError("unsupported-version", "its version is not 1.x", offset);
  }
  const problem = `its status line is malformed at byte ${offset}`;
  return startError("invalid-status-line", problem, offset);
}

/** What others than HTTP begin with. */
const OTHERS: [start: string, name: string][] = [
  ["\x15\x03", "a TLS alert: does the port speak TLS?"],
  ["\x16\x03", "a TLS handshake"],
  ["\0\0", "a frame of HTTP/2"],
  ["PRI * HTTP/2.0", "the preface of HTTP/2"],
  ["RTSP/", "RTSP"],
  ["ICY ", "Shoutcast (ICY)"],
  ["SIP/", "SIP"],
  ["SSH-", "SSH"],
  ["220", "the greeting of a mail or FTP server"],
  ["+OK", "the greeting of a POP3 server"],
  ["* OK", "the greeting of an IMAP server"],
  ["<", "a page without a head"],
  ["\r\n", "an empty line"],
];

function resemblance(bytes: Uint8Array): string {
  const start = String.fromCharCode(...bytes);
  const other = OTHERS.find(([each]) =>
    each.startsWith(start.slice(0, each.length))
  );
  return other === undefined
    ? "it does not begin with HTTP/1.x"
    : `it does not begin with HTTP/1.x, but like ${other[1]}`;
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
