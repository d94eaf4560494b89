import type { Context } from "../../../future/context.ts";
import { Pending, type Poll } from "../../../future/poll.ts";
import { Done } from "../../../future/stream/stream.ts";
import type { AsyncRead } from "../../io/async_read.ts";
import type { ByteSource } from "./_gather.ts";

const NOTHING = new Uint8Array(0);

/**
 * Reads the body of a response into buffers of your own, or looks at its bytes
 * where they are: the way without a copy. All of `./io` works on it.
 *
 * Dropping it drops the body, and decides what becomes of the connection.
 */
export class BodyReader implements AsyncRead, Disposable {
  readonly #source: ByteSource;
  #view: Uint8Array = NOTHING;

  /** What must not be forgotten while this is read. */
  readonly #owner: object;

  private constructor(source: ByteSource, owner: object) {
    this.#source = source;
    this.#owner = owner;
  }

  /**
   * Copies the next bytes into `into`.
   *
   * @param cx Whose waker is called when bytes arrive.
   * @param into Where the bytes go; only its beginning is written to.
   * @returns How many bytes; 0 only if `into` is empty; `null` at the end.
   * @throws {HttpError} If the body failed.
   */
  pollRead(cx: Context, into: Uint8Array): Poll<number | null> {
    if (into.byteLength === 0) return 0;
    const bytes = this.pollFillBuf(cx);
    if (bytes === Pending || bytes === null) return bytes;
    const n = Math.min(bytes.byteLength, into.byteLength);
    into.set(n === bytes.byteLength ? bytes : bytes.subarray(0, n));
    this.consume(n);
    return n;
  }

  /**
   * Gives a view of the bytes that have arrived, without copying them; they
   * stay until {@linkcode BodyReader.consume} takes them.
   *
   * @param cx Whose waker is called when bytes arrive.
   * @returns At least one byte, valid until the next poll; `null` at the end.
   * @throws {HttpError} If the body failed.
   */
  pollFillBuf(cx: Context): Poll<Uint8Array | null> {
    while (this.#view.byteLength === 0) {
      const bytes = this.#source.poll(cx);
      if (bytes === Pending) return Pending;
      if (bytes === Done) return null;
      this.#view = bytes;
    }
    return this.#view;
  }

  /**
   * Takes bytes that {@linkcode BodyReader.pollFillBuf} gave.
   *
   * @param n How many, from the beginning.
   * @throws {RangeError} If that many are not there.
   */
  consume(n: number): void {
    if (!(n >= 0 && n <= this.#view.byteLength)) {
      throw new RangeError(
        `Cannot consume ${n} bytes: ${this.#view.byteLength} are there`,
      );
    }
    this.#view = this.#view.subarray(n);
  }

  /** Nothing more of the body is wanted. */
  [Symbol.dispose](): void {
    this.#view = NOTHING;
    this.#source.drop();
  }
}

// Only responses make readers, whose constructor is private.
const Reader = BodyReader as unknown as new (
  source: ByteSource,
  owner: object,
) => BodyReader;

/** Makes a reader; `owner` must not be forgotten meanwhile. */
export function readerOf(source: ByteSource, owner: object): BodyReader {
  return new Reader(source, owner);
}
