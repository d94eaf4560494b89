import { checkNames, type Names } from "../../future/_option_names.ts";
import type { Context } from "../../future/context.ts";
import { type Future, nameOf } from "../../future/future.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { checkLimit } from "./_checks.ts";
import { IoFuture } from "./_io_future.ts";
import { sidesOf } from "./_sides.ts";
import { checkReader, LIMIT, Scan } from "./_scan.ts";
import type { BufReader } from "./buf_reader.ts";
import { ReadLimitExceeded } from "./errors.ts";
import type { ReadLimit } from "./read_to_end.ts";

class ReadUntil extends IoFuture<Uint8Array | null> {
  readonly #reader: BufReader;
  readonly #scan: Scan;
  readonly #length: number;
  readonly #limit: number;

  constructor(reader: BufReader, delimiter: Uint8Array, limit: number) {
    super(sidesOf(reader), null);
    this.#reader = reader;
    this.#scan = new Scan(reader, delimiter);
    this.#length = delimiter.byteLength;
    this.#limit = limit;
  }

  protected override advance(cx: Context): Poll<Uint8Array | null> {
    const at = this.#scan.poll(cx, this.#limit);
    if (at === Pending) return Pending;
    const reader = this.#reader;
    const end = at < 0 ? reader.buffered.byteLength : at + this.#length;
    if (end > this.#limit) {
      throw new ReadLimitExceeded("read up to the delimiter", this.#limit);
    }
    if (end === 0) return null;
    const bytes = reader.buffered.slice(0, end);
    reader.consume(end);
    return bytes;
  }
}

const NAMES: Names<ReadLimit> = { limit: true };

/**
 * Reads up to a delimiter, which is a part of what it gives. Mirrors
 * `AsyncBufReadExt::read_until`.
 *
 * Cancel safety: safe: until it completes all bytes stay in the reader.
 *
 * @param reader Where from; it stays yours.
 * @param delimiter A byte, 0 to 255, or several in a row.
 * @param options `limit`, how many bytes there may be, the delimiter included;
 * 1 MiB by default.
 * @returns A future of a copy of the bytes. At the end of the stream it gives
 * what is left, which does not end with the delimiter, and after that `null`. It
 * fails with {@linkcode ReadLimitExceeded} if the delimiter is not within the
 * limit, with what the reader fails with, and with a `NetError` if another read
 * is waiting; the bytes stay in the reader.
 * @throws {TypeError} If `reader` is no `BufReader`, or the delimiter neither a
 * number nor a `Uint8Array`.
 * @throws {RangeError} If the delimiter is no byte or empty, or `limit` no whole
 * number of at least 0.
 *
 * @example Usage
 * ```ts
 * import { BufReader, duplex, readUntil } from "@pollen/futures/io";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(64);
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * await run(a.writeAll(bytes("name: value\r\n\r\nbody")));
 * const reader = new BufReader(b);
 * const head = await run(readUntil(reader, bytes("\r\n\r\n"), { limit: 8192 }));
 * assertEquals(head, bytes("name: value\r\n\r\n"));
 * ```
 */
export function readUntil(
  reader: BufReader,
  delimiter: number | Uint8Array,
  options: ReadLimit = {},
): Future<Uint8Array | null> {
  checkNames(options, NAMES);
  const { limit = LIMIT } = options;
  checkReader("read from", reader);
  checkLimit("read up to the delimiter", limit);
  return new ReadUntil(reader, delimiterOf(delimiter), limit);
}

function delimiterOf(delimiter: number | Uint8Array): Uint8Array {
  if (typeof delimiter === "number") {
    if (Number.isInteger(delimiter) && delimiter >= 0 && delimiter <= 255) {
      return new Uint8Array([delimiter]);
    }
    throw new RangeError(
      `Cannot read up to ${delimiter}: a byte is a whole number from 0 to 255`,
    );
  }
  if (!(delimiter instanceof Uint8Array)) {
    throw new TypeError(
      `Cannot read up to ${nameOf(delimiter)}: pass a byte or a Uint8Array`,
    );
  }
  if (delimiter.byteLength === 0) {
    throw new RangeError("Cannot read up to the delimiter: it is empty");
  }
  return delimiter.slice();
}
