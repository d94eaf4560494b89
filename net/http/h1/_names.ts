import { encodeLatin1 } from "./_bytes.ts";

/**
 * The names that most heads are made of. A field with one of them is known by a
 * number, found without making a string: its lower-case name is the one here.
 */
const NAMES: readonly string[] = [
  "content-length",
  "transfer-encoding",
  "connection",
  "set-cookie",
  "host",
  "content-encoding",
  "content-type",
  "keep-alive",
  "accept",
  "accept-encoding",
  "accept-language",
  "accept-ranges",
  "access-control-allow-credentials",
  "access-control-allow-headers",
  "access-control-allow-methods",
  "access-control-allow-origin",
  "access-control-expose-headers",
  "access-control-max-age",
  "age",
  "allow",
  "alt-svc",
  "authorization",
  "cache-control",
  "content-disposition",
  "content-language",
  "content-location",
  "content-range",
  "content-security-policy",
  "cookie",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "date",
  "etag",
  "expect",
  "expires",
  "last-modified",
  "link",
  "location",
  "origin",
  "permissions-policy",
  "pragma",
  "proxy-authenticate",
  "proxy-authorization",
  "range",
  "referer",
  "referrer-policy",
  "report-to",
  "retry-after",
  "server",
  "server-timing",
  "strict-transport-security",
  "te",
  "trailer",
  "upgrade",
  "user-agent",
  "vary",
  "via",
  "www-authenticate",
  "x-cache",
  "x-content-type-options",
  "x-frame-options",
  "x-powered-by",
  "x-request-id",
  "x-xss-protection",
];

/** The numbers of the names that the protocol itself looks for. */
export const CONTENT_LENGTH = 0;
export const TRANSFER_ENCODING = 1;
export const CONNECTION = 2;
export const SET_COOKIE = 3;
export const HOST = 4;

/** Those that a client looks for in each response. */
export const CONTENT_ENCODING = 5;
export const CONTENT_TYPE = 6;
export const KEEP_ALIVE = 7;

/** The number of every name that is not common. */
export const UNKNOWN = -1;

const NUMBERS = /* @__PURE__ */ new Map(
  /* @__PURE__ */ NAMES.map((name, number) => [name, number]),
);

/** The number of a name that is written in any case. */
export function numberOf(name: string): number {
  return NUMBERS.get(name) ?? NUMBERS.get(name.toLowerCase()) ?? UNKNOWN;
}

/** The lower-case name with a number that is not {@linkcode UNKNOWN}. */
export function nameOf(number: number): string {
  return NAMES[number]!;
}

// A hash table over length, first and last letter: names that meet in a slot
// are chained, from LATER on, and the letters decide.
const LATER = 512;
const TABLE: Int16Array = /* @__PURE__ */ hashTable();

function slotOf(length: number, first: number, last: number): number {
  return ((length * 29) ^ ((first | 0x20) * 5) ^ ((last | 0x20) << 3)) & 511;
}

/** The letters of all names, one after another: STARTS says where each begins. */
const LETTERS: Uint8Array = /* @__PURE__ */ encodeLatin1(
  /* @__PURE__ */ NAMES.join(""),
);
const STARTS: Int16Array = /* @__PURE__ */ startsOfNames();

function startsOfNames(): Int16Array {
  const starts = new Int16Array(NAMES.length + 1);
  NAMES.forEach((name, number) => {
    starts[number + 1] = starts[number]! + name.length;
  });
  return starts;
}

function hashTable(): Int16Array {
  const table = new Int16Array(LATER + NAMES.length).fill(UNKNOWN);
  NAMES.forEach((name, number) => {
    const last = name.charCodeAt(name.length - 1);
    const slot = slotOf(name.length, name.charCodeAt(0), last);
    table[LATER + number] = table[slot]!;
    table[slot] = number;
  });
  return table;
}

/** The number of the name that stands at a place of the bytes, in any case. */
export function numberAt(
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const length = end - start;
  let number = TABLE[slotOf(length, bytes[start]!, bytes[end - 1]!)]!;
  while (number !== UNKNOWN && !isAt(number, bytes, start, length)) {
    number = TABLE[LATER + number]!;
  }
  return number;
}

/** A letter and its capital differ in 0x20; no other two of a token do that meet here. */
function isAt(
  number: number,
  bytes: Uint8Array,
  start: number,
  length: number,
): boolean {
  const from = STARTS[number]!;
  if (STARTS[number + 1]! - from !== length) return false;
  for (let i = 0; i < length; i++) {
    if ((bytes[start + i]! | 0x20) !== LETTERS[from + i]) return false;
  }
  return true;
}
