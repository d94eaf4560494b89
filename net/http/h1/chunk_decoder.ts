import { checkNames, type Names } from "./_checks.ts";
import { ChunkReader } from "./_chunk_reader.ts";
import { Input } from "./_input.ts";
import { rulesFrom } from "./_rules.ts";
import type { ChunkEvent } from "./events.ts";
import type { H1Limits } from "./limits.ts";

/** What a {@linkcode ChunkDecoder} may be given. */
export interface ChunkDecoderOptions {
  /** Those that concern chunks and trailers count. */
  limits?: Readonly<Partial<H1Limits>>;
  /** What to do with a folded line in the trailers: `"reject"` by default. */
  obsFold?: "reject" | "unfold";
}

const NAMES: Names<ChunkDecoderOptions> = { limits: true, obsFold: true };

type State =
  | { at: "chunks" }
  | { at: "ended" }
  | { at: "failed"; error: unknown };

/**
 * Decodes a chunked body (RFC 9112 §7.1) from pieces of any size. It does no I/O,
 * copies no data, and looks at each byte of the framing once.
 *
 * Push bytes, then take events until there is `null`: it has looked at all of
 * them, and needs more. It refuses what other decoders were attacked with: a bare
 * LF, data that is longer than its chunk, a size with a sign or of more than 16
 * digits, and endless extensions or trailers.
 *
 * @example Usage
 * ```ts
 * import { ChunkDecoder } from "@pollen/futures/http/h1";
 * import { assertEquals } from "@std/assert";
 *
 * const decoder = new ChunkDecoder();
 * decoder.push(new TextEncoder().encode("5\r\nhello\r\n0\r\n\r\n"));
 * let text = "";
 * for (let event; (event = decoder.nextEvent()) !== null;) {
 *   if (event.type === "data") text += new TextDecoder().decode(event.bytes);
 * }
 * assertEquals(text, "hello");
 * assertEquals(decoder.isEnded, true);
 * ```
 */
export class ChunkDecoder {
  readonly #input: Input = new Input();
  readonly #chunks: ChunkReader = new ChunkReader();
  #state: State = { at: "chunks" };

  /**
   * Makes a decoder.
   *
   * @param options Limits, and how lenient to be.
   * @throws {RangeError} If a limit is no whole number, or below 0.
   * @throws {TypeError} If an option is of the wrong kind, or unknown.
   */
  constructor(options: ChunkDecoderOptions = {}) {
    checkNames(options, NAMES);
    this.#chunks.begin(rulesFrom(options));
  }

  /** Whether the end of the body was given. */
  get isEnded(): boolean {
    return this.#state.at === "ended";
  }

  /** How many bytes came after the end of the body. */
  get leftover(): number {
    return this.isEnded ? this.#input.leftover : 0;
  }

  /**
   * Gives it bytes to decode. Leave them alone until
   * {@linkcode ChunkDecoder.nextEvent} has returned `null`.
   *
   * @param bytes The bytes that follow those before.
   * @throws {Error} If the bytes before were not taken to their end.
   */
  push(bytes: Uint8Array): void {
    this.#input.push(bytes);
  }

  /**
   * Decodes on.
   *
   * @returns The next event; `null` if that takes more bytes, or after the end.
   * @throws {H1Error} If the bytes are not a chunked body, or too much of one;
   * from then on, always.
   */
  nextEvent(): ChunkEvent | null {
    const state = this.#state;
    switch (state.at) {
      case "chunks":
        try {
          const event = this.#chunks.read(this.#input);
          if (event?.type === "end") this.#state = { at: "ended" };
          if (event === null && this.#input.isEof) {
            throw this.#chunks.incomplete(this.#input.offset);
          }
          return event;
        } catch (error) {
          this.#state = { at: "failed", error };
          throw error;
        }
      case "ended":
        this.#input.keepRest();
        return null;
      case "failed":
        throw state.error;
      default:
        return state satisfies never;
    }
  }

  /** Tells it that no more bytes will come. */
  end(): void {
    this.#input.isEof = true;
  }

  /**
   * Takes what came after the end of the body.
   *
   * @returns A copy of those bytes.
   */
  takeLeftover(): Uint8Array {
    return this.isEnded ? this.#input.takeLeftover() : new Uint8Array(0);
  }
}
