import { checkNames, type Names } from "../../future/_option_names.ts";
import { checkBytes, checkSize } from "./_checks.ts";
import { type Codec, More } from "./codec.ts";
import { ReadLimitExceeded } from "./errors.ts";

/** How frames bear their length. */
export interface LengthDelimitedOptions {
  /** How many bytes the length takes: 4 by default. */
  width?: 1 | 2 | 3 | 4 | 6 | 8;
  /** Which byte of the length comes first: `"big"`, the highest, by default. */
  endian?: "big" | "little";
  /** How many bytes a frame may have, its length not counted; 8 MiB by default. */
  maxLength?: number;
}

const WIDTHS = [1, 2, 3, 4, 6, 8];
const MAX_LENGTH = 8 * 1024 * 1024;

const NAMES: Names<LengthDelimitedOptions> = {
  width: true,
  endian: true,
  maxLength: true,
};

/**
 * A codec of frames that begin with their length: of bytes in, bytes out. A
 * length that is not allowed fails at once, before the frame is waited for.
 * Mirrors `tokio_util::codec::LengthDelimitedCodec`.
 *
 * It holds no state: one will do for all streams.
 *
 * @param options `width` of the length in bytes, 4 by default; `endian`, `"big"`
 * by default; `maxLength` of a frame, 8 MiB by default. A larger frame fails with
 * {@linkcode ReadLimitExceeded} when it is read, with a `RangeError` when it is
 * written.
 * @returns The codec.
 * @throws {RangeError} If an option is out of range.
 *
 * @example Usage
 * ```ts
 * import { duplex, Framed, lengthDelimited } from "@pollen/futures/io";
 * import { co } from "@pollen/futures/future";
 * import { send } from "@pollen/futures/stream";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const codec = lengthDelimited({ width: 2, maxLength: 1024 });
 * const [a, b] = duplex(64);
 * await run(co(function* () {
 *   using left = new Framed(a, codec);
 *   using right = new Framed(b, codec);
 *   yield* send(left, new Uint8Array([7, 8, 9]));
 *   assertEquals(yield* right.next(), new Uint8Array([7, 8, 9]));
 * }));
 * ```
 */
export function lengthDelimited(
  options: LengthDelimitedOptions = {},
): Codec<Uint8Array> {
  checkNames(options, NAMES);
  const { width = 4, endian = "big", maxLength = MAX_LENGTH } = options;
  if (!WIDTHS.includes(width)) {
    throw new RangeError(
      `Cannot delimit frames: width must be one of ${WIDTHS.join(", ")}, got ${
        String(width)
      }`,
    );
  }
  if (endian !== "big" && endian !== "little") {
    throw new RangeError(
      `Cannot delimit frames: endian must be "big" or "little", got ${
        String(endian)
      }`,
    );
  }
  checkSize("delimit frames", "maxLength", maxLength, 0);
  // The place of the n-th byte of the length, the highest first.
  const place = (n: number) => endian === "big" ? n : width - 1 - n;
  const most = Math.min(maxLength, 256 ** width - 1);

  return {
    decode(input) {
      const { bytes } = input;
      if (bytes.byteLength < width) return More;
      let length = 0;
      for (let n = 0; n < width; n++) length = length * 256 + bytes[place(n)]!;
      if (length > maxLength) {
        throw new ReadLimitExceeded(
          `read a frame of ${length} bytes`,
          maxLength,
        );
      }
      const end = width + length;
      if (bytes.byteLength < end) return More;
      const frame = bytes.slice(width, end);
      input.consume(end);
      return frame;
    },

    encode(frame, output) {
      checkBytes("encode", frame);
      let length = frame.byteLength;
      if (length > most) {
        throw new RangeError(
          `Cannot encode a frame of ${length} bytes: ${most} are allowed`,
        );
      }
      const room = output.extend(width + length);
      room.set(frame, width);
      for (let n = width - 1; n >= 0; n--) {
        room[place(n)] = length % 256;
        length = Math.floor(length / 256);
      }
    },
  };
}
