import {
  ChunkDecoder,
  encodeChunk,
  encodeLastChunk,
  encodeRequest,
  Fields,
  ResponseParser,
} from "../../net/http/h1/mod.ts";
import { compare, type Stopwatch } from "./_harness.ts";

/** The protocol alone: no socket, no executor. */
export async function h1(): Promise<void> {
  const head = responseHead(700);
  const short = new TextEncoder().encode(
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello",
  );
  const body = chunked(16_384, 64);
  const tiny = chunked(1, 4_096);

  console.log("\nMegabytes a second (and the time for each)");
  await rate("a head of 700 bytes, whole", head.length, parse(head));
  await rate("the same, 3 fields asked for", head.length, parse(head, ask));
  await rate("the same, all fields listed", head.length, parse(head, list));
  await rate("the same, in two pieces", head.length, parse(head, none, 350));
  await rate("a small response", short.length, parse(short));
  await rate("chunks of 16 KiB", body.length, decode(body, 65_536));
  await rate("chunks of 1 byte", tiny.length, decode(tiny, 65_536));
  const request = {
    method: "GET",
    target: "/index.html",
    fields: Fields.from({
      "Host": "example.com",
      "Accept": "*/*",
      "User-Agent": "bench",
    }),
  };
  await rate(
    "encoding a request",
    encodeRequest(request).length,
    (n, time) =>
      time(() => {
        for (let i = 0; i < n; i++) encodeRequest(request);
      }),
  );
}

async function rate(
  name: string,
  bytes: number,
  way: (n: number, time: Stopwatch) => void,
): Promise<void> {
  const n = Math.ceil(20_000_000 / Math.max(bytes, 700));
  const { median } = (await compare(n, { [name]: way }))[0]!;
  const perSecond = (bytes / median * 1000).toFixed(0).padStart(7);
  console.log(
    `  ${name.padEnd(30)} ${perSecond} MB/s  ${
      (median / 1000).toFixed(2).padStart(9)
    } µs`,
  );
}

/** Parses the same response again and again, as a connection would. */
function parse(
  bytes: Uint8Array,
  use: (fields: Fields) => void = none,
  split = bytes.length,
) {
  const pieces = [bytes.subarray(0, split), bytes.subarray(split)];
  return (n: number, time: Stopwatch) => {
    const request = { method: "GET" };
    const parser = new ResponseParser(request);
    let heads = 0;
    time(() => {
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
    });
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

function decode(bytes: Uint8Array, read: number) {
  return (n: number, time: Stopwatch) => {
    let data = 0;
    time(() => {
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
    });
    if (data === 0) throw new Error("no data");
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
