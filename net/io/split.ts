import { nameOf } from "../../future/future.ts";
import type { Context } from "../../future/context.ts";
import type { Poll } from "../../future/poll.ts";
import { checkSink, checkSource, isBufRead } from "./_checks.ts";
import { setSides, sidesOf } from "./_sides.ts";
import type { AsyncBufRead } from "./async_buf_read.ts";
import type { AsyncRead } from "./async_read.ts";
import type { AsyncWrite } from "./async_write.ts";

/** What two halves have in common: the stream, until both are dropped. */
class Whole<S> {
  readonly stream: S;
  halves = 2;

  constructor(stream: S) {
    this.stream = stream;
  }
}

/** The streams that are split now. */
const split_ = new WeakSet<object>();

/**
 * A half of a stream, which holds it together with the other half.
 *
 * @typeParam S The stream.
 */
export abstract class Half<S> implements Disposable {
  readonly #whole: Whole<S>;
  #at: "held" | "was dropped" | "was reunited" = "held";

  /** Made by {@linkcode split}. */
  constructor(whole: object) {
    this.#whole = whole as Whole<S>;
    setSides(this, sidesOf(this.#whole.stream as object));
  }

  /** For `reunite` below, which looks behind a half: by brackets, past `private`. */
  private static wholeOf(half: Half<unknown>): Whole<unknown> {
    half.stream;
    return half.#whole;
  }

  /** For `reunite` below. */
  private static reunited(half: Half<unknown>): void {
    half.#at = "was reunited";
  }

  /** The stream, as long as this half holds it. */
  protected get stream(): S {
    if (this.#at === "held") return this.#whole.stream;
    throw new TypeError(`Cannot use ${nameOf(this)}: it ${this.#at}`);
  }

  /** Gives the half up. The second drop of the two drops the stream. */
  [Symbol.dispose](): void {
    if (this.#at !== "held") return;
    this.#at = "was dropped";
    const whole = this.#whole;
    if (--whole.halves > 0) return;
    split_.delete(whole.stream as object);
    (whole.stream as Partial<Disposable>)[Symbol.dispose]?.();
  }
}

/**
 * The half of a stream that reads; {@linkcode split} makes it.
 *
 * @typeParam S The stream.
 */
export class ReadHalf<S extends AsyncRead> extends Half<S>
  implements AsyncRead {
  /**
   * Copies the next bytes into `into`, as {@linkcode AsyncRead.pollRead} says.
   *
   * @param cx Whose waker is called when bytes arrive.
   * @param into Where the bytes go.
   * @returns How many; `null` at the end.
   * @throws What the stream fails with; a `TypeError` if the half was given up.
   */
  pollRead(cx: Context, into: Uint8Array): Poll<number | null> {
    return this.stream.pollRead(cx, into);
  }
}

/**
 * The half that reads, of a stream that shows its buffer.
 *
 * @typeParam S The stream.
 */
export class BufReadHalf<S extends AsyncBufRead> extends ReadHalf<S>
  implements AsyncBufRead {
  /**
   * Shows what is there, as {@linkcode AsyncBufRead.pollFillBuf} says.
   *
   * @param cx Whose waker is called when bytes arrive.
   * @returns At least one byte; `null` at the end.
   * @throws What the stream fails with; a `TypeError` if the half was given up.
   */
  pollFillBuf(cx: Context): Poll<Uint8Array | null> {
    return this.stream.pollFillBuf(cx);
  }

  /**
   * Takes bytes that were shown.
   *
   * @param n How many, from the beginning.
   * @throws {RangeError} If that many are not there.
   */
  consume(n: number): void {
    this.stream.consume(n);
  }
}

/**
 * The half of a stream that writes; {@linkcode split} makes it.
 *
 * @typeParam S The stream.
 */
export class WriteHalf<S extends AsyncWrite> extends Half<S>
  implements AsyncWrite {
  /**
   * Takes bytes from the beginning of `bytes`, as
   * {@linkcode AsyncWrite.pollWrite} says.
   *
   * @param cx Whose waker is called when there is progress.
   * @param bytes What to write.
   * @returns How many bytes were taken.
   * @throws What the stream fails with; a `TypeError` if the half was given up.
   */
  pollWrite(cx: Context, bytes: Uint8Array): Poll<number> {
    return this.stream.pollWrite(cx, bytes);
  }

  /**
   * Flushes the stream.
   *
   * @throws What the stream fails with; a `TypeError` if the half was given up.
   */
  pollFlush(cx: Context): Poll<void> {
    return this.stream.pollFlush(cx);
  }

  /**
   * Ends the stream towards the peer.
   *
   * @throws What the stream fails with; a `TypeError` if the half was given up.
   */
  pollShutdown(cx: Context): Poll<void> {
    return this.stream.pollShutdown(cx);
  }
}

/**
 * Parts a stream into a half that reads and one that writes, for two tasks. Each
 * half holds the stream: it is dropped when both are. Dropping the half that
 * writes does not end the stream towards the peer; shut it down first. Mirrors
 * `tokio::io::split`.
 *
 * @param stream What to part; it belongs to the halves from now on.
 * @returns The two halves; the reading one shows its buffer, if `stream` does.
 * @throws {TypeError} If `stream` cannot be read from and written to, or is parted
 * already.
 *
 * @example Usage
 * ```ts
 * import { duplex, readToEnd, reunite, split, writeAll } from "@pollen/futures/io";
 * import { join } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals, assertStrictEquals } from "@std/assert";
 *
 * const [a, b] = duplex(4);
 * const [reading, writing] = split(a);
 * await run(b.shutdown());
 * await run(join([writeAll(writing, new Uint8Array(4)), readToEnd(reading)]));
 * assertStrictEquals(reunite(reading, writing), a);
 * assertEquals(await run(b.read(new Uint8Array(8))), 4);
 * ```
 */
export function split<S extends AsyncBufRead & AsyncWrite>(
  stream: S,
): [BufReadHalf<S>, WriteHalf<S>];
/** Of a stream that shows no buffer. */
export function split<S extends AsyncRead & AsyncWrite>(
  stream: S,
): [ReadHalf<S>, WriteHalf<S>];
export function split<S extends AsyncRead & AsyncWrite>(
  stream: S,
): [ReadHalf<S>, WriteHalf<S>] {
  checkSource("split", stream);
  checkSink("split", stream);
  if (split_.has(stream)) {
    throw new TypeError(
      `Cannot split ${nameOf(stream)}: it is split already`,
    );
  }
  split_.add(stream);
  const whole = new Whole(stream);
  const reading = isBufRead(stream)
    ? new BufReadHalf<S & AsyncBufRead>(whole)
    : new ReadHalf<S>(whole);
  return [reading, new WriteHalf<S>(whole)];
}

/**
 * Puts the halves of a stream together again. Mirrors `ReadHalf::unsplit`.
 *
 * @param reading The half that reads; it is given up.
 * @param writing The half that writes; it is given up.
 * @returns The stream, which is yours again.
 * @throws {TypeError} If the halves are not of one stream, or one was given up.
 *
 * @example Usage
 * ```ts
 * import { duplex, reunite, split } from "@pollen/futures/io";
 * import { assertStrictEquals, assertThrows } from "@std/assert";
 *
 * const [a, b] = duplex(4);
 * const [ofA, ofB] = [split(a), split(b)];
 * assertThrows(() => reunite(ofA[0], ofB[1]), TypeError, "two streams");
 * assertStrictEquals(reunite(...ofA), a);
 * ```
 */
export function reunite<S extends AsyncRead & AsyncWrite>(
  reading: ReadHalf<S>,
  writing: WriteHalf<S>,
): S {
  if (!(reading instanceof ReadHalf) || !(writing instanceof WriteHalf)) {
    throw new TypeError(
      `Cannot reunite ${nameOf(reading)} and ${
        nameOf(writing)
      }: pass the two halves that split() gave`,
    );
  }
  const whole = Half["wholeOf"](reading);
  if (whole !== Half["wholeOf"](writing)) {
    throw new TypeError("Cannot reunite: the halves are of two streams");
  }
  Half["reunited"](reading);
  Half["reunited"](writing);
  split_.delete(whole.stream as object);
  return whole.stream as S;
}
