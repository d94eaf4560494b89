/** How much memory is had at a time. */
const SHEET = 16 * 1024;
/** What is larger has an array of its own. */
const LARGEST = 2 * 1024;
/** So few bytes are copied sooner than a view of them is made. */
const FEW = 64;

let sheet = new Uint8Array(0);
let used = 0;

/**
 * A copy of a few bytes, in memory that others share: an array of its own costs
 * a third of a microsecond, and two when nothing of it is in the cache, which is
 * as much as all else that is done for the body of a small response. It is for
 * ourselves; what is given away is copied by {@linkcode asOwn}.
 */
export function scrapOf(bytes: Uint8Array): Uint8Array {
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

/** The bytes in an array of their own: whoever gets it may keep, send, detach it. */
export function asOwn(bytes: Uint8Array): Uint8Array {
  const size = bytes.byteLength;
  // All that are empty may be one and the same.
  const isOwn = size > LARGEST ||
    (size > 0 && size === bytes.buffer.byteLength);
  return isOwn ? bytes : bytes.slice();
}
