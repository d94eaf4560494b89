import { type Attack, attackTests } from "./_attacks.ts";
import { ok, response } from "./_answers.ts";

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

/** A body in chunks that is refused with a code. */
function badChunks(
  name: string,
  source: string,
  body: string,
  code: string,
): Attack {
  return {
    name,
    source,
    answer: `${CHUNKED}${body}`,
    outcome: { fails: "body", with: "ProtocolError", code },
  };
}

/** A head that is refused with a code. */
function badHead(
  name: string,
  source: string,
  answer: string,
  code: string,
  says = "",
): Attack {
  return {
    name,
    source,
    answer,
    outcome: { fails: "head", with: "ProtocolError", code, says },
  };
}

const UNASKED = "CVE-2026-6733, CVE-2026-48931";

// What comes that nobody has asked for.
attackTests([
  {
    name: "a second answer with the first",
    source: UNASKED,
    answer: ok("first") + ok("forged"),
    outcome: { text: "first", fate: "closed" },
  },
  {
    name: "a second answer on the idle connection",
    source: UNASKED,
    answer: (socket) =>
      socket.write(
        ok("first"),
        () => setTimeout(() => socket.write(ok("forged")), 5),
      ),
    outcome: { text: "first", fate: "evicted" },
  },
  {
    name: "an end of chunks alone on the idle connection",
    source: UNASKED,
    answer: (socket) =>
      socket.write(
        ok("first"),
        () => setTimeout(() => socket.write("0\r\n\r\n"), 5),
      ),
    outcome: { text: "first", fate: "evicted" },
  },
  {
    name: "bytes after the last chunk",
    source: UNASKED,
    answer: `${CHUNKED}2\r\nab\r\n0\r\n\r\n0\r\n\r\n`,
    outcome: { text: "ab", fate: "closed" },
  },
  {
    name: "bytes after a 204",
    source: UNASKED,
    answer: "HTTP/1.1 204 No Content\r\n\r\nforged",
    outcome: { text: "", fate: "closed" },
  },
  {
    name: "a body after a 304",
    source: UNASKED,
    answer: response("304 Not Modified", "forged"),
    outcome: { text: "", fate: "closed" },
  },
  {
    name: "a body after the answer to HEAD",
    source: UNASKED,
    request: { method: "HEAD" },
    answer: ok("forged"),
    outcome: { text: "", fate: "closed" },
  },
  {
    name: "a body some time after the answer to HEAD",
    source: UNASKED,
    request: { method: "HEAD" },
    answer: (socket) =>
      socket.write(
        `${OK}content-length: 3\r\n\r\n`,
        () => setTimeout(() => socket.write("abc"), 5),
      ),
    outcome: { text: "", fate: "evicted" },
  },
  {
    name: "more than the length says",
    source: UNASKED,
    answer: `${OK}content-length: 2\r\n\r\nabc`,
    outcome: { text: "ab", fate: "closed" },
  },
  {
    name: "a switch of protocols that nobody has asked for",
    source: "RFC 9110 section 15.2.2",
    answer: "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n",
    outcome: {
      fails: "head",
      with: "ProtocolError",
      code: "unrequested-upgrade",
      says: "switches protocols",
    },
  },
]);

// Framing that can be read in two ways.
attackTests([
  badHead(
    "Transfer-Encoding with Content-Length",
    "RFC 9112 sections 6.1 and 6.3",
    `${OK}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    "content-length-with-transfer-encoding",
  ),
  badHead(
    "Transfer-Encoding in HTTP/1.0",
    "RFC 9112 section 6.1",
    "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "transfer-encoding-in-http-1.0",
  ),
  badHead(
    "a transfer coding that is not chunked",
    "RFC 9112 section 6.3",
    `${OK}transfer-encoding: chunked, gzip\r\n\r\n0\r\n\r\n`,
    "unsupported-transfer-encoding",
  ),
  badHead(
    "two lengths that differ",
    "RFC 9112 section 6.3, CVE-2026-1525",
    `${OK}content-length: 3\r\nContent-Length: 4\r\n\r\nabcd`,
    "conflicting-content-length",
  ),
  {
    name: "two lengths that are the same are one",
    source: "RFC 9112 section 6.3",
    answer: `${OK}content-length: 3\r\nContent-Length: 3\r\n\r\nabc`,
    outcome: { text: "abc", fate: "kept" },
  },
  ...["+5", "-1", "0x5", "5 x", "5,6", "5;", "", "9007199254740992", "1e1"].map(
    (length) =>
      badHead(
        `a length of "${length}"`,
        "CVE-2021-32715, CVE-2023-38697",
        `${OK}content-length: ${length}\r\n\r\nabcde`,
        length === "5,6"
          ? "conflicting-content-length"
          : "invalid-content-length",
      ),
  ),
  ...["+5", "-1", "0x5", " 5", "", "g", "20000000000000", "00000000000000005"]
    .map((size) =>
      badChunks(
        `a chunk of size "${size}"`,
        "CVE-2021-32714, CVE-2021-32715",
        `${size}\r\nabcde\r\n0\r\n\r\n`,
        "invalid-chunk-size",
      )
    ),
  badChunks(
    "a space and more after the size of a chunk",
    "RFC 9112 section 7.1",
    "5 x\r\nabcde\r\n0\r\n\r\n",
    "invalid-chunk-extension",
  ),
  badChunks(
    "a bare LF after the size of a chunk",
    "CVE-2025-43859",
    "5\nabcde\r\n0\r\n\r\n",
    "bare-lf",
  ),
  badChunks(
    "data that is not followed by CRLF",
    "CVE-2025-43859",
    "5\r\nabcdeXX0\r\n\r\n",
    "missing-chunk-end",
  ),
  badChunks(
    "a bare LF after data",
    "CVE-2025-43859",
    "5\r\nabcde\n0\r\n\r\n",
    "missing-chunk-end",
  ),
]);

// Heads that are not written as they have to be.
attackTests([
  badHead("a bare CR", "section 2.2", `${OK}x: a\rb\r\n\r\n`, "bare-cr"),
  badHead("a NUL", "section 5.5", `${OK}x: a\0b\r\n\r\n`, "invalid-byte"),
  badHead("bare LFs", "section 2.2", "HTTP/1.1 200 OK\n\n", "bare-lf"),
  badHead("a bare LF in fields", "section 2.2", `${OK}x: a\n\r\n`, "bare-lf"),
  badHead(
    "a space before the colon",
    "section 5.1",
    `${OK}content-length : 0\r\n\r\n`,
    "space-before-colon",
  ),
  badHead(
    "a folded line",
    "section 5.2",
    `${OK}x: a\r\n b\r\n\r\n`,
    "obs-fold",
  ),
  badHead("no name", "section 5", `${OK}: a\r\n\r\n`, "invalid-field-name"),
  badHead("no colon", "section 5", `${OK}xyz\r\n\r\n`, "invalid-field-name"),
  badHead(
    "a status of two digits",
    "section 4",
    "HTTP/1.1 20 OK\r\n\r\n",
    "invalid-status-line",
  ),
  badHead(
    "HTTP/2 by name",
    "section 2.3",
    "HTTP/2 200\r\n\r\n",
    "unsupported-version",
  ),
]);

const NOT_HTTP = "an answer that is not HTTP/1.x";

attackTests(
  ([
    ["RTSP/1.0 200 OK\r\n\r\n", "RTSP"],
    ["ICY 200 OK\r\n\r\n", "Shoutcast (ICY)"],
    ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "preface of HTTP/2"],
    ["\0\0\x12\x04\0\0\0\0\0", "frame of HTTP/2"],
    ["\x15\x03\x01\0\x02\x02\x46", "a TLS alert: does the port speak TLS?"],
    ["SSH-2.0-OpenSSH_9.9\r\n", "SSH"],
    ["220 mail ESMTP\r\n", "greeting of a mail or FTP server"],
    ["<html></html>", "a page without a head"],
  ] as const).map(([answer, name]) =>
    badHead(`${name}`, NOT_HTTP, answer, "not-http", name)
  ),
);
