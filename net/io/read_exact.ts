import type { Context } from "../../future/context.ts";
import type { Future } from "../../future/future.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import {
  checkBytes,
  checkProgress,
  checkSize,
  checkSource,
} from "./_checks.ts";
import { IoFuture } from "./_io_future.ts";
import { sidesOf } from "./_sides.ts";
import type { AsyncRead } from "./async_read.ts";
import { BufReader } from "./buf_reader.ts";
import { UnexpectedEnd } from "./errors.ts";

/** A future of bytes that says how far it is; see {@linkcode readExact}. */
export interface ReadExact extends Future<Uint8Array> {
  /** How many bytes have been read into the buffer so far. */
  readonly filled: number;
}

const DOING = "read all";

/** Into the buffer as the bytes come. */
class Fill extends IoFuture<Uint8Array> implements ReadExact {
  readonly #source: AsyncRead;
  readonly #into: Uint8Array;
  filled = 0;

  constructor(source: AsyncRead, into: Uint8Array) {
    super(sidesOf(source), null);
    this.#source = source;
    this.#into = into;
  }

  protected override advance(cx: Context): Poll<Uint8Array> {
    const into = this.#into;
    while (this.filled < into.byteLength) {
      const rest = into.subarray(this.filled);
      const n = this.#source.pollRead(cx, rest);
      if (n === Pending) return Pending;
      if (n === null) {
        throw new UnexpectedEnd(DOING, this.filled, into.byteLength);
      }
      checkProgress(this.#source, n, rest.byteLength);
      this.filled += n;
    }
    return into;
  }
}

/** Out of a reader that keeps the bytes until they are all there. */
class TakeOut extends IoFuture<Uint8Array> implements ReadExact {
  readonly #reader: BufReader;
  readonly #into: Uint8Array;
  filled = 0;

  constructor(reader: BufReader, into: Uint8Array) {
    super(sidesOf(reader), null);
    this.#reader = reader;
    this.#into = into;
  }

  protected override advance(cx: Context): Poll<Uint8Array> {
    const into = this.#into;
    const size = into.byteLength;
    const bytes = this.#reader.pollPeek(cx, size);
    if (bytes === Pending) return Pending;
    if (bytes.byteLength < size) {
      throw new UnexpectedEnd(DOING, bytes.byteLength, size);
    }
    into.set(bytes.subarray(0, size));
    this.#reader.consume(size);
    this.filled = size;
    return into;
  }
}

/**
 * Reads a certain number of bytes. Mirrors `AsyncReadExt::read_exact`.
 *
 * Cancel safety: safe if `source` is a {@linkcode BufReader}: until all bytes are
 * there they stay in it, whose buffer grows to that size; also when the stream
 * ends too early. Any other source loses its place: what was read stands at the
 * beginning of the buffer that you gave, and `filled` says how much it is, so
 * read on into the rest; with a number for a buffer, those bytes are gone.
 *
 * @param source Where from; it stays yours.
 * @param into The buffer to fill, or how many bytes to read into a new one.
 * @returns A future of the buffer; it says how far it is. It fails with
 * {@linkcode UnexpectedEnd} if the stream ends before, with what the source
 * fails with, and with a `NetError` if another read is waiting.
 * @throws {TypeError} If an argument is of the wrong kind.
 * @throws {RangeError} If a number is no whole number of at least 0.
 *
 * @example Usage
 * ```ts
 * import { BufReader, duplex, readExact } from "@pollen/futures/io";
 * import { co } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(16);
 * await run(co(function* () {
 *   yield* a.writeAll(new Uint8Array([0, 2, 7, 8]));
 *   const reader = new BufReader(b);
 *   const head = yield* readExact(reader, 2);
 *   const length = new DataView(head.buffer).getUint16(0);
 *   assertEquals(yield* readExact(reader, length), new Uint8Array([7, 8]));
 * }));
 * ```
 *
 * @example Going on after a drop, without a reader
 * ```ts
 * import { duplex, readExact } from "@pollen/futures/io";
 * import { pollOnce } from "@pollen/futures/testing";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(16);
 * await run(a.writeAll(new Uint8Array([1, 2])));
 * const into = new Uint8Array(3);
 * const first = readExact(b, into);
 * pollOnce(first); // two bytes are there, not three
 * first[Symbol.dispose]();
 *
 * await run(a.writeAll(new Uint8Array([3])));
 * await run(readExact(b, into.subarray(first.filled)));
 * assertEquals(into, new Uint8Array([1, 2, 3]));
 * ```
 */
export function readExact(
  source: AsyncRead,
  into: Uint8Array | number,
): ReadExact {
  checkSource("read from", source);
  if (typeof into === "number") {
    checkSize("read", "how many bytes", into, 0);
    into = new Uint8Array(into);
  } else {
    checkBytes("read into", into);
  }
  return source instanceof BufReader
    ? new TakeOut(source, into)
    : new Fill(source, into);
}
