import { checkNames, type Names } from "../../future/_option_names.ts";
import type { DropErrors } from "../../future/_drop.ts";
import { proceed } from "../../future/budget.ts";
import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { LivingStream } from "../../future/stream/_living_stream.ts";
import { Done, type Stream } from "../../future/stream/stream.ts";
import { checkLimit } from "./_checks.ts";
import { checkReader, LIMIT, Scan } from "./_scan.ts";
import { type Sides, sidesOf } from "./_sides.ts";
import { type InvalidUtf8Policy, TextPieces } from "./_text.ts";
import type { BufReader } from "./buf_reader.ts";
import { ReadLimitExceeded } from "./errors.ts";

/** How lines are read. */
export interface LinesOptions {
  /** How many bytes a line may have, without its end; 1 MiB by default. */
  limit?: number;
  /**
   * Bytes that are not UTF-8 make it fail, which is the default, or are replaced
   * with U+FFFD.
   */
  invalidUtf8?: "fail" | "replace";
}

const LF = 0x0a;
const CR = 0x0d;
const DOING = "read a line";

class Lines extends LivingStream<string> {
  readonly #reader: BufReader;
  readonly #sides: Sides;
  readonly #scan: Scan;
  readonly #limit: number;
  readonly #text: TextPieces;

  constructor(reader: BufReader, limit: number, policy: InvalidUtf8Policy) {
    super();
    this.#text = new TextPieces(DOING, policy);
    this.#reader = reader;
    this.#sides = sidesOf(reader);
    this.#scan = new Scan(reader, new Uint8Array([LF]));
    this.#limit = limit;
  }

  protected override advance(cx: Context): Poll<string | Done> {
    this.#sides.reading.take(this);
    // Beyond the limit there may still be the CR of the line's end.
    const at = this.#scan.poll(cx, this.#limit + 1);
    if (at === Pending || !proceed(cx)) return Pending;
    const bytes = this.#reader.buffered;
    const line = lineOf(bytes, at);
    if (line.byteLength > this.#limit) {
      throw new ReadLimitExceeded(DOING, this.#limit);
    }
    if (bytes.byteLength === 0) return Done;
    const text = this.#text.decode(line);
    this.#reader.consume(at < 0 ? bytes.byteLength : at + 1);
    this.#sides.reading.release(this);
    return text;
  }

  protected override free(_errors: DropErrors): void {
    this.#sides.reading.release(this);
  }
}

/** The line without its end; a CR without a LF is a part of it. */
function lineOf(bytes: Uint8Array, at: number): Uint8Array {
  if (at < 0) return bytes;
  return bytes.subarray(0, at > 0 && bytes[at - 1] === CR ? at - 1 : at);
}

const NAMES: Names<LinesOptions> = { limit: true, invalidUtf8: true };

/**
 * Reads lines of text, which end with LF or CRLF; the end is not a part of them.
 * The last one may be without. A CR alone ends no line. Mirrors
 * `AsyncBufReadExt::lines`.
 *
 * From its first poll until it gives a line it has the turn at the reader, also
 * when the `next()` that polled it was dropped; drop it to read otherwise, and
 * make another one to go on.
 *
 * Cancel safety: safe: dropped, it leaves all bytes that it gave no line of in
 * the reader.
 *
 * @param reader Where from; it stays yours.
 * @param options `limit`, how many bytes a line may have, 1 MiB by default;
 * `invalidUtf8`, whether bytes that are not UTF-8 make it `"fail"`, which is the
 * default, or `"replace"` them with U+FFFD. A byte order mark is left in the text.
 * @returns A stream of the lines. It fails with {@linkcode ReadLimitExceeded},
 * with {@linkcode InvalidUtf8}, with what the reader fails with, and with a
 * `NetError` if another read is waiting; the line stays in the reader.
 * @throws {TypeError} If `reader` is no `BufReader`, or the policy is none.
 * @throws {RangeError} If `limit` is no whole number of at least 0.
 *
 * @example Usage
 * ```ts
 * import { BufReader, duplex, lines } from "@pollen/futures/io";
 * import { collect } from "@pollen/futures/stream";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(64);
 * await run(a.writeAll(new TextEncoder().encode("one\r\ntwo\n\nthree")));
 * a.close();
 * const all = await run(collect(lines(new BufReader(b), { limit: 80 })));
 * assertEquals(all, ["one", "two", "", "three"]);
 * ```
 */
export function lines(
  reader: BufReader,
  options: LinesOptions = {},
): Stream<string> {
  checkNames(options, NAMES);
  const { limit = LIMIT, invalidUtf8 = "fail" } = options;
  checkReader("read lines from", reader);
  checkLimit(DOING, limit);
  return new Lines(reader, limit, invalidUtf8);
}
