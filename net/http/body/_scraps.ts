/** How much memory is had at a time. */
const SHEET = 16 * 1024;
/** What is larger has an array of its own. */
const LARGEST = 2 * 1024;
/** So few bytes are copied sooner than a view of them is made. */
const FEW = 64;

const NOTHING = new Uint8Array(0);

let sheet = NOTHING;
let used = 0;

/**
 * A copy of a few bytes, in memory that others share: an array of its own costs
 * a third of a microsecond, and two when nothing of it is in the cache, which is
 * as much as all else that is done for the body of a small response. It is for
 * ourselves; what is given away is copied by {@linkcode asOwn}.
 */
function scrapOf(bytes: Uint8Array): Uint8Array {
  const size = bytes.byteLength;
  if (size > LARGEST) return bytes.slice();
  if (used + size > sheet.byteLength) {
    sheet = new Uint8Array(SHEET);
    used = 0;
  }
  const start = used;
  used += size;
  if (size > FEW) sheet.set(bytes, start);
  else for (let i = 0; i < size; i++) sheet[start + i] = bytes[i]!;
  return sheet.subarray(start, used);
}

/** A copy of pieces, together: of one, as a rule. */
export function copyOf(
  first: Uint8Array | null,
  others: readonly Uint8Array[] | null,
): Uint8Array {
  if (first === null) return NOTHING;
  if (others === null) return scrapOf(first);
  const size = others.reduce((sum, each) => sum + each.byteLength, 0);
  const all = new Uint8Array(first.byteLength + size);
  all.set(first);
  let at = first.byteLength;
  for (const each of others) {
    all.set(each, at);
    at += each.byteLength;
  }
  return all;
}

/** The bytes in an array of their own: whoever gets it may keep, send, detach it. */
export function asOwn(bytes: Uint8Array): Uint8Array {
  const size = bytes.byteLength;
  // All that are empty may be one and the same.
  const isOwn = size > LARGEST ||
    (size > 0 && size === bytes.buffer.byteLength);
  return isOwn ? bytes : bytes.slice();
}
