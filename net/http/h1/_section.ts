import { CR, decodeAscii, decodeLatin1, EMPTY, SP } from "./_bytes.ts";
import { NEXT, NOT_ASCII, numberOf } from "./_section_table.ts";
import {
  illegalByte,
  illegalStart,
  tooLarge,
  tooLongLine,
  tooManyFields,
} from "./_section_errors.ts";
import { type Fields, fieldsOf, SPAN } from "./fields.ts";

// The states' numbers, as constants of this very file: the compiler folds those,
// and not what is imported, which takes a tenth of the time more. PURE tells a
// bundler that a program which reads no heads can do without.
const STATUS = /* @__PURE__ */ numberOf("version and status");
const REASON = /* @__PURE__ */ numberOf("reason");
const LINE_START = /* @__PURE__ */ numberOf("line start");
const NAME = /* @__PURE__ */ numberOf("name");
const BEFORE_VALUE = /* @__PURE__ */ numberOf("before value");
const VALUE = /* @__PURE__ */ numberOf("value");
const FOLD = /* @__PURE__ */ numberOf("fold");
const LINE_END = /* @__PURE__ */ numberOf("line end");
const LAST_LINE_END = /* @__PURE__ */ numberOf("last line end");
const COMPLETE = /* @__PURE__ */ numberOf("complete");

/** What a section is read with. */
export interface SectionRules {
  /** A head begins with a status line, trailers do not. */
  readonly kind: "head" | "trailers";
  readonly maxBytes: number;
  readonly maxLine: number;
  readonly maxFields: number;
  readonly unfold: boolean;
}

/** What every status line of this protocol begins with. */
const VERSION = /* @__PURE__ */ Array.from(
  "HTTP/1.",
  (each) => each.charCodeAt(0),
);
const MINOR = "HTTP/1.".length;
const CODE = MINOR + 2;
const AFTER_CODE = CODE + 3;

/**
 * Reads a head or trailers from pieces of any size, and looks at each byte once.
 *
 * What makes it fast: one load for a byte (state and byte lead to the next state
 * in one flat table), a tight loop while the state stays; only places are kept on
 * the way; the bytes are decoded once, when all are there. They are decoded where
 * they are if they came in one piece, as they mostly do, and are collected
 * otherwise.
 */
export class SectionReader {
  /** Of the status line, once it is complete. */
  minor: 0 | 1 = 1;
  status = 0;
  reason = "";
  fields: Fields | undefined;

  #rules!: SectionRules;
  /** How many bytes of the response came before, for errors. */
  #origin = 0;
  #at = COMPLETE;
  /** Places are counted from the section's first byte; this many were read. */
  #read = 0;
  #lineStart = 0;
  #reasonEnd = 0;
  /** Five numbers a field, in an array that is used again and again. */
  readonly #spans: number[] = [];
  #spanned = 0;
  #isAscii = true;
  #isFolded = false;
  /** What was read in earlier pieces. */
  #held = EMPTY;
  #heldLength = 0;

  /** Whether the last byte was read. */
  get isComplete(): boolean {
    return this.#at === COMPLETE;
  }

  /** How many bytes were read. */
  get read(): number {
    return this.#read;
  }

  /**
   * Starts with a new section.
   *
   * @param origin How many bytes of the response came before it.
   */
  begin(rules: SectionRules, origin: number): void {
    this.#rules = rules;
    this.#origin = origin;
    this.#at = rules.kind === "head" ? STATUS : LINE_START;
    this.#read = 0;
    this.#lineStart = 0;
    this.#spanned = 0;
    this.#isAscii = true;
    this.#isFolded = false;
    if (this.#held.length > 4096) this.#held = EMPTY;
    this.#heldLength = 0;
    this.minor = 1;
    this.status = 0;
    this.fields = undefined;
  }

  /**
   * Reads on.
   *
   * @returns Where in the bytes it stopped: at their end, or after the section.
   */
  scan(bytes: Uint8Array, from: number): number {
    const { maxBytes, maxLine, maxFields, unfold } = this.#rules;
    const spans = this.#spans;
    const base = this.#read - from; // added to an index, it makes a place
    const stop = Math.min(bytes.length, maxBytes - base);
    let spanned = this.#spanned;
    let at = this.#at;
    let i = from;
    if (at === STATUS) {
      i = this.#scanStatus(bytes, from, stop);
      at = this.#at;
    }
    let lineStop = Math.min(stop, this.#lineStart + maxLine - base);

    while (i < stop && at !== COMPLETE) {
      const row = at << 8;
      let next = at;
      while (i < lineStop && (next = NEXT[row | bytes[i]!]!) === at) i++;
      if (i === stop) break;
      if (i >= lineStop) {
        // The line is as long as it may be: now it has to end.
        next = NEXT[row | bytes[i]!]!;
        if (at < LINE_END && bytes[i] !== CR) {
          throw tooLongLine(this.#here(base + i), this.#rules);
        }
      }
      if (next >= NOT_ASCII) {
        this.#isAscii = false;
        next &= ~NOT_ASCII;
      }
      switch (next) {
        case REASON:
        case BEFORE_VALUE:
          if (at === NAME) spans[spanned++] = base + i;
          break;
        case NAME:
          if (spanned === maxFields * SPAN) {
            throw tooManyFields(this.#here(base + i), this.#rules);
          }
          spans[spanned++] = 0;
          spans[spanned++] = base + i;
          break;
        case VALUE:
          if (at === BEFORE_VALUE) {
            spans[spanned++] = base + i;
            spans[spanned++] = 0;
          }
          break;
        case FOLD:
          if (!unfold || spanned === 0) {
            throw illegalByte(at, bytes[i]!, this.#here(base + i), this.#rules);
          }
          this.#isFolded = true;
          break;
        case LINE_END:
          if (at === REASON) this.#reasonEnd = base + i;
          else {
            if (at === BEFORE_VALUE) {
              spans[spanned++] = base + i;
              spanned++;
            }
            spans[spanned - 1] = base + i;
          }
          break;
        case LINE_START:
          this.#lineStart = base + i + 1;
          lineStop = Math.min(stop, i + 1 + maxLine);
          break;
        case LAST_LINE_END:
        case COMPLETE:
          break;
        default:
          throw illegalByte(at, bytes[i]!, this.#here(base + i), this.#rules);
      }
      at = next;
      i++;
    }

    this.#at = at;
    this.#read = base + i;
    this.#spanned = spanned;
    if (at === COMPLETE) this.#finish(bytes, from, i);
    else {
      if (i < bytes.length) throw tooLarge(this.#here(base + i), this.#rules);
      this.#hold(bytes, from, i);
    }
    return i;
  }

  /** RFC 9112 §4: `HTTP/1.1 200 OK`, up to the reason. */
  #scanStatus(bytes: Uint8Array, from: number, stop: number): number {
    const base = this.#read - from;
    let i = from;
    for (; i < stop; i++) {
      const place = base + i;
      const byte = bytes[i]!;
      const digit = byte - 0x30;
      const isDigit = digit >= 0 && digit <= 9;
      if (place < MINOR) {
        if (byte === VERSION[place]) continue;
      } else if (place === MINOR) {
        // RFC 9110 §2.5: a later minor version is read as the latest known.
        if (isDigit) {
          this.minor = digit === 0 ? 0 : 1;
          continue;
        }
      } else if (place === MINOR + 1) {
        if (byte === SP) continue;
      } else if (place < AFTER_CODE) {
        if (isDigit && (digit > 0 || place > CODE)) {
          this.status = this.status * 10 + digit;
          continue;
        }
      } else if (byte === SP) {
        this.#at = REASON;
        return i + 1;
      } else if (byte === CR) {
        // Leniency: many servers leave out the space before an empty reason.
        this.#reasonEnd = AFTER_CODE;
        this.#at = LINE_END;
        return i + 1;
      }
      throw illegalStart(bytes, i, place, this.#here(place));
    }
    return i;
  }

  /** Keeps what was read, for the caller may reuse the bytes. */
  #hold(bytes: Uint8Array, from: number, to: number): void {
    const length = this.#heldLength + to - from;
    if (length > this.#held.length) {
      const larger = new Uint8Array(Math.max(256, length * 2));
      larger.set(this.#held.subarray(0, this.#heldLength));
      this.#held = larger;
    }
    this.#held.set(bytes.subarray(from, to), this.#heldLength);
    this.#heldLength = length;
  }

  #finish(bytes: Uint8Array, from: number, to: number): void {
    let whole = bytes.subarray(from, to);
    if (this.#heldLength > 0) {
      this.#hold(bytes, from, to);
      whole = this.#held.subarray(0, this.#heldLength);
    }
    let text = this.#isAscii ? decodeAscii(whole) : decodeLatin1(whole);
    if (this.#isFolded) text = unfolded(text);
    if (this.#rules.kind === "head") {
      this.reason = text.slice(AFTER_CODE + 1, this.#reasonEnd);
    }
    this.fields = fieldsOf(
      text,
      whole,
      this.#spans.slice(0, this.#spanned),
    );
  }

  #here(place: number): number {
    return this.#origin + place;
  }
}

/**
 * RFC 9112 §5.2: a fold is replaced by "one or more" spaces. By as many as it has
 * bytes, so that no place shifts.
 */
function unfolded(text: string): string {
  return text.replaceAll(
    /\r\n[ \t]+/g,
    (fold) => " ".repeat(fold.length),
  );
}
