import type { ResponseParserOptions } from "../../../../net/http/h1/mod.ts";

/** Bytes that come from a server, each a character, and what is to be made of them. */
export interface Vector {
  name: string;
  bytes: string;
  /** What the parser says, the connection ending after the bytes. */
  trace: string[];
  /** Of the request: GET by default. */
  options?: Partial<ResponseParserOptions>;
}

const HEAD = { method: "HEAD" };
const CONNECT = { method: "CONNECT" };
const UNFOLD = { obsFold: "unfold" } as const;

/** Responses that are complete, or that the end of the connection completes. */
export const VALID: Vector[] = [
  {
    name: "a body with a length",
    bytes: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    trace: [
      "head 1.1 200 OK, length 5, keep | content-length: 5",
      "data hello",
      "end",
    ],
  },
  {
    name: "a body of length 0",
    bytes: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    trace: ["head 1.1 200 OK, length 0, keep | content-length: 0", "end"],
  },
  {
    name: "a length with zeros before it",
    bytes: "HTTP/1.1 200 OK\r\nContent-Length: 0002\r\n\r\nab",
    trace: [
      "head 1.1 200 OK, length 2, keep | content-length: 0002",
      "data ab",
      "end",
    ],
  },
  {
    name: "a body up to the end of the connection",
    bytes: "HTTP/1.1 200 OK\r\n\r\nhello\r\n\r\n",
    trace: ["head 1.1 200 OK, close, close", "data hello\r\n\r\n", "end"],
  },
  {
    name: "an empty body up to the end of the connection",
    bytes: "HTTP/1.1 500 \r\n\r\n",
    trace: ["head 1.1 500 , close, close", "end"],
  },
  {
    name: "HTTP/1.0",
    bytes: "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na",
    trace: [
      "head 1.0 200 OK, length 1, close | content-length: 1",
      "data a",
      "end",
    ],
  },
  {
    name: "HTTP/1.0 that keeps the connection",
    bytes:
      "HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: Keep-Alive\r\n\r\na",
    trace: [
      "head 1.0 200 OK, length 1, keep | content-length: 1 | connection: Keep-Alive",
      "data a",
      "end",
    ],
  },
  {
    name:
      "HTTP/1.0 that wants to keep it but does not tell where the body ends",
    bytes: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\na",
    trace: [
      "head 1.0 200 OK, close, close | connection: keep-alive",
      "data a",
      "end",
    ],
  },
  {
    name: "a later minor version, read as 1.1",
    bytes: "HTTP/1.9 204 Fine\r\n\r\n",
    trace: ["head 1.1 204 Fine, none, keep", "end"],
  },
  {
    name: "Connection: close",
    bytes: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    trace: [
      "head 1.1 200 OK, length 0, close | connection: close | content-length: 0",
      "end",
    ],
  },
  {
    name: "close among the options of several fields, in any case",
    bytes:
      "HTTP/1.1 204 \r\nConnection: x-a\r\nconnection: keep-alive,\t CLOSE \r\n\r\n",
    trace: [
      "head 1.1 204 , none, close | connection: x-a | connection: keep-alive,\t CLOSE",
      "end",
    ],
  },
  {
    name: "an option that only begins like close",
    bytes: "HTTP/1.1 204 \r\nConnection: closed\r\n\r\n",
    trace: ["head 1.1 204 , none, keep | connection: closed", "end"],
  },
  {
    name: "chunks",
    bytes:
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
    trace: [
      "head 1.1 200 OK, chunked, keep | transfer-encoding: chunked",
      "data hello world",
      "end",
    ],
  },
  {
    name: "chunks in capitals, with zeros, extensions and padding",
    bytes:
      'HTTP/1.1 200 OK\r\nTRANSFER-ENCODING: ChUnKeD\r\n\r\n00A;a="b;c";d\r\n0123456789\r\n1 \t;\xe9 =x\r\n\xff\r\n1  \r\nz\r\n000;last\r\n\r\n',
    trace: [
      "head 1.1 200 OK, chunked, keep | transfer-encoding: ChUnKeD",
      "data 0123456789\xffz",
      "end",
    ],
  },
  {
    name: "a chunk size of sixteen digits",
    bytes:
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0000000000000001\r\na\r\n0000000000000000\r\n\r\n",
    trace: [
      "head 1.1 200 OK, chunked, keep | transfer-encoding: chunked",
      "data a",
      "end",
    ],
  },
  {
    name: "no chunks",
    bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    trace: [
      "head 1.1 200 OK, chunked, keep | transfer-encoding: chunked",
      "end",
    ],
  },
  {
    name: "trailers",
    bytes:
      "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1f\r\nContent-Length:  9 \r\n\r\n",
    trace: [
      "head 1.1 200 OK, chunked, keep | trailer: X-Sum | transfer-encoding: chunked",
      "data a",
      "end | x-sum: 1f | content-length: 9",
    ],
  },
  {
    name: "chunks of CRLF",
    bytes:
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n\r\n\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n",
    trace: [
      "head 1.1 200 OK, chunked, keep | transfer-encoding: chunked",
      "data \r\n\r\n\r\n",
      "end",
    ],
  },
  {
    name: "HEAD, with the fields of the body that there is not",
    bytes: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
    options: HEAD,
    trace: ["head 1.1 200 OK, none, keep | content-length: 5", "end"],
  },
  {
    name: "HEAD, without a length",
    bytes: "HTTP/1.1 200 OK\r\n\r\n",
    options: HEAD,
    trace: ["head 1.1 200 OK, none, keep", "end"],
  },
  {
    name: "HEAD, chunked",
    bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    options: HEAD,
    trace: ["head 1.1 200 OK, none, keep | transfer-encoding: chunked", "end"],
  },
  {
    name: "HEAD, with fields that contradict each other: read, but not kept",
    bytes:
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
    options: HEAD,
    trace: [
      "head 1.1 200 OK, none, close | transfer-encoding: chunked | content-length: 5",
      "end",
    ],
  },
  {
    name: "204, whatever its length",
    bytes: "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
    trace: ["head 1.1 204 No Content, none, keep | content-length: 5", "end"],
  },
  {
    name: "304, with the length of what is not sent",
    bytes: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
    trace: ["head 1.1 304 Not Modified, none, keep | content-length: 5", "end"],
  },
  {
    name: "304 of HTTP/1.0 with a Transfer-Encoding: read, but not kept",
    bytes:
      "HTTP/1.0 304 \r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n",
    trace: [
      "head 1.0 304 , none, close | connection: keep-alive | transfer-encoding: chunked",
      "end",
    ],
  },
  {
    name: "205, which has the body that its fields say",
    bytes: "HTTP/1.1 205 \r\nContent-Length: 1\r\n\r\na",
    trace: [
      "head 1.1 205 , length 1, keep | content-length: 1",
      "data a",
      "end",
    ],
  },
  {
    name: "2xx to CONNECT: a tunnel",
    bytes: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\x16\x03\x01",
    options: CONNECT,
    trace: [
      "head 1.1 200 OK, none, close, upgrade | content-length: 5",
      "end",
      "leftover \x16\x03\x01",
    ],
  },
  {
    name: "another answer to CONNECT: a body",
    bytes: "HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno",
    options: CONNECT,
    trace: [
      "head 1.1 407 No, length 2, keep | content-length: 2",
      "data no",
      "end",
    ],
  },
  {
    name: "101 that was asked for",
    bytes:
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x00",
    options: { upgrade: true },
    trace: [
      "head 1.1 101 Switching Protocols, none, close, upgrade | upgrade: websocket | connection: Upgrade",
      "end",
      "leftover \x81\x00",
    ],
  },
  {
    name: "an upgrade that the server does not want",
    bytes: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
    options: { upgrade: true },
    trace: [
      "head 1.1 200 OK, length 1, keep | content-length: 1",
      "data a",
      "end",
    ],
  },
  {
    name: "interim responses",
    bytes:
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 \r\n\r\n",
    trace: [
      "informational 100 Continue",
      "informational 103 Early Hints | link: </a>",
      "head 1.1 204 , none, keep",
      "end",
    ],
  },
  {
    name: "an interim response that claims to have a body",
    bytes:
      "HTTP/1.1 199 \r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 \r\nContent-Length: 1\r\n\r\na",
    trace: [
      "informational 199  | content-length: 9",
      "head 1.1 200 , length 1, keep | content-length: 1",
      "data a",
      "end",
    ],
  },
  {
    name: "eight interim responses",
    bytes: "HTTP/1.1 102 \r\n\r\n".repeat(8) + "HTTP/1.1 204 \r\n\r\n",
    trace: [
      ...Array(8).fill("informational 102 "),
      "head 1.1 204 , none, keep",
      "end",
    ],
  },
  {
    name: "the same length several times, in fields and in lists",
    bytes:
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\ncontent-length: 2 ,\t02\r\n\r\nab",
    trace: [
      "head 1.1 200 OK, length 2, keep | content-length: 2 | content-length: 2 ,\t02",
      "data ab",
      "end",
    ],
  },
  {
    name: "no space after the code, and no reason",
    bytes: "HTTP/1.1 204\r\n\r\n",
    trace: ["head 1.1 204 , none, keep", "end"],
  },
  {
    name: "a reason of spaces and bytes above ASCII",
    bytes: "HTTP/1.1 204  a\t\xe9: \r\n\r\n",
    trace: ["head 1.1 204  a\t\xe9: , none, keep", "end"],
  },
  {
    name: "a code that is in no register",
    bytes: "HTTP/1.1 999 Request denied\r\nContent-Length: 0\r\n\r\n",
    trace: [
      "head 1.1 999 Request denied, length 0, keep | content-length: 0",
      "end",
    ],
  },
  {
    name: "whitespace around values, and none",
    bytes:
      "HTTP/1.1 204 \r\nA:b\r\nC: \t d e\t \r\nF:\r\nG: \t \r\nH:\t:i:\r\n\r\n",
    trace: [
      "head 1.1 204 , none, keep | a: b | c: d e | f:  | g:  | h: :i:",
      "end",
    ],
  },
  {
    name: "values in Latin-1, not in windows-1252 or UTF-8",
    bytes: "HTTP/1.1 204 \r\nA: \x80\x9f\xa0\xff\r\nB: \xc3\xa9\r\n\r\n",
    trace: [
      "head 1.1 204 , none, keep | a: \x80\x9f\xa0\xff | b: \xc3\xa9",
      "end",
    ],
  },
  {
    name: "every character that a name can have",
    bytes: "HTTP/1.1 204 \r\n!#$%&'*+-.^_`|~09AZaz: 1\r\n\r\n",
    trace: ["head 1.1 204 , none, keep | !#$%&'*+-.^_`|~09azaz: 1", "end"],
  },
  {
    name: "every character that a value can have",
    bytes: 'HTTP/1.1 204 \r\nA: "(),/:;<=>?@[\\]{}!~ \t0\r\n\r\n',
    trace: [
      'head 1.1 204 , none, keep | a: "(),/:;<=>?@[\\]{}!~ \t0',
      "end",
    ],
  },
  {
    name: "fields of one name, cookies among them",
    bytes:
      "HTTP/1.1 204 \r\nSet-Cookie: a=1, b\r\nVia: x\r\nset-cookie: c=2\r\nVIA: y\r\n\r\n",
    trace: [
      "head 1.1 204 , none, keep | set-cookie: a=1, b | via: x | set-cookie: c=2 | via: y",
      "end",
    ],
  },
  {
    name: "folded lines, where they are unfolded",
    bytes:
      "HTTP/1.1 204 \r\nA: b\t\r\n  c\r\n\td:e\r\nF:\r\n g\r\nH: i\r\n \r\nJ:\xe9\r\n \xe8\r\n\r\n",
    options: UNFOLD,
    trace: [
      "head 1.1 204 , none, keep | a: b\t    c   d:e | f: g | h: i | j: \xe9   \xe8",
      "end",
    ],
  },
  {
    name: "a folded length, where it is unfolded",
    bytes: "HTTP/1.1 200 \r\nContent-Length:\r\n 1\r\n\r\na",
    options: UNFOLD,
    trace: [
      "head 1.1 200 , length 1, keep | content-length: 1",
      "data a",
      "end",
    ],
  },
  {
    name: "a folded trailer, where it is unfolded",
    bytes:
      "HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n c\r\n\r\n",
    options: UNFOLD,
    trace: [
      "head 1.1 200 , chunked, keep | transfer-encoding: chunked",
      "end | a: b   c",
    ],
  },
];

/** What a first line is followed by, and the error that it has to be. */
function heads(cases: [fields: string, error: string][]): Vector[] {
  return cases.map(([fields, error]) => ({
    name: JSON.stringify(fields),
    bytes: `HTTP/1.1 200 OK\r\n${fields}`,
    trace: [`error ${error}`],
  }));
}

/** What follows a head that says chunked, and the error at the end of the trace. */
function chunks(cases: [body: string, ...trace: string[]][]): Vector[] {
  return cases.map(([body, ...trace]) => ({
    name: JSON.stringify(body),
    bytes: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
    trace: [
      "head 1.1 200 OK, chunked, keep | transfer-encoding: chunked",
      ...trace,
    ],
  }));
}

/** What is no status line. */
function starts(cases: [bytes: string, error: string][]): Vector[] {
  return cases.map(([bytes, error]) => ({
    name: JSON.stringify(bytes),
    bytes,
    trace: [`error ${error}`],
  }));
}

/** What must be refused. */
export const INVALID: Vector[] = [
  ...starts([
    ["RTSP/1.0 200 OK\r\n\r\n", "not-http at 0"],
    ["ICY 200 OK\r\n\r\n", "not-http at 0"],
    ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "not-http at 0"],
    ["\0\0\x12\x04\0\0\0\0\0", "not-http at 0"],
    ["\x15\x03\x01\0\x02\x02\x46", "not-http at 0"],
    ["220 mail ESMTP\r\n", "not-http at 0"],
    ["<html>", "not-http at 0"],
    ["\r\nHTTP/1.1 200 OK\r\n\r\n", "not-http at 0"],
    [" HTTP/1.1 200 OK\r\n\r\n", "not-http at 0"],
    ["http/1.1 200 OK\r\n\r\n", "not-http at 0"],
    ["HTTP 200 OK\r\n\r\n", "not-http at 4"],
    ["HTTPS/1.1 200 OK\r\n\r\n", "not-http at 4"],
    ["HTTP/2 200\r\n\r\n", "unsupported-version at 5"],
    ["HTTP/0.9 200 OK\r\n\r\n", "unsupported-version at 5"],
    ["HTTP/11.1 200 OK\r\n\r\n", "unsupported-version at 6"],
    ["HTTP/1,1 200 OK\r\n\r\n", "unsupported-version at 6"],
    ["HTTP/1.x 200 OK\r\n\r\n", "unsupported-version at 7"],
    ["HTTP/1.10 200 OK\r\n\r\n", "unsupported-version at 8"],
    ["HTTP/1.1\t200 OK\r\n\r\n", "unsupported-version at 8"],
    ["HTTP/1.1  200 OK\r\n\r\n", "invalid-status-line at 9"],
    ["HTTP/1.1 099 OK\r\n\r\n", "invalid-status-line at 9"],
    ["HTTP/1.1 -20 OK\r\n\r\n", "invalid-status-line at 9"],
    ["HTTP/1.1 20 OK\r\n\r\n", "invalid-status-line at 11"],
    ["HTTP/1.1 2000 OK\r\n\r\n", "invalid-status-line at 12"],
    ["HTTP/1.1 200OK\r\n\r\n", "invalid-status-line at 12"],
    ["HTTP/1.1 200\tOK\r\n\r\n", "invalid-status-line at 12"],
    ["HTTP/1.1 200\n\n", "invalid-status-line at 12"],
    ["HTTP/1.1 \r\n\r\n", "invalid-status-line at 9"],
    ["HTTP/1.1 200 O\0K\r\n\r\n", "invalid-byte at 14"],
    ["HTTP/1.1 200 O\x7fK\r\n\r\n", "invalid-byte at 14"],
    ["HTTP/1.1 200 OK\n\n", "bare-lf at 15"],
    ["HTTP/1.1 200 O\rK\r\n\r\n", "bare-cr at 15"],
    ["HTTP/1.1 200\rOK\r\n\r\n", "bare-cr at 13"],
    ["HTTP/1.1 101 \r\n\r\n", "unrequested-upgrade at 17"],
    [
      "HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
      "unrequested-upgrade at 58",
    ],
    [
      "HTTP/1.0 200 \r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "transfer-encoding-in-http-1.0 at 45",
    ],
  ]),
  ...heads([
    [" A: b\r\n\r\n", "obs-fold at 17"],
    ["A: b\r\n c\r\n\r\n", "obs-fold at 23"],
    ["A: b\r\n\tc\r\n\r\n", "obs-fold at 23"],
    ["A : b\r\n\r\n", "space-before-colon at 18"],
    ["A\t: b\r\n\r\n", "space-before-colon at 18"],
    [": b\r\n\r\n", "invalid-field-name at 17"],
    ["A\r\n\r\n", "invalid-field-name at 18"],
    ["A(: b\r\n\r\n", "invalid-field-name at 18"],
    ["A\xe9: b\r\n\r\n", "invalid-field-name at 18"],
    ["\0: b\r\n\r\n", "invalid-field-name at 17"],
    ["A\0: b\r\n\r\n", "invalid-field-name at 18"],
    ["A: b\n\r\n", "bare-lf at 21"],
    ["A: b\r\n\n", "bare-lf at 23"],
    ["\n", "bare-lf at 17"],
    ["A\n: b\r\n", "bare-lf at 18"],
    ["A:\nb\r\n\r\n", "bare-lf at 19"],
    ["A: b\rc\r\n\r\n", "bare-cr at 22"],
    ["A: b\r\r\n\r\n", "bare-cr at 22"],
    ["A: b\r\n\rc", "bare-cr at 24"],
    ["A: \0\r\n\r\n", "invalid-byte at 20"],
    ["A: b\0\r\n\r\n", "invalid-byte at 21"],
    ["A: b\x0b\r\n\r\n", "invalid-byte at 21"],
    ["A: b\x7f\r\n\r\n", "invalid-byte at 21"],
    ["A: \x1b\r\n\r\n", "invalid-byte at 20"],
    [
      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
      "content-length-with-transfer-encoding at 66",
    ],
    [
      "Transfer-Encoding: chunked\r\ncontent-length: 5\r\n\r\n",
      "content-length-with-transfer-encoding at 66",
    ],
    [
      "Transfer-Encoding:\r\nContent-Length: 5\r\n\r\n",
      "content-length-with-transfer-encoding at 58",
    ],
    ["Transfer-Encoding: gzip\r\n\r\n", "unsupported-transfer-encoding at 44"],
    [
      "Transfer-Encoding: identity\r\n\r\n",
      "unsupported-transfer-encoding at 48",
    ],
    [
      "Transfer-Encoding: gzip, chunked\r\n\r\n",
      "unsupported-transfer-encoding at 53",
    ],
    [
      "Transfer-Encoding: chunked, gzip\r\n\r\n",
      "unsupported-transfer-encoding at 53",
    ],
    [
      "Transfer-Encoding: chunked, chunked\r\n\r\n",
      "unsupported-transfer-encoding at 56",
    ],
    [
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
      "unsupported-transfer-encoding at 75",
    ],
    [
      "Transfer-Encoding: xchunked\r\n\r\n",
      "unsupported-transfer-encoding at 48",
    ],
    [
      "Transfer-Encoding: chunked;q=1\r\n\r\n",
      "unsupported-transfer-encoding at 51",
    ],
    [
      'Transfer-Encoding: "chunked"\r\n\r\n',
      "unsupported-transfer-encoding at 49",
    ],
    ["Transfer-Encoding: chunked\x0b\r\n\r\n", "invalid-byte at 43"],
    ["Transfer-Encoding: \r\n\r\n", "unsupported-transfer-encoding at 40"],
    [
      "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
      "conflicting-content-length at 57",
    ],
    ["Content-Length: 5, 6\r\n\r\n", "conflicting-content-length at 41"],
    [
      "Content-Length: 5\r\nContent-Length: x\r\n\r\n",
      "invalid-content-length at 57",
    ],
    ["Content-Length: +5\r\n\r\n", "invalid-content-length at 39"],
    ["Content-Length: -1\r\n\r\n", "invalid-content-length at 39"],
    ["Content-Length: 0x5\r\n\r\n", "invalid-content-length at 40"],
    ["Content-Length: 5 0\r\n\r\n", "invalid-content-length at 40"],
    ["Content-Length: 5,\r\n\r\n", "invalid-content-length at 39"],
    ["Content-Length: ,5\r\n\r\n", "invalid-content-length at 39"],
    ["Content-Length: 5;5\r\n\r\n", "invalid-content-length at 40"],
    ["Content-Length: 5.0\r\n\r\n", "invalid-content-length at 40"],
    ["Content-Length: 1e1\r\n\r\n", "invalid-content-length at 40"],
    ["Content-Length: \xb2\r\n\r\n", "invalid-content-length at 38"],
    ["Content-Length: \r\n\r\n", "invalid-content-length at 37"],
    [
      "Content-Length: 9007199254740992\r\n\r\n",
      "invalid-content-length at 53",
    ],
    [
      "Content-Length: 99999999999999999999999999\r\n\r\n",
      "invalid-content-length at 63",
    ],
  ]),
  ...chunks([
    ["\r\n", "error invalid-chunk-size at 47"],
    ["\n", "error bare-lf at 47"],
    [" 5\r\nhello\r\n", "error invalid-chunk-size at 47"],
    ["+5\r\nhello\r\n", "error invalid-chunk-size at 47"],
    ["-1\r\n", "error invalid-chunk-size at 47"],
    [";a\r\n", "error invalid-chunk-size at 47"],
    ["0x5\r\nhello\r\n", "error invalid-chunk-size at 48"],
    ["5g\r\nhello\r\n", "error invalid-chunk-size at 48"],
    ["G\r\n", "error invalid-chunk-size at 47"],
    ["`\r\n", "error invalid-chunk-size at 47"],
    [":\r\n", "error invalid-chunk-size at 47"],
    ["/\r\n", "error invalid-chunk-size at 47"],
    ["@\r\n", "error invalid-chunk-size at 47"],
    ["5_0\r\n", "error invalid-chunk-size at 48"],
    ["5 x\r\nhello\r\n", "error invalid-chunk-extension at 49"],
    ["5 5\r\nhello\r\n", "error invalid-chunk-extension at 49"],
    ["5\nhello\r\n", "error bare-lf at 48"],
    ["5;a\nhello\r\n", "error bare-lf at 50"],
    ["5 \nhello\r\n", "error bare-lf at 49"],
    ["5\rhello\r\n", "error bare-cr at 49"],
    ["5\r\r\nhello\r\n", "error bare-cr at 49"],
    ["1\r\na\r\r\n", "data a", "error missing-chunk-end at 52"],
    ["5;a\rb\r\nhello\r\n", "error bare-cr at 51"],
    ["5;a\0\r\nhello\r\n", "error invalid-byte at 50"],
    ["5;a\x7f\r\nhello\r\n", "error invalid-byte at 50"],
    ["5\0\r\nhello\r\n", "error invalid-chunk-size at 48"],
    ["00000000000000005\r\nhello\r\n", "error invalid-chunk-size at 63"],
    ["20000000000000\r\n", "error invalid-chunk-size at 60"],
    ["ffffffffffffffff\r\n", "error invalid-chunk-size at 60"],
    ["5\r\nhelloX\r\n", "data hello", "error missing-chunk-end at 55"],
    ["5\r\nhello\n0\r\n\r\n", "data hello", "error missing-chunk-end at 55"],
    ["5\r\nhello\rX", "data hello", "error missing-chunk-end at 56"],
    ["5\r\nhello0\r\n\r\n", "data hello", "error missing-chunk-end at 55"],
    ["1\r\na\r\n\r\n", "data a", "error invalid-chunk-size at 53"],
    ["0\r\nA : b\r\n\r\n", "error space-before-colon at 51"],
    ["0\r\n A: b\r\n\r\n", "error obs-fold at 50"],
    ["0\r\nA: b\n\r\n", "error bare-lf at 54"],
    ["0\r\n\n", "error bare-lf at 50"],
    ["0\r\n\rx", "error bare-cr at 51"],
    ["0\r\nA: \0\r\n\r\n", "error invalid-byte at 53"],
    ["0\r\nX\r\n\r\n", "error invalid-field-name at 51"],
  ]),
  {
    name: "a fold in the first line, even where lines are unfolded",
    bytes: "HTTP/1.1 200 OK\r\n A: b\r\n\r\n",
    options: UNFOLD,
    trace: ["error obs-fold at 17"],
  },
  {
    name: "a control character in a fold",
    bytes: "HTTP/1.1 200 OK\r\nA: b\r\n \0\r\n\r\n",
    options: UNFOLD,
    trace: ["error invalid-byte at 24"],
  },
  {
    name: "a bare LF after a fold",
    bytes: "HTTP/1.1 200 OK\r\nA: b\r\n \n\r\n",
    options: UNFOLD,
    trace: ["error bare-lf at 24"],
  },
  {
    name: "an interim response, then no response",
    bytes: "HTTP/1.1 100 \r\n\r\nHTTQ",
    trace: ["informational 100 ", "error not-http at 20"],
  },
  {
    name: "nine interim responses",
    bytes: "HTTP/1.1 102 \r\n\r\n".repeat(9),
    trace: [
      ...Array(8).fill("informational 102 "),
      "error too-many-informational at 153",
    ],
  },
];

/** Bytes after the end: the response stands, and they are set apart. */
export const AFTER_THE_END: Vector[] = [
  {
    name: "a second response",
    bytes: "HTTP/1.1 204 \r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
    trace: [
      "head 1.1 204 , none, keep",
      "end",
      "leftover HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
    ],
  },
  {
    name: "the body of a HEAD",
    bytes: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    options: HEAD,
    trace: [
      "head 1.1 200 OK, none, keep | content-length: 5",
      "end",
      "leftover hello",
    ],
  },
  {
    name: "more than the length",
    bytes: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhello",
    trace: [
      "head 1.1 200 OK, length 4, keep | content-length: 4",
      "data hell",
      "end",
      "leftover o",
    ],
  },
  {
    name: "a second last chunk",
    bytes:
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n0\r\n\r\n",
    trace: [
      "head 1.1 200 OK, chunked, keep | transfer-encoding: chunked",
      "end",
      "leftover 0\r\n\r\n",
    ],
  },
];
