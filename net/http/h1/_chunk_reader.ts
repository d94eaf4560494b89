import { hexOf, ILLEGAL, NEXT, numberOf, stateOf } from "./_chunk_table.ts";
import {
  extensionsTooLarge,
  illegalChunkByte,
  incompleteChunks,
  sizeTooLarge,
} from "./_chunk_errors.ts";
import type { Input } from "./_input.ts";
import type { Rules } from "./_rules.ts";
import { SectionReader } from "./_section.ts";
import type { ChunkEvent } from "./events.ts";

// The states' numbers, as constants of this very file: the compiler folds those.
const SIZE_START = /* @__PURE__ */ numberOf("size start");
const SIZE = /* @__PURE__ */ numberOf("size");
const PADDING = /* @__PURE__ */ numberOf("padding");
const EXTENSION = /* @__PURE__ */ numberOf("extension");
const SIZE_END = /* @__PURE__ */ numberOf("size end");
const DATA = /* @__PURE__ */ numberOf("data");
const DATA_END = /* @__PURE__ */ numberOf("data end");
const DATA_LINE_END = /* @__PURE__ */ numberOf("data line end");
const TRAILERS = /* @__PURE__ */ numberOf("trailers");
const ENDED = /* @__PURE__ */ numberOf("ended");

/** RFC 9112 §7.1 sets no limit; a size has to fit a number, with some zeros. */
const MAX_SIZE_DIGITS = 16;

/**
 * Reads the chunks of an input, whose end is that of another: the one reader of
 * chunks, for the decoder and for the parser of responses.
 *
 * The bytes of the framing go through the table, one load each; those of the data
 * are not looked at.
 */
export class ChunkReader {
  #rules!: Rules;
  #trailers: SectionReader | undefined;
  #at = SIZE_START;
  #digits = 0;
  /** Of the chunk: while its size is read, that; then how much is to come. */
  #remaining = 0;
  #extensionBytes = 0;

  /** Starts with a new body. */
  begin(rules: Rules): void {
    this.#rules = rules;
    this.#at = SIZE_START;
    this.#digits = 0;
    this.#remaining = 0;
    this.#extensionBytes = 0;
  }

  /** Reads on until there is an event, or no more input. */
  read(input: Input): ChunkEvent | null {
    while (!input.isRead) {
      switch (this.#at) {
        case DATA:
          return { type: "data", bytes: this.#takeData(input) };
        case TRAILERS: {
          const trailers = this.#trailers!;
          input.position = trailers.scan(input.bytes, input.position);
          if (!trailers.isComplete) return null;
          this.#at = ENDED;
          const fields = trailers.fields!;
          return { type: "end", trailers: fields.size === 0 ? null : fields };
        }
        default:
          this.#readFraming(input);
      }
    }
    return null;
  }

  /** What is left of the chunk whose data is being read; 0 in its framing. */
  get dataAhead(): number {
    return this.#at === DATA ? this.#remaining : 0;
  }

  /** No more input will come, and the body has not ended. */
  incomplete(offset: number): Error {
    return incompleteChunks(stateOf(this.#at), this.#remaining, offset);
  }

  #takeData(input: Input): Uint8Array {
    const { bytes, position } = input;
    const end = Math.min(bytes.length, position + this.#remaining);
    this.#remaining -= end - position;
    if (this.#remaining === 0) this.#at = DATA_END;
    return input.takeUpTo(end);
  }

  /** Reads sizes, extensions and line ends, up to the next data or the trailers. */
  #readFraming(input: Input): void {
    const { bytes } = input;
    let at = this.#at;
    let i = input.position;
    for (; i < bytes.length && at !== DATA; i++) {
      const byte = bytes[i]!;
      const next = NEXT[(at << 8) | byte]!;
      switch (next) {
        case SIZE:
          this.#addDigit(byte, input, i);
          break;
        case PADDING:
        case EXTENSION:
          this.#countExtension(input, i);
          break;
        case DATA:
          if (this.#remaining === 0) {
            this.#at = TRAILERS;
            input.position = i + 1;
            this.#trailers ??= new SectionReader();
            this.#trailers.begin(this.#rules.trailers, input.offset);
            return;
          }
          break;
        case SIZE_START:
          this.#digits = 0;
          break;
        case SIZE_END:
        case DATA_LINE_END:
          break;
        case ILLEGAL:
          input.position = i;
          throw illegalChunkByte(stateOf(at), byte, input.offset);
      }
      at = next;
    }
    this.#at = at;
    input.position = i;
  }

  #addDigit(byte: number, input: Input, i: number): void {
    const size = this.#remaining * 16 + hexOf(byte);
    // Sixteen times a safe integer is exact, so this comparison is.
    if (++this.#digits > MAX_SIZE_DIGITS || size > Number.MAX_SAFE_INTEGER) {
      input.position = i;
      throw sizeTooLarge(input.offset);
    }
    this.#remaining = size;
  }

  /** Extensions are passed over; a flood of them is refused. */
  #countExtension(input: Input, i: number): void {
    const max = this.#rules.limits.chunkExtensionBytes;
    if (++this.#extensionBytes > max) {
      input.position = i;
      throw extensionsTooLarge(max, input.offset);
    }
  }
}
