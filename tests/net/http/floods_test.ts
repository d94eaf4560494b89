import { gzipSync } from "node:zlib";
import { type Attack, attackTests, flood } from "./_attacks.ts";
import { ok } from "./_answers.ts";

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;

/** 64 MiB, coded twice. */
const BOMB = gzipSync(gzipSync(new Uint8Array(64 * 1024 * 1024)))
  .toString("latin1");

/** What goes on for ever is refused by a limit. */
function endless(
  name: string,
  source: string,
  start: string,
  piece: string,
  fails: "head" | "body",
  limit: string,
): Attack {
  return {
    name,
    source,
    answer: flood(start, piece),
    outcome: { fails, with: "LimitExceeded", code: `limits.${limit}` },
  };
}

attackTests([
  endless(
    "endless fields",
    "CVE-2023-38039",
    OK,
    "a: b\r\n",
    "head",
    "fields",
  ),
  endless(
    "endless large fields",
    "CVE-2023-38039",
    OK,
    `a: ${"b".repeat(8000)}\r\n`,
    "head",
    "headBytes",
  ),
  endless("an endless line", "CVE-2023-38039", OK, "ab", "head", "lineBytes"),
  endless(
    "an endless status line",
    "CVE-2023-38039",
    "HTTP/1.1 200 ",
    "OK",
    "head",
    "lineBytes",
  ),
  endless(
    "endless interim responses",
    "CVE-2021-3737",
    "",
    "HTTP/1.1 103 Early Hints\r\n\r\n",
    "head",
    "informational",
  ),
  endless(
    "large interim responses",
    "CVE-2021-3737",
    "",
    `HTTP/1.1 103 Early Hints\r\n${`a: ${"b".repeat(7990)}\r\n`.repeat(3)}\r\n`,
    "head",
    "headBytes",
  ),
  endless(
    "a flood of chunk extensions",
    "CVE-2023-39326",
    CHUNKED,
    `1;${"x".repeat(1000)}\r\na\r\n`,
    "body",
    "chunkExtensionBytes",
  ),
  endless(
    "an endless chunk extension",
    "CVE-2023-39326",
    `${CHUNKED}1;`,
    "x",
    "body",
    "chunkExtensionBytes",
  ),
  endless(
    "endless trailers",
    "CVE-2026-22815",
    `${CHUNKED}0\r\n`,
    `a: ${"b".repeat(1000)}\r\n`,
    "body",
    "trailerBytes",
  ),
  endless(
    "many trailers",
    "CVE-2026-22815",
    `${CHUNKED}0\r\n`,
    "a: b\r\n",
    "body",
    "fields",
  ),
  {
    ...endless(
      "an endless body",
      "CVE-2025-13836",
      `${OK}\r\n`,
      "x",
      "body",
      "bodyBytes",
    ),
    options: { limits: { bodyBytes: 1_000_000 } },
  },
  {
    name: "chunks of one byte are not taken for a flood",
    source: "CVE-2023-39326",
    answer: `${CHUNKED}${"1\r\nx\r\n".repeat(20_000)}0\r\n\r\n`,
    outcome: { text: "x".repeat(20_000), fate: "kept" },
  },
  {
    name: "a length of 2^53 - 1 takes no memory",
    source: "CVE-2025-13836",
    answer: (socket) =>
      socket.end(`${OK}content-length: 9007199254740991\r\n\r\nabc`),
    outcome: { fails: "body", with: "IncompleteBody", code: "incomplete-body" },
  },
  {
    name: "a chunk of 2^53 - 1 bytes takes no memory",
    source: "CVE-2025-13836",
    answer: (socket) => socket.end(`${CHUNKED}1fffffffffffff\r\nabc`),
    outcome: { fails: "body", with: "IncompleteBody", code: "incomplete-body" },
  },
  {
    name: "codings split over several fields",
    source: "CVE-2022-32206, CVE-2023-23916, CVE-2026-22036",
    answer: ok("x", ...Array(6).fill("content-encoding: gzip")),
    outcome: {
      fails: "head",
      with: "LimitExceeded",
      code: "limits.codings",
      fate: "kept",
    },
  },
  {
    name: "a bomb within a bomb",
    source: "CVE-2025-66471, CVE-2026-21441",
    answer: ok(BOMB, "content-encoding: gzip, gzip"),
    outcome: {
      fails: "body",
      with: "LimitExceeded",
      code: "limits.decodedRatio",
      fate: "kept",
    },
  },
]);

// What ends too soon.
attackTests([
  {
    name: "a body shorter than its length",
    source: "RFC 9112 section 8",
    answer: (socket) => socket.end(`${OK}content-length: 5\r\n\r\nabc`),
    outcome: {
      fails: "body",
      with: "IncompleteBody",
      code: "incomplete-body",
      says: "2 bytes before its end",
    },
  },
  {
    name: "no last chunk",
    source: "RFC 9112 section 8",
    answer: (socket) => socket.end(`${CHUNKED}3\r\nabc\r\n`),
    outcome: {
      fails: "body",
      with: "IncompleteBody",
      code: "incomplete-chunk",
    },
  },
  {
    name: "no end of the trailers",
    source: "RFC 9112 section 8",
    answer: (socket) => socket.end(`${CHUNKED}0\r\na: b\r\n`),
    outcome: {
      fails: "body",
      with: "IncompleteBody",
      code: "incomplete-trailers",
    },
  },
  {
    name: "half a head",
    source: "RFC 9112 section 8",
    answer: (socket) => socket.end(`${OK}a: b\r\n`),
    outcome: {
      fails: "head",
      with: "TransportError",
      code: "incomplete-head",
    },
  },
  {
    name: "a reset in the middle of a body",
    source: "RFC 9112 section 8",
    answer: (socket) => {
      socket.write(`${OK}\r\nabc`, () => socket.resetAndDestroy());
    },
    outcome: { fails: "body", with: "TransportError" },
  },
]);
