import { type ByteClass, classOf } from "./_bytes.ts";

/** Where the reader of a head or of trailers is. */
export type SectionState =
  | "version and status"
  | "reason"
  | "line start"
  | "name"
  | "before value"
  | "value"
  | "fold"
  | "line end" // CR was seen
  | "last line end" // CR of the empty line was seen
  | "complete";

/**
 * Which byte is legal where, and where it leads: RFC 9112 §4 and §5. A cell that
 * is missing is a protocol error. The start of the status line goes by position,
 * and is read by hand.
 */
export const SECTION_TABLE: Readonly<
  Record<SectionState, Partial<Record<ByteClass, SectionState>>>
> = {
  "version and status": {},
  "reason": {
    "tchar": "reason",
    "colon": "reason",
    "space": "reason",
    "visible": "reason",
    "obs-text": "reason",
    "cr": "line end",
  },
  "line start": {
    "tchar": "name",
    "space": "fold", // only when asked for, and not in the first line
    "cr": "last line end",
  },
  "name": {
    "tchar": "name",
    "colon": "before value",
  },
  "before value": {
    "tchar": "value",
    "colon": "value",
    "space": "before value",
    "visible": "value",
    "obs-text": "value",
    "cr": "line end",
  },
  "value": {
    "tchar": "value",
    "colon": "value",
    "space": "value",
    "visible": "value",
    "obs-text": "value",
    "cr": "line end",
  },
  "fold": {
    "tchar": "value",
    "colon": "value",
    "space": "fold",
    "visible": "value",
    "obs-text": "value",
    "cr": "line end",
  },
  "line end": {
    "lf": "line start",
  },
  "last line end": {
    "lf": "complete",
  },
  "complete": {},
};

// The same table for the machine: states are numbers, and a state and a byte
// lead to the next one with a single load.

const STATES = /* @__PURE__ */ Object.keys(SECTION_TABLE) as SectionState[];

/** The number of a state, for the machine. */
export function numberOf(state: SectionState): number {
  return STATES.indexOf(state);
}

/** No state: the byte is illegal. */
export const ILLEGAL = 0x7f;

/** Set beside the state where the byte is not ASCII, so that the reader learns of it for nothing. */
export const NOT_ASCII = 0x80;

export const NEXT: Uint8Array = /* @__PURE__ */ flatTable();

function flatTable(): Uint8Array {
  const next = new Uint8Array(STATES.length << 8);
  for (const [number, state] of STATES.entries()) {
    const row = SECTION_TABLE[state];
    for (let byte = 0; byte < 256; byte++) {
      const to = row[classOf(byte)];
      next[(number << 8) | byte] = to === undefined
        ? ILLEGAL
        : numberOf(to) | (byte >= 0x80 ? NOT_ASCII : 0);
    }
  }
  return next;
}

/** The state with a number, for people. */
export function stateOf(number: number): SectionState {
  return STATES[number]!;
}
