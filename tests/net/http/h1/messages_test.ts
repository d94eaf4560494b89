import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import {
  H1Error,
  H1Incomplete,
  H1LimitExceeded,
  ResponseParser,
} from "../../../../net/http/h1/mod.ts";
import { latin1 } from "./_bytes.ts";

/** The error that the bytes, and then the end of the connection, lead to. */
function errorOf(bytes: string): H1Error {
  const parser = new ResponseParser({ method: "GET" });
  return assertThrows(() => {
    parser.push(latin1(bytes));
    while (parser.nextEvent() !== null);
    parser.end();
    while (parser.nextEvent() !== null);
  }, H1Error);
}

Deno.test("H1Error: what is no HTTP/1.x is called by its name", () => {
  const cases = {
    "RTSP/1.0 200 OK\r\n": "RTSP",
    "ICY 200 OK\r\n": "Shoutcast (ICY)",
    "\x15\x03\x01\0\x02\x02\x46": "a TLS alert: does the port speak TLS?",
    "\x16\x03\x01": "a TLS handshake",
    "\0\0\x12\x04\0\0\0\0\0": "a frame of HTTP/2",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n": "the preface of HTTP/2",
    "SSH-2.0-OpenSSH_9.6\r\n": "SSH",
    "220 mail\r\n": "the greeting of a mail or FTP server",
    "<!doctype html>": "a page without a head",
    "\r\nHTTP/1.1 200 OK\r\n": "an empty line",
    "R": "RTSP", // as much as there is
  };
  for (const [bytes, name] of Object.entries(cases)) {
    assertEquals(
      errorOf(bytes).message,
      `Cannot read the head: it does not begin with HTTP/1.x, but like ${name}`,
    );
  }
  for (const bytes of ["RTS/1.0", "\x15\x02", "hello", "HTTQ"]) {
    assertEquals(
      errorOf(bytes).message,
      "Cannot read the head: it does not begin with HTTP/1.x",
    );
  }
});

Deno.test("H1Error: the name is found wherever in the piece the head begins", () => {
  assertEquals(
    errorOf("HTTP/1.1 100 \r\n\r\nICY 200 OK\r\n").message,
    "Cannot read the head: it does not begin with HTTP/1.x, but like Shoutcast (ICY)",
  );
});

Deno.test("H1Error: says what, where, and what was expected", () => {
  const head = "HTTP/1.1 200 OK\r\n";
  const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`;
  const cases = {
    "HTTP/2 200": "Cannot read the head: its version is not 1.x",
    "HTTP/1.1 OK":
      "Cannot read the head: its status line is malformed at byte 9",
    [`${head}A\n`]:
      "Cannot read the head: a bare LF at byte 18, where a colon was expected",
    [`${head}A: b\n`]:
      "Cannot read the head: a bare LF at byte 21, where CRLF was expected",
    [`${head}A: b\rc`]:
      "Cannot read the head: a CR with no LF after it at byte 22, where LF was expected",
    [`${head}A: \0`]:
      "Cannot read the head: a control character at byte 20, where a character of a text was expected",
    [`${head}A : b`]:
      "Cannot read the head: a space before the colon at byte 18, where a colon was expected",
    [`${head} A`]:
      "Cannot read the head: a folded line at byte 17, where a field name was expected",
    [`${head}(`]:
      "Cannot read the head: a byte that no name has at byte 17, where a field name was expected",
    [`${chunked}x`]:
      "Cannot decode the chunks: no hexadecimal digit at byte 47, where the size of a chunk was expected",
    [`${chunked}1\r\nab`]:
      "Cannot decode the chunks: data beyond the size of its chunk at byte 51, where CRLF was expected",
    [`${chunked}0\r\nA\n`]:
      "Cannot read the trailers: a bare LF at byte 51, where a colon was expected",
    "": "Cannot read the head: the connection ended before the first byte",
    "HTTP/1.1": "Cannot read the head: the connection ended before its end",
    [`${head}Content-Length: 5\r\n\r\nab`]:
      "Cannot complete the body: the connection ended 3 bytes before its end",
    [`${chunked}5\r\nab`]:
      "Cannot complete the body: the connection ended 3 bytes before the end of a chunk",
    [`${chunked}1\r\na\r\n`]:
      "Cannot complete the body: the connection ended before the end of the last chunk",
    [`${chunked}0\r\n`]:
      "Cannot complete the body: the connection ended before the end of the trailers",
  };
  for (const [bytes, message] of Object.entries(cases)) {
    assertEquals(errorOf(bytes).message, message);
  }
});

Deno.test("H1Error: its kinds are told apart by class, and named", () => {
  const kinds = {
    "no": H1Error,
    "HTTP/1.1 200": H1Incomplete,
    [`HTTP/1.1 200 ${"a".repeat(9000)}`]: H1LimitExceeded,
  };
  for (const [bytes, kind] of Object.entries(kinds)) {
    const error = errorOf(bytes);
    assertInstanceOf(error, kind);
    assertEquals(error.name, kind.name);
    assertEquals(error.constructor, kind);
  }
});

Deno.test("H1Error: shows nothing of what the peer sent", () => {
  const head = "HTTP/1.1 200 OK\r\n";
  for (
    const bytes of [
      "secret",
      "HTTP/1.1 200 secret\0",
      `${head}Set-Cookie: secret\0`,
      `${head}secret\r\n`,
      `${head}Content-Length: secret\r\n\r\n`,
      `${head}Transfer-Encoding: secret\r\n\r\n`,
      `${head}Transfer-Encoding: chunked\r\n\r\nsecret`,
    ]
  ) {
    const { message, expected } = errorOf(bytes);
    assertEquals(`${message} ${expected}`.includes("secret"), false, message);
  }
});
