import type { Host } from "../../../executor/host.ts";
import type { Zlib } from "../../_deno.ts";
import type { Format, Machine } from "./_machine.ts";

/** What comes of decoding with the option `info`. */
interface Informed {
  buffer: Uint8Array;
  /** `bytesWritten`: how much of the input was taken. */
  engine: { bytesWritten: number };
}

/** Bytes of output that brotli is given room for at first. */
const LARGE = 256 * 1024;

/**
 * Undoes a coding in steps of the host that its task runs on, for simulations:
 * each is an event like any other, so that everything follows from the seed, and
 * orders are explored in which it comes early or late.
 *
 * A step decodes all that has come so far and gives what is new, since the
 * platform has no decoder that both works at once and goes on later. The work
 * grows with the square of a body's size, which is small in a test, and a bomb
 * unfolds at once.
 */
export class SteppedMachine implements Machine {
  readonly #zlib: Zlib;
  readonly #format: Format;
  readonly #host: Host;
  #input: Uint8Array = new Uint8Array(0);
  /** How much of the input is a body: the end may have more behind it. */
  #own = 0;
  /** How much of the output was given. */
  #given = 0;
  #output: Uint8Array | null = null;
  bytesWritten = 0;
  #at: "open" | "ending" | "ended" | "destroyed" = "open";
  #onReadable: () => void = () => {};
  #onEnd: () => void = () => {};
  #onError: (error: unknown) => void = () => {};

  constructor(zlib: Zlib, format: Format, host: Host) {
    this.#zlib = zlib;
    this.#format = format;
    this.#host = host;
  }

  on(
    event: "readable" | "end" | "error",
    listener: (error?: unknown) => void,
  ): void {
    switch (event) {
      case "readable":
        this.#onReadable = listener;
        break;
      case "end":
        this.#onEnd = listener;
        break;
      case "error":
        this.#onError = listener;
    }
  }

  write(bytes: Uint8Array, taken: () => void): void {
    this.#append(bytes);
    this.#soon(() => {
      if (!this.#decode()) return;
      taken();
      if (this.bytesWritten < this.#input.byteLength) this.#endSoon();
    });
  }

  end(bytes: Uint8Array): void {
    this.#own = this.#input.byteLength;
    this.#append(bytes);
    this.#at = "ending";
    this.#soon(() => {
      if (this.#decode()) this.#endSoon();
    });
  }

  /** The end comes behind all output. */
  #endSoon(): void {
    this.#at = "ending";
    if (this.#output === null) this.#soon(() => this.#finish());
  }

  read(): Uint8Array | null {
    const output = this.#output;
    this.#output = null;
    if (output !== null && this.#at === "ending") {
      this.#soon(() => this.#finish());
    }
    return output;
  }

  destroy(): void {
    this.#at = "destroyed";
    this.#output = null;
  }

  #append(bytes: Uint8Array): void {
    this.#input = joined(this.#input, bytes);
  }

  #soon(step: () => void): void {
    this.#host.setTimer(0, () => {
      if (this.#at === "open" || this.#at === "ending") step();
    });
  }

  /** Decodes what has come; whether that goes on. */
  #decode(): boolean {
    let all: Uint8Array;
    this.bytesWritten = this.#input.byteLength;
    try {
      all = this.#decoded();
    } catch (error) {
      this.destroy();
      this.#onError(error);
      return false;
    }
    if (all.byteLength === this.#given) return true;
    const fresh = all.slice(this.#given);
    this.#given = all.byteLength;
    const output = this.#output;
    this.#output = output === null ? fresh : joined(output, fresh);
    this.#onReadable();
    return true;
  }

  #decoded(): Uint8Array {
    const zlib = this.#zlib;
    const { Z_SYNC_FLUSH, ZSTD_e_flush } = zlib.constants;
    // An end that is not there yet is no error, before the end.
    const upTo = (finishFlush: number) =>
      this.#at === "open" ? { finishFlush } : {};
    switch (this.#format) {
      case "gzip":
        return zlib.gunzipSync(this.#input, upTo(Z_SYNC_FLUSH));
      case "deflate":
        return zlib.inflateSync(this.#input, upTo(Z_SYNC_FLUSH));
      case "raw deflate":
        return zlib.inflateRawSync(this.#input, upTo(Z_SYNC_FLUSH));
      case "br":
        return this.#withoutBrotli();
      case "zstd":
        return this.#withoutZstd(upTo(ZSTD_e_flush));
    }
  }

  /**
   * At once, the platform does not report what is wrong with brotli: it gives
   * nothing for the piece of output in which it has met that. So all is made one
   * piece, and what had come of the beginning must come again. What is wrong at
   * the very end may pass for a body that was cut there.
   */
  #withoutBrotli(): Uint8Array {
    const input = this.#input;
    for (let chunkSize = LARGE;; chunkSize *= 4) {
      const { buffer, engine } = this.#zlib.brotliDecompressSync(
        input,
        { info: true, chunkSize },
      ) as unknown as Informed;
      if (buffer.byteLength >= chunkSize) continue; // it was two pieces
      const isNone = buffer.byteLength === 0 && !isEmptyBrotli(input);
      const isWrong = this.#at === "open"
        ? buffer.byteLength < this.#given ||
          (isNone && engine.bytesWritten < input.byteLength)
        : isNone || engine.bytesWritten > this.#own;
      if (isWrong) throw new Error("Cannot decode: this is no brotli");
      return buffer;
    }
  }

  /** The platform takes one frame, and ends if more stands behind it. */
  #withoutZstd(options: { finishFlush?: number }): Uint8Array {
    const { buffer, engine } = this.#zlib.zstdDecompressSync(
      this.#input,
      { ...options, info: true },
    ) as unknown as Informed;
    this.bytesWritten = engine.bytesWritten;
    return buffer;
  }

  #finish(): void {
    this.#at = "ended";
    this.#onEnd();
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.byteLength + b.byteLength);
  all.set(a);
  all.set(b, a.byteLength);
  return all;
}

/** Whether it begins with the only block, and that is empty: RFC 7932 section 9. */
function isEmptyBrotli(bytes: Uint8Array): boolean {
  const bits = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  const header = (bits & 1) === 0 ? 1 : (bits & 0b1110) !== 0 ? 4 : 7;
  return ((bits >> header) & 0b11) === 0b11;
}
