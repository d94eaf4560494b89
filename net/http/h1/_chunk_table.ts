import { COLON, CR, HTAB, LF, SEMICOLON, SP } from "./_bytes.ts";

/** Where the decoder of a chunked body is. */
export type ChunkState =
  | "size start"
  | "size"
  | "padding" // after the size: BWS
  | "extension"
  | "size end" // CR was seen
  | "data"
  | "data end"
  | "data line end" // CR was seen
  | "trailers"
  | "ended";

/** What a byte is to the grammar of chunks. */
export type ChunkByte = "hex" | "semicolon" | "space" | "cr" | "lf" | "text";

/**
 * Which byte is legal where, and where it leads: RFC 9112 §7.1. A cell that is
 * missing is a protocol error. What leads to "data" leads to "trailers" after the
 * last chunk; data and trailers are no matter of single bytes.
 */
export const CHUNK_TABLE: Readonly<
  Record<ChunkState, Partial<Record<ChunkByte, ChunkState>>>
> = {
  "size start": { hex: "size" },
  "size": {
    hex: "size",
    space: "padding",
    semicolon: "extension",
    cr: "size end",
  },
  // Leniency: spaces may stand before CRLF too, for old servers pad the size.
  "padding": { space: "padding", semicolon: "extension", cr: "size end" },
  "extension": {
    hex: "extension",
    semicolon: "extension",
    space: "extension",
    text: "extension",
    cr: "size end",
  },
  "size end": { lf: "data" },
  "data": {},
  "data end": { cr: "data line end" },
  "data line end": { lf: "size start" },
  "trailers": {},
  "ended": {},
};

/** What a byte is; `undefined` for controls, which are legal nowhere. */
export function chunkByteOf(byte: number): ChunkByte | undefined {
  if (hexOf(byte) >= 0) return "hex";
  switch (byte) {
    case SEMICOLON:
      return "semicolon";
    case SP:
    case HTAB:
      return "space";
    case CR:
      return "cr";
    case LF:
      return "lf";
    case COLON:
      return "text";
  }
  return byte > SP && byte !== 0x7f ? "text" : undefined;
}

/** The value of a hexadecimal digit, or -1. */
export function hexOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

// The same table for the machine: a state and a byte lead to the next state with
// a single load.

const STATES = /* @__PURE__ */ Object.keys(CHUNK_TABLE) as ChunkState[];

/** The number of a state, for the machine. */
export function numberOf(state: ChunkState): number {
  return STATES.indexOf(state);
}

/** No state: the byte is illegal. */
export const ILLEGAL = 0xff;

export const NEXT: Uint8Array = /* @__PURE__ */ flatTable();

function flatTable(): Uint8Array {
  const next = new Uint8Array(STATES.length << 8);
  for (const [number, state] of STATES.entries()) {
    const row = CHUNK_TABLE[state];
    for (let byte = 0; byte < 256; byte++) {
      const kind = chunkByteOf(byte);
      const to = kind && row[kind];
      next[(number << 8) | byte] = to === undefined ? ILLEGAL : numberOf(to);
    }
  }
  return next;
}

/** The state with a number, for people. */
export function stateOf(number: number): ChunkState {
  return STATES[number]!;
}
