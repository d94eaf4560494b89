/** What is done with streams, as futures written by hand. */
import { type Context, Future, Pending, type Poll } from "../../future/mod.ts";
import type { TcpStream } from "../../net/mod.ts";

/** Reads to the end, from the stream's own buffer. */
export class FillAndConsume extends Future<void> {
  readonly #stream: TcpStream;

  constructor(stream: TcpStream) {
    super();
    this.#stream = stream;
  }

  override poll(cx: Context): Poll<void> {
    for (;;) {
      const view = this.#stream.pollFillBuf(cx);
      if (view === Pending) return Pending;
      if (view === null) return;
      this.#stream.consume(view.byteLength);
    }
  }
}

/** Sends back what comes. */
export class Echo extends Future<void> {
  readonly #stream: TcpStream;
  readonly #buffer: Uint8Array;
  /** What has come, and is to go back before more is read. */
  #unsent: Uint8Array | null = null;

  constructor(stream: TcpStream, size: number) {
    super();
    this.#stream = stream;
    this.#buffer = new Uint8Array(size);
  }

  override poll(cx: Context): Poll<void> {
    for (;;) {
      if (this.#unsent !== null) {
        const n = this.#stream.pollWrite(cx, this.#unsent);
        if (n === Pending) return Pending;
        const left = this.#unsent.byteLength - n;
        this.#unsent = left === 0 ? null : this.#unsent.subarray(n);
        continue;
      }
      const n = this.#stream.pollRead(cx, this.#buffer);
      if (n === Pending) return Pending;
      if (n === null) return;
      this.#unsent = this.#buffer.subarray(0, n);
    }
  }
}

/** Sends messages so small that each goes in one piece, and waits for each answer. */
export class Calls extends Future<void> {
  readonly #stream: TcpStream;
  readonly #message: Uint8Array;
  readonly #into: Uint8Array;
  #left: number;
  #at: "writing" | "reading" = "writing";

  constructor(stream: TcpStream, size: number, count: number) {
    super();
    this.#stream = stream;
    this.#message = new Uint8Array(size);
    this.#into = new Uint8Array(2 * size);
    this.#left = count;
  }

  override poll(cx: Context): Poll<void> {
    while (this.#left > 0) {
      switch (this.#at) {
        case "writing":
          if (this.#stream.pollWrite(cx, this.#message) === Pending) {
            return Pending;
          }
          this.#at = "reading";
          continue;
        case "reading":
          if (this.#stream.pollRead(cx, this.#into) === Pending) return Pending;
          this.#at = "writing";
          this.#left--;
      }
    }
    return this.#stream.pollShutdown(cx);
  }
}
