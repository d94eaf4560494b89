// What a server of a simulation reads: text, a character a byte.
import type { Future } from "../../future/mod.ts";
import type { ByteStream } from "../../net/mod.ts";

type Reading<T> = Generator<Future<unknown>, T, unknown>;

export class Input {
  readonly #stream: ByteStream;
  readonly #into = new Uint8Array(4096);
  readonly #decoder = new TextDecoder("latin1");
  #text = "";

  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  *#more() {
    const n = yield* this.#stream.read(this.#into);
    if (n === null) return false;
    this.#text += this.#decoder.decode(this.#into.subarray(0, n));
    return true;
  }

  /** Waits until something has come, or the end. */
  *begin(): Reading<void> {
    if (this.#text === "") yield* this.#more();
  }

  /** All up to a mark, which is left out; null if the end comes before. */
  *until(mark: string): Reading<string | null> {
    let at: number;
    while ((at = this.#text.indexOf(mark)) < 0) {
      if (!(yield* this.#more())) return null;
    }
    const text = this.#text.slice(0, at);
    this.#text = this.#text.slice(at + mark.length);
    return text;
  }

  *#take(length: number) {
    while (this.#text.length < length) {
      if (!(yield* this.#more())) return null;
    }
    const text = this.#text.slice(0, length);
    this.#text = this.#text.slice(length);
    return text;
  }

  /** The body that a head announces; null if the end comes before its own. */
  *body(head: string): Reading<string | null> {
    if (!/^transfer-encoding: chunked/im.test(head)) {
      return yield* this.#take(
        Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0),
      );
    }
    let body = "";
    for (;;) {
      const line = yield* this.until("\r\n");
      if (line === null) return null;
      const chunk = yield* this.#take(parseInt(line, 16) + 2);
      if (chunk === null) return null;
      if (chunk === "\r\n") return body;
      body += chunk.slice(0, -2);
    }
  }
}
