import process from "node:process";
import {
  ChunkDecoder,
  encodeChunk,
  encodeLastChunk,
  encodeRequest,
  Fields,
  type RequestHead,
  ResponseParser,
} from "../../net/http/h1/mod.ts";
import { judge, quartiles } from "./_harness.ts";
import { type Figure, report } from "./_report.ts";

/** Does a thing `n` times. */
type Way = (n: number) => void;

/**
 * The protocol alone: no socket, no executor. In processor time, which other
 * programs on the machine do not add to; the ways take turns.
 */
export function h1(): Promise<void> {
  const head = responseHead(700);
  const short = new TextEncoder().encode(
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello",
  );
  const large = chunked(16_384, 64);
  const tiny = chunked(1, 4_096);
  const request = {
    method: "GET",
    target: "/index.html",
    fields: Fields.from({
      "Host": "example.com",
      "Accept": "*/*",
      "User-Agent": "bench",
    }),
  };

  const ways: [name: string, bytes: number, way: Way][] = [
    ["a head of 700 bytes", head.length, parse(head)],
    ["the same, 3 fields asked for", head.length, parse(head, ask)],
    ["the same, all fields listed", head.length, parse(head, list)],
    ["the same, in two pieces", head.length, parse(head, none, 350)],
    ["a small response", short.length, parse(short)],
    ["chunks of 16 KiB", large.length, decode(large, 65_536)],
    ["chunks of 1 byte", tiny.length, decode(tiny, 65_536)],
    ["encoding a request", encodeRequest(request).length, encode(request)],
  ];
  const times = ways.map((): number[] => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, [, bytes, way]] of ways.entries()) {
      const n = Math.ceil(30_000_000 / Math.max(bytes, 700));
      const start = process.cpuUsage();
      way(n);
      const { user, system } = process.cpuUsage(start);
      if (round > 0) times[i]!.push((user + system) / n);
    }
  }

  report(
    "Bytes for each second of processor time, and nanoseconds for each",
    ways.map(([name, bytes], i): Figure => {
      const [low, time, high] = quartiles(times[i]!);
      const figure: Figure = {
        name,
        value: bytes / time,
        unit: "MB/s",
        cpu: time * 1000,
        spread: (high - low) / time,
      };
      const target = TARGETS[name];
      if (target === undefined) return figure;
      const verdict = judge([bytes / high, bytes / time, bytes / low], target);
      return { ...figure, target: `${target} MB/s`, verdict };
    }),
  );
  return Promise.resolve();
}

const ROUNDS = 9;
/** MB/s, at least. */
const TARGETS: Record<string, number> = {
  "a head of 700 bytes": 300,
  "chunks of 16 KiB": 1000,
};

/** Parses the same response again and again, as a connection would. */
function parse(
  bytes: Uint8Array,
  use: (fields: Fields) => void = none,
  split = bytes.length,
): Way {
  const pieces = [bytes.subarray(0, split), bytes.subarray(split)];
  return (n: number) => {
    const request = { method: "GET" };
    const parser = new ResponseParser(request);
    let heads = 0;
    for (let i = 0; i < n; i++) {
      for (const piece of pieces) {
        if (piece.length === 0) continue;
        parser.push(piece);
        let event;
        while ((event = parser.nextEvent()) !== null) {
          if (event.type === "head") {
            heads++;
            use(event.fields);
          }
        }
      }
      parser.reset(request);
    }
    if (heads !== n) throw new Error("not all of them were parsed");
  };
}

function none(): void {}

function ask(fields: Fields): void {
  fields.get("content-encoding");
  fields.get("location");
  fields.get("keep-alive");
}

function list(fields: Fields): void {
  for (const [name, value] of fields) {
    if (name.length + value.length === 0) throw new Error("an empty field");
  }
}

function decode(bytes: Uint8Array, read: number): Way {
  return (n: number) => {
    let data = 0;
    for (let i = 0; i < n; i++) {
      const decoder = new ChunkDecoder();
      for (let at = 0; at < bytes.length; at += read) {
        decoder.push(bytes.subarray(at, at + read));
        let event;
        while ((event = decoder.nextEvent()) !== null) {
          if (event.type === "data") data += event.bytes.length;
        }
      }
      if (!decoder.isEnded) throw new Error("the body has not ended");
    }
    if (data === 0) throw new Error("no data");
  };
}

function encode(request: RequestHead): Way {
  return (n) => {
    let length = 0;
    for (let i = 0; i < n; i++) length += encodeRequest(request).length;
    if (length === 0) throw new Error("nothing was encoded");
  };
}

/** A head as servers send it, filled up to a length. */
function responseHead(length: number): Uint8Array {
  const text = [
    "HTTP/1.1 200 OK",
    "Date: Mon, 27 Jul 2009 12:28:53 GMT",
    "Server: Apache/2.4.57 (Unix)",
    "Last-Modified: Wed, 22 Jul 2009 19:15:56 GMT",
    'ETag: "34aa387-d-1568eb00"',
    "Accept-Ranges: bytes",
    "Content-Length: 0",
    "Vary: Accept-Encoding",
    "Content-Type: text/html; charset=utf-8",
    "Cache-Control: public, max-age=3600",
    "Strict-Transport-Security: max-age=31536000; includeSubDomains",
    "X-Content-Type-Options: nosniff",
    "X-Frame-Options: DENY",
    "Set-Cookie: session=0123456789abcdef; Path=/; Secure; HttpOnly",
    "Set-Cookie: theme=dark; Path=/; Max-Age=31536000",
    "X-Trace: ",
  ].join("\r\n");
  const end = "\r\n\r\n";
  return new TextEncoder().encode(
    text + "a".repeat(length - text.length - end.length) + end,
  );
}

function chunked(size: number, count: number): Uint8Array {
  const chunk = encodeChunk(new Uint8Array(size).fill(0x61));
  const last = encodeLastChunk();
  const bytes = new Uint8Array(chunk.length * count + last.length);
  for (let i = 0; i < count; i++) bytes.set(chunk, i * chunk.length);
  bytes.set(last, chunk.length * count);
  return bytes;
}
