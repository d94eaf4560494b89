/**
 * The answer of a decoder that needs more bytes. Compare with `===`.
 *
 * @example Usage
 * ```ts
 * import { lengthDelimited, More } from "@pollen/futures/io";
 * import { assertStrictEquals } from "@std/assert";
 *
 * const { decode } = lengthDelimited();
 * const head = { bytes: new Uint8Array([0, 0]), consume() {} };
 * assertStrictEquals(decode(head), More);
 * ```
 */
export const More: unique symbol = Symbol.for("@pollen/futures.More");

/** The type of {@linkcode More}. */
export type More = typeof More;

/** The bytes that a decoder is given. */
export interface FrameBytes {
  /**
   * All that is there and was not consumed: a view, valid until the decoder
   * returns. Copy what a frame keeps.
   */
  readonly bytes: Uint8Array;
  /**
   * Takes bytes from the beginning.
   *
   * @param n How many.
   * @throws {RangeError} If that many are not there.
   */
  consume(n: number): void;
}

/** The place that an encoder puts bytes into. */
export interface FrameSpace {
  /**
   * Gives room behind what is there, which counts as filled.
   *
   * @param n How many bytes.
   * @returns The room, to be filled before anything else is put there.
   */
  extend(n: number): Uint8Array;
}

/**
 * Finds frames in bytes. It gives one of three answers, and does no I/O.
 *
 * @typeParam T The frames.
 */
export interface Decoder<T> {
  /**
   * Looks for one frame at the beginning of the bytes.
   *
   * @param input The bytes; it consumes those of the frame.
   * @returns The frame; or {@linkcode More}, and is asked again when there are
   * more bytes than now.
   * @throws If the bytes are no frame and never will be.
   */
  decode(input: FrameBytes): T | More;
  /**
   * Looks for one frame when the stream has ended, until it says
   * {@linkcode More}. Without this method, as if that were the answer. Bytes that
   * are left then fail with `UnexpectedEnd`.
   *
   * @param input The bytes, perhaps none; it consumes those of the frame.
   * @returns The frame, or `More`.
   */
  decodeEnd?(input: FrameBytes): T | More;
}

/**
 * Makes bytes of frames.
 *
 * @typeParam T The frames.
 */
export interface Encoder<T> {
  /**
   * Puts the bytes of a frame behind what is there. If it throws, nothing is.
   *
   * @param frame The frame.
   * @param output Where the bytes go.
   * @throws If there can be no such frame.
   */
  encode(frame: T, output: FrameSpace): void;
}

/**
 * Both: what {@linkcode Framed} needs.
 *
 * @typeParam In The frames that are read.
 * @typeParam Out The frames that are written.
 *
 * @example One of your own: a frame is a byte
 * ```ts
 * import { type Codec, duplex, Framed, More } from "@pollen/futures/io";
 * import { co } from "@pollen/futures/future";
 * import { send } from "@pollen/futures/stream";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const byteCodec: Codec<number> = {
 *   decode(input) {
 *     if (input.bytes.byteLength === 0) return More;
 *     const byte = input.bytes[0]!;
 *     input.consume(1);
 *     return byte;
 *   },
 *   encode(byte, output) {
 *     output.extend(1)[0] = byte;
 *   },
 * };
 *
 * const [a, b] = duplex(16);
 * await run(co(function* () {
 *   using left = new Framed(a, byteCodec);
 *   using right = new Framed(b, byteCodec);
 *   yield* send(left, 42);
 *   assertEquals(yield* right.next(), 42);
 * }));
 * ```
 */
export interface Codec<In, Out = In> extends Decoder<In>, Encoder<Out> {}
