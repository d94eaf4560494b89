import { currentCore } from "../../../executor/_current.ts";
import { loadZlib, type Zlib } from "../../_deno.ts";
import { SteppedMachine } from "./_stepped_machine.ts";

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
  /** Gives it bytes that it keeps; `taken` is called when it wants more. */
  write(bytes: Uint8Array, taken: () => void): void;
  /** Gives it the last ones. */
  end(bytes: Uint8Array): void;
  on(event: "readable" | "end", listener: () => void): void;
  on(event: "error", listener: (error: unknown) => void): void;
  /** Nothing more is wanted of it. */
  destroy(): void;
}

/** How much a decoder gives at a time, and so how much waits in it at most. */
const CHUNK = 64 * 1024;

/** Loaded when a response is coded: most programs start without it. */
let zlib: Zlib | null = null;

/**
 * Makes a machine. The platform's works beside the program, and is done when it
 * is done. A host that says what happens next, as a simulation is one, wants all
 * to happen on its word.
 *
 * @param first The first byte that it will be given.
 */
export function machineFor(coding: Coding, first: number): Machine {
  zlib ??= loadZlib();
  const format = formatOf(coding, first);
  const { host } = currentCore();
  return host.choose === undefined
    ? platformMachine(zlib, format)
    : new SteppedMachine(zlib, format, host);
}

/**
 * RFC 9110 section 8.4.1.2: deflate is zlib's format, but some send the bare
 * data. The first byte of the former names the method, which is 8.
 */
function formatOf(coding: Coding, first: number): Format {
  return coding === "deflate" && (first & 0x0f) !== 8 ? "raw deflate" : coding;
}

function platformMachine(zlib: Zlib, format: Format): Machine {
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
      return zlib.createZstdDecompress(options);
  }
}
