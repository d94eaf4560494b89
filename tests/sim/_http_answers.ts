// What the servers of a simulation answer, by the kind that a URL names.
import {
  brotliCompressSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";

/** What a server was asked. */
export interface Asked {
  readonly method: string;
  readonly kind: string;
  readonly id: string;
  readonly size: number;
}

/** What the body of a request or response is, for each is another one. */
export function contentOf(id: string, size: number): string {
  const piece = `${id};`;
  return piece.repeat(Math.ceil(size / piece.length)).slice(0, size);
}

/** The events of a stream of so many bytes, or a few less. */
export function eventsOf(id: string, size: number): string[] {
  return Array.from({ length: size >> 5 }, (_, n) => `${id}-${n}`);
}

const encoder = new TextEncoder();

const CODERS: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  gzip: (bytes) => gzipSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  br: (bytes) => brotliCompressSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
};

/**
 * An answer, piece by piece: a head and a body.
 *
 * @param closes Whether the connection is closed behind it.
 * @param isFirst Whether this has not been asked before.
 */
export function answerTo(
  { method, kind, id, size }: Asked,
  closes: boolean,
  isFirst: () => boolean,
): Uint8Array[] {
  const common = `x-id: ${id}\r\n${closes ? "connection: close\r\n" : ""}`;
  const body = encoder.encode(contentOf(id, size));
  const whole = (
    status: string,
    fields: string,
    bytes: Uint8Array | string,
  ): Uint8Array[] => {
    const sent = bytesOf(bytes);
    return answer(
      `HTTP/1.1 ${status}\r\n${common}${fields}content-length: ${sent.length}\r\n\r\n`,
      [sent],
    );
  };
  const chunked = (fields: string, pieces: Uint8Array[], trailers: string) =>
    answer(
      `HTTP/1.1 200 OK\r\n${common}${fields}transfer-encoding: chunked\r\n\r\n`,
      chunks(pieces, trailers),
    );
  const answer = (head: string, pieces: Uint8Array[]): Uint8Array[] => [
    encoder.encode(head),
    ...method === "HEAD" ? [] : pieces,
  ];
  const [kindOf = "", to = "", framing] = kind.split("-");
  switch (kindOf) {
    case "303":
    case "307": {
      const scheme = to.startsWith("s") ? "https" : "http";
      const location = `${scheme}://${to}/plain/${id}/${size}`;
      return whole(`${kindOf} Away`, `location: ${location}\r\n`, body);
    }
    case "busy":
      if (!isFirst()) break;
      return whole(
        "503 Busy",
        to === "" ? "" : `retry-after: ${to}\r\n`,
        "busy",
      );
    case "chunked":
      return [
        encoder.encode("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"),
        ...chunked("", halves(body), `x-sum: ${id}\r\n`),
      ];
    case "close":
      return answer(`HTTP/1.1 200 OK\r\n${common}\r\n`, [body]);
    case "coded": {
      const coded = CODERS[to]!(body);
      const fields = `content-encoding: ${to}\r\n`;
      switch (framing) {
        case "chunked":
          return chunked(fields, halves(coded), "");
        case "close":
          return answer(`HTTP/1.1 200 OK\r\n${common}${fields}\r\n`, [coded]);
        default:
          return whole("200 OK", fields, coded);
      }
    }
    case "events": {
      const events = eventsOf(id, size).map((data, n) =>
        encoder.encode(`id: ${n}\ndata: ${data}\n\n`)
      );
      return chunked("content-type: text/event-stream\r\n", events, "");
    }
  }
  return whole("200 OK", "", body);
}

function bytesOf(bytes: Uint8Array | string): Uint8Array {
  return typeof bytes === "string" ? encoder.encode(bytes) : bytes;
}

function halves(body: Uint8Array): Uint8Array[] {
  const middle = body.length >> 1;
  return [body.subarray(0, middle), body.subarray(middle)]
    .filter((piece) => piece.length > 0);
}

function chunks(pieces: Uint8Array[], trailers: string): Uint8Array[] {
  return [
    ...pieces.flatMap((piece) => [
      encoder.encode(`${piece.length.toString(16)}\r\n`),
      piece,
      encoder.encode("\r\n"),
    ]),
    encoder.encode(`0\r\n${trailers}\r\n`),
  ];
}
