// What dropping what each export of ./io makes keeps or loses.
import type { Future } from "../../../future/mod.ts";
import * as io from "../../../net/io/mod.ts";
import { bytes } from "./_world.ts";

/** What each export promises; the words its documentation begins with. */
export const promises: Record<string, string> = {
  copy: "safe if `source` shows its buffer",
  copyBidirectional: "safe if both streams show their buffers",
  Framed: "safe",
  framedRead: "safe if `source` is a BufReader",
  framedWrite: "safe",
  flushWriter: "safe",
  fromReadableBytes: "safe",
  fromWritableBytes: "safe",
  lines: "safe",
  read: "safe",
  readerStream: "safe",
  readExact: "safe if `source` is a BufReader",
  readToEnd: "loses data",
  readUntil: "safe",
  shutdownWriter: "safe",
  sinkWriter: "safe",
  streamReader: "safe",
  toReadableBytes: "loses data",
  toWritableBytes: "loses data",
  writeAll: "loses data",
};

/** Exports that make nothing that can be dropped on its way. */
export const others: string[] = [
  "BufReader", // its methods are below
  "BufWriter",
  "InvalidUtf8",
  "More",
  "ReadLimitExceeded",
  "UnexpectedEnd",
  "duplex",
  "lengthDelimited",
  "linesCodec",
  "reunite",
  "split",
  "takeBytes",
];

/** What the source gives, piece by piece. */
export const PIECES: string[] = [
  "\u0000",
  "\u0004a",
  "b",
  "cd",
  "\r",
  "\n",
  "ef",
  "g\n",
  "h",
];

export type Make = (source: io.AsyncRead) => Future<unknown>;

/** What takes nothing before it is ready, and over which sources that is so. */
export const TAKES_NOTHING: Record<string, { make: Make; readersOnly?: true }> =
  {
    read: { make: (source) => io.read(source, new Uint8Array(2)) },
    readExact: { make: (source) => io.readExact(source, 8), readersOnly: true },
    readUntil: {
      make: (source) => io.readUntil(source as io.BufReader, bytes("\r\n")),
      readersOnly: true,
    },
    lines: {
      make: (source) => io.lines(source as io.BufReader).next(),
      readersOnly: true,
    },
    framedRead: {
      make: (source) =>
        io.framedRead(source, io.lengthDelimited({ width: 2 })).next(),
      readersOnly: true,
    },
    peek: {
      make: (source) => (source as io.BufReader).peek(5),
      readersOnly: true,
    },
    fill: {
      make: (source) => (source as io.BufReader).fill(),
      readersOnly: true,
    },
    readerStream: { make: (source) => io.readerStream(source).next() },
  };
