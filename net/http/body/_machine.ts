import { currentCore } from "../../../executor/_current.ts";
import type { Host } from "../../../executor/host.ts";
import { loadZlib, type Zlib } from "../../_deno.ts";

/** The codings that can be undone. */
export type Coding = "gzip" | "deflate" | "br" | "zstd";

/** The codings as zlib has them: deflate with its wrapper, and without. */
export type Format = Coding | "raw deflate";

/** What undoes a coding: as much of the platform's own as is made use of. */
export interface Machine {
  /** How many of the bytes that it was given it has taken. */
  readonly bytesWritten: number;
  /** What it has come to, if anything; null if there is none for now. */
  read(): Uint8Array | null;
  /**
   * Gives it bytes that it keeps; `taken` is called when it wants more, or with
   * an error if it will not.
   */
  write(bytes: Uint8Array, taken: (error?: Error | null) => void): void;
  /** Gives it the last ones. */
  end(bytes: Uint8Array): void;
  on(event: "readable" | "end", listener: () => void): void;
  on(event: "error", listener: (error: unknown) => void): void;
  /** Nothing more is wanted of it. */
  destroy(): void;
}

/** How much a decoder gives at a time, and so how much waits in it at most. */
const CHUNK = 64 * 1024;

/**
 * What the windows of all codings of a body may take together, alike: the data
 * before, to which the data refers. Alone, brotli may have its largest, 16 MiB.
 */
const WINDOWS = 20 * 1024 * 1024;

/** Whether it counts: gzip and deflate look back 32 KiB. */
export function hasLargeWindow(coding: Coding): boolean {
  return coding === "br" || coding === "zstd";
}

/** RFC 9659: a window of zstd has 8 MiB at most, and more is refused. */
const ZSTD_WINDOW_LOG = 23;

/** Loaded when a response is coded: most programs start without it. */
let zlib: Zlib | null = null;

type Stepped = new (zlib: Zlib, format: Format, host: Host) => Machine;

/** Set where there are simulations: other programs are bundled without it. */
let Stepped: Stepped | null = null;

/** Says what undoes codings on a host that says what happens next. */
export function decodeInSteps(by: Stepped): void {
  Stepped = by;
}

/**
 * Makes a machine. The platform's works beside the program, and is done when it
 * is done. A host that says what happens next, as a simulation is one, wants all
 * to happen on its word: see `decodeInSteps`.
 *
 * @param first The first byte that it will be given.
 * @param windows How many codings of the body have large windows.
 * @throws {Error} If it needs too large a window for one of so many.
 */
export function machineFor(
  coding: Coding,
  first: number,
  windows: number,
): Machine {
  zlib ??= loadZlib();
  const windowLog = Math.floor(Math.log2(WINDOWS / Math.max(1, windows)));
  if (coding === "br" && brotliWindowLog(first) > windowLog) {
    throw new Error(
      `Cannot decode: a window of brotli's has more than 2 ** ${windowLog} bytes, and there are ${windows}`,
    );
  }
  const format = formatOf(coding, first);
  const { host } = currentCore();
  return host.choose === undefined || Stepped === null
    ? platformMachine(zlib, format, windowLog)
    : new Stepped(zlib, format, host);
}

/** RFC 7932 section 9.1; 0 if it is none, which the decoder will say. */
function brotliWindowLog(first: number): number {
  if ((first & 1) === 0) return 16;
  const large = (first >> 1) & 7;
  if (large !== 0) return 17 + large;
  const small = (first >> 4) & 7;
  return small === 0 ? 17 : small === 1 ? 0 : 8 + small;
}

/**
 * RFC 9110 section 8.4.1.2: deflate is zlib's format, but some send the bare
 * data. The first byte of the former names the method, which is 8.
 */
function formatOf(coding: Coding, first: number): Format {
  return coding === "deflate" && (first & 0x0f) !== 8 ? "raw deflate" : coding;
}

function platformMachine(
  zlib: Zlib,
  format: Format,
  windowLog: number,
): Machine {
  const options = { chunkSize: CHUNK };
  switch (format) {
    case "gzip":
      return zlib.createGunzip(options);
    case "deflate":
      return zlib.createInflate(options);
    case "raw deflate":
      return zlib.createInflateRaw(options);
    case "br":
      return zlib.createBrotliDecompress(options);
    case "zstd":
      return zlib.createZstdDecompress({
        ...options,
        params: {
          [zlib.constants.ZSTD_d_windowLogMax]: Math.min(
            windowLog,
            ZSTD_WINDOW_LOG,
          ),
        },
      });
  }
}
