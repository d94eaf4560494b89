import { checkNames } from "../../future/_option_names.ts";
import type { Context } from "../../future/context.ts";
import type { Future } from "../../future/future.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import {
  checkBytes,
  checkProgress,
  checkSize,
  checkSource,
  isBufRead,
} from "./_checks.ts";
import { IoFuture } from "./_io_future.ts";
import { setSides, type Sides, sidesOf } from "./_sides.ts";
import type { AsyncBufRead } from "./async_buf_read.ts";
import type { AsyncRead } from "./async_read.ts";
import { read } from "./read.ts";

/** How a {@linkcode BufReader} buffers. */
export interface BufReaderOptions {
  /** How many bytes its buffer has at first: 16 KiB by default. */
  capacity?: number;
}

const CAPACITY = 16 * 1024;
const NOTHING = new Uint8Array(0);

/**
 * Reads ahead from any source, and keeps what was not consumed: the place to
 * parse from. Whatever looks at its bytes and is dropped, or fails, leaves them
 * to the next one. Mirrors `tokio::io::BufReader`.
 *
 * If the source shows its own buffer, as a socket does, so does this reader, and
 * nothing is copied; only what must stand together and does not, as a line
 * across two packets, is put together in a buffer of its own. That is made when
 * it is first needed, and grows as far as somebody asks for it.
 *
 * The source is the reader's from now on: reading from it directly would pass
 * over what was read ahead. Dropping the reader drops the source, if it can be.
 *
 * @typeParam R The source.
 *
 * @example Looking before taking
 * ```ts
 * import { BufReader, duplex } from "@pollen/futures/io";
 * import { co } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(64);
 * await run(co(function* () {
 *   using reader = new BufReader(b);
 *   yield* a.writeAll(new TextEncoder().encode("GET /"));
 *   const method = yield* reader.peek(3);
 *   assertEquals(new TextDecoder().decode(method.subarray(0, 3)), "GET");
 *   assertEquals(reader.buffered.byteLength, 5); // all of it is still there
 *   reader.consume(4);
 *   assertEquals(new TextDecoder().decode((yield* reader.fill())!), "/");
 * }));
 * ```
 */
export class BufReader<R extends AsyncRead = AsyncRead>
  implements AsyncBufRead, Disposable {
  /** What it reads from. */
  readonly source: R;
  /** The same, if it shows its own buffer. */
  readonly #lender: AsyncBufRead | null;
  readonly #capacity: number;
  readonly #sides: Sides;
  /** Its own buffer, once there is one. */
  #own: Uint8Array = NOTHING;
  /** Where the bytes are that were not consumed: `#own`, or the lender's view. */
  #bytes: Uint8Array = NOTHING;
  #start = 0;
  #end = 0;
  /** Whether its own buffer may be written to. */
  #reusable = true;
  #position = 0;

  /**
   * Makes a reader. Nothing is read before somebody asks.
   *
   * @param source Where to read from.
   * @param options The size of the buffer.
   * @throws {TypeError} If `source` cannot be read from.
   * @throws {RangeError} If `capacity` is no whole number of at least 1.
   */
  constructor(source: R, options: BufReaderOptions = {}) {
    checkNames(options, { capacity: true });
    const { capacity = CAPACITY } = options;
    checkSource("buffer", source);
    checkSize("make a BufReader", "its capacity", capacity, 1);
    this.source = source;
    this.#lender = isBufRead(source) ? source : null;
    this.#capacity = capacity;
    const sides = sidesOf(source);
    this.#sides = { ...sides, detach: () => this.#detach(sides.detach) };
    setSides(this, this.#sides);
  }

  /** How many bytes have been consumed in all: where in the stream it is. */
  get position(): number {
    return this.#position;
  }

  /**
   * What has been read and not consumed: a view, valid until the next poll or
   * `consume`.
   */
  get buffered(): Uint8Array {
    const bytes = this.#bytes;
    // What the source lends, as a rule: another view of it would be made for nothing.
    if (this.#start === 0 && this.#end === bytes.byteLength) return bytes;
    return bytes.subarray(this.#start, this.#end);
  }

  /**
   * Shows the bytes that are there, as {@linkcode AsyncBufRead.pollFillBuf} says.
   *
   * @param cx Whose waker is called when bytes arrive.
   * @returns At least one byte; `null` at the end.
   * @throws What the source fails with.
   */
  pollFillBuf(cx: Context): Poll<Uint8Array | null> {
    if (this.#start === this.#end) {
      const more = this.#pollMore(cx, 1);
      if (more === Pending) return Pending;
      if (!more) return null;
    }
    return this.buffered;
  }

  /**
   * Shows at least `n` bytes in one piece, fewer only at the end, and all that
   * is buffered besides.
   *
   * @param cx Whose waker is called when bytes arrive.
   * @param n How many.
   * @returns A view, valid until the next poll or `consume`.
   * @throws What the source fails with; what was read stays.
   */
  pollPeek(cx: Context, n: number): Poll<Uint8Array> {
    while (this.#end - this.#start < n) {
      const more = this.#pollMore(cx, n - (this.#end - this.#start));
      if (more === Pending) return Pending;
      if (!more) break;
    }
    return this.buffered;
  }

  /**
   * Takes bytes that were shown.
   *
   * @param n How many, from the beginning.
   * @throws {RangeError} If that many are not buffered.
   */
  consume(n: number): void {
    const length = this.#end - this.#start;
    if (!(n >= 0 && n <= length)) {
      throw new RangeError(`Cannot consume ${n} bytes: ${length} are there`);
    }
    if (this.#isLent) this.#lender!.consume(n);
    this.#start += n;
    this.#position += n;
  }

  /**
   * Copies the next bytes into `into`. Without anything buffered, a large `into`
   * is filled from the source directly.
   *
   * @param cx Whose waker is called when bytes arrive.
   * @param into Where the bytes go; only its beginning is written to.
   * @returns How many bytes; 0 only if `into` is empty; `null` at the end.
   * @throws What the source fails with.
   */
  pollRead(cx: Context, into: Uint8Array): Poll<number | null> {
    const size = into.byteLength;
    if (size === 0) return 0;
    if (this.#start === this.#end) {
      if (this.#lender === null && size >= this.#capacity) {
        const n = this.source.pollRead(cx, into);
        if (n !== Pending && n !== null) this.#position += n;
        return n;
      }
      const more = this.#pollMore(cx, 1);
      if (more === Pending) return Pending;
      if (!more) return null;
    }
    const n = Math.min(size, this.#end - this.#start);
    into.set(this.#bytes.subarray(this.#start, this.#start + n));
    this.consume(n);
    return n;
  }

  /**
   * Waits for at least `n` bytes, and leaves them in place.
   *
   * Cancel safety: safe: what was read stays in the reader.
   *
   * @param n How many, at least 1. The buffer grows to that size if it must.
   * @returns A future of a view of all that is buffered, valid until the next
   * poll or `consume`: fewer than `n` bytes only at the end. It fails with what
   * the source fails with.
   * @throws {RangeError} If `n` is no whole number of at least 1.
   */
  peek(n: number): Future<Uint8Array> {
    checkSize("peek", "n", n, 1);
    return new Peek(this, this.#sides, n);
  }

  /**
   * Waits until there are bytes, and leaves them in place: with `consume`, a way
   * to read without copying.
   *
   * Cancel safety: safe: what was read stays in the reader.
   *
   * @returns A future of a view of all that is buffered, valid until the next
   * poll or `consume`; of `null` at the end. It fails with what the source fails
   * with.
   */
  fill(): Future<Uint8Array | null> {
    return new Fill(this, this.#sides);
  }

  /**
   * Reads some bytes.
   *
   * Cancel safety: safe: dropped, it has taken nothing.
   *
   * @param into Where the bytes go; only its beginning is written to.
   * @returns A future of how many; `null` at the end.
   * @throws {TypeError} If `into` is no `Uint8Array`.
   */
  read(into: Uint8Array): Future<number | null> {
    checkBytes("read into", into);
    return read(this, into);
  }

  /** Drops what is buffered, and the source, if it can be dropped. */
  [Symbol.dispose](): void {
    this.#own = this.#bytes = NOTHING;
    this.#start = this.#end = 0;
    (this.source as Partial<Disposable>)[Symbol.dispose]?.();
  }

  /** Whether there are bytes, and they are the lender's. */
  get #isLent(): boolean {
    return this.#start < this.#end && this.#bytes !== this.#own;
  }

  /** Reads some more, `wanted` bytes if it can be; `false` at the end. */
  #pollMore(cx: Context, wanted: number): Poll<boolean> {
    const lender = this.#lender;
    if (lender === null) return this.#pollRoom(cx, wanted);
    const isEmpty = this.#start === this.#end;
    if (this.#isLent) this.#takeOver(lender, this.buffered, wanted);
    const view = lender.pollFillBuf(cx);
    if (view === Pending) return Pending;
    if (view === null) return false;
    if (isEmpty) {
      this.#bytes = view;
      this.#start = 0;
      this.#end = view.byteLength;
    } else {
      const room = Math.max(wanted, this.#own.byteLength - this.#end);
      this.#takeOver(lender, view.subarray(0, room), 0);
    }
    return true;
  }

  /** Puts the lender's bytes behind its own, with room for more after them. */
  #takeOver(lender: AsyncBufRead, view: Uint8Array, more: number): void {
    const n = view.byteLength;
    if (this.#isLent) this.#start = this.#end = 0;
    this.#reserve(n + more);
    this.#own.set(view, this.#end);
    this.#end += n;
    lender.consume(n);
  }

  /** Reads into its own buffer. */
  #pollRoom(cx: Context, wanted: number): Poll<boolean> {
    this.#reserve(wanted);
    const room = this.#own.subarray(this.#end);
    const n = this.source.pollRead(cx, room);
    if (n === Pending) return Pending;
    if (n === null) return false;
    checkProgress(this.source, n, room.byteLength);
    this.#end += n;
    return true;
  }

  /** Makes room for `n` bytes behind those in its own buffer. */
  #reserve(n: number): void {
    const length = this.#end - this.#start;
    let into = this.#own;
    if (length === 0) this.#start = this.#end = 0;
    if (this.#end + n > into.byteLength || !this.#reusable) {
      // Half of it at least is free after that, so that it is soon worth it.
      const size = Math.max(this.#capacity, length + n, 2 * length);
      if (size > into.byteLength || !this.#reusable) {
        into = new Uint8Array(size);
        this.#reusable = true;
      }
      into.set(this.#own.subarray(this.#start, this.#end));
      this.#start = 0;
      this.#end = length;
    }
    this.#own = this.#bytes = into;
  }

  #detach(detachSource: () => void): void {
    if (this.#isLent) detachSource();
    else this.#reusable = false;
  }
}

class Peek extends IoFuture<Uint8Array> {
  readonly #reader: BufReader;
  readonly #n: number;

  constructor(reader: BufReader, sides: Sides, n: number) {
    super(sides, null);
    this.#reader = reader;
    this.#n = n;
  }

  protected override advance(cx: Context): Poll<Uint8Array> {
    return this.#reader.pollPeek(cx, this.#n);
  }
}

class Fill extends IoFuture<Uint8Array | null> {
  readonly #reader: BufReader;

  constructor(reader: BufReader, sides: Sides) {
    super(sides, null);
    this.#reader = reader;
  }

  protected override advance(cx: Context): Poll<Uint8Array | null> {
    return this.#reader.pollFillBuf(cx);
  }
}
