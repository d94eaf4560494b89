import { InvalidUtf8 } from "./errors.ts";

/** What to do about bytes that are not UTF-8. */
export type InvalidUtf8Policy = "fail" | "replace";

/** Decodes whole pieces of text. A byte order mark is a character like others. */
export class TextPieces {
  readonly #doing: string;
  readonly #decoder: TextDecoder;

  constructor(doing: string, policy: InvalidUtf8Policy) {
    if (policy !== "fail" && policy !== "replace") {
      throw new TypeError(
        `Cannot ${doing}: invalidUtf8 must be "fail" or "replace", got ${
          String(policy)
        }`,
      );
    }
    this.#doing = doing;
    // With `ignoreBOM` the decoder does not look for one and take it away.
    this.#decoder = new TextDecoder("utf-8", {
      fatal: policy === "fail",
      ignoreBOM: true,
    });
  }

  decode(bytes: Uint8Array): string {
    try {
      return this.#decoder.decode(bytes);
    } catch (cause) {
      throw new InvalidUtf8(this.#doing, { cause });
    }
  }
}
