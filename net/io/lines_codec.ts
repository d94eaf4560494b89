import { checkNames, type Names } from "../../future/_option_names.ts";
import { checkLimit } from "./_checks.ts";
import { LIMIT } from "./_scan.ts";
import { TextPieces } from "./_text.ts";
import { type Codec, type FrameBytes, type FrameSpace, More } from "./codec.ts";
import { ReadLimitExceeded } from "./errors.ts";
import type { LinesOptions } from "./lines.ts";

/** How lines are framed. */
export interface LinesCodecOptions extends LinesOptions {
  /** What a line is written with at its end: LF by default. */
  newline?: "\n" | "\r\n";
}

const LF = 0x0a;
const CR = 0x0d;
const DOING = "read a line";

class LinesCodec implements Codec<string> {
  readonly #limit: number;
  readonly #text: TextPieces;
  readonly #encoder = new TextEncoder();
  readonly #newline: string;
  /** How many bytes have no LF among them. */
  #seen = 0;

  constructor(limit: number, text: TextPieces, newline: string) {
    this.#limit = limit;
    this.#text = text;
    this.#newline = newline;
  }

  decode(input: FrameBytes): string | More {
    const { bytes } = input;
    const at = bytes.indexOf(LF, this.#seen);
    if (at >= 0) {
      const end = at > 0 && bytes[at - 1] === CR ? at - 1 : at;
      return this.#line(input, end, at + 1);
    }
    this.#seen = bytes.byteLength;
    // Beyond the limit there may still be the CR of the line's end.
    if (bytes.byteLength > this.#limit + 1) throw this.#tooLong();
    return More;
  }

  decodeEnd(input: FrameBytes): string | More {
    const { byteLength } = input.bytes;
    return byteLength === 0 ? More : this.#line(input, byteLength, byteLength);
  }

  #line(input: FrameBytes, end: number, next: number): string {
    if (end > this.#limit) throw this.#tooLong();
    const text = this.#text.decode(input.bytes.subarray(0, end));
    input.consume(next);
    this.#seen = 0;
    return text;
  }

  #tooLong(): ReadLimitExceeded {
    return new ReadLimitExceeded(DOING, this.#limit);
  }

  encode(line: string, output: FrameSpace): void {
    if (typeof line !== "string") {
      throw new TypeError(
        `Cannot write a line of ${typeof line}: pass a string`,
      );
    }
    if (line.includes("\n") || line.endsWith("\r")) {
      throw new RangeError(
        "Cannot write a line: it contains the end of a line, and would be read as another",
      );
    }
    const bytes = this.#encoder.encode(line + this.#newline);
    output.extend(bytes.byteLength).set(bytes);
  }
}

const NAMES: Names<LinesCodecOptions> = {
  limit: true,
  invalidUtf8: true,
  newline: true,
};

/**
 * A codec of lines of text, as {@linkcode lines} reads them. Mirrors
 * `tokio_util::codec::LinesCodec`.
 *
 * It remembers how far it has looked: make one for each stream.
 *
 * @param options `limit`, how many bytes a line may have, 1 MiB by default;
 * `invalidUtf8`, as for `lines`; `newline`, what a line is written with at its
 * end, LF by default. Both are read.
 * @returns The codec. Writing a line that contains an end of line fails with a
 * `RangeError`.
 * @throws {TypeError} If the policy or the newline is none.
 * @throws {RangeError} If `limit` is no whole number of at least 0.
 *
 * @example Usage
 * ```ts
 * import { duplex, Framed, linesCodec } from "@pollen/futures/io";
 * import { co } from "@pollen/futures/future";
 * import { send } from "@pollen/futures/stream";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(64);
 * await run(co(function* () {
 *   using left = new Framed(a, linesCodec({ newline: "\r\n" }));
 *   using right = new Framed(b, linesCodec());
 *   yield* send(left, "hello");
 *   assertEquals(yield* right.next(), "hello");
 * }));
 * ```
 */
export function linesCodec(options: LinesCodecOptions = {}): Codec<string> {
  checkNames(options, NAMES);
  const { limit = LIMIT, invalidUtf8 = "fail", newline = "\n" } = options;
  checkLimit(DOING, limit);
  if (newline !== "\n" && newline !== "\r\n") {
    throw new TypeError(
      `Cannot write lines: newline must be LF or CRLF, got ${
        JSON.stringify(newline)
      }`,
    );
  }
  return new LinesCodec(limit, new TextPieces(DOING, invalidUtf8), newline);
}
