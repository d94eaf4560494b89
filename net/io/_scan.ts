import { nameOf } from "../../future/future.ts";
import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { BufReader } from "./buf_reader.ts";

/** How long a line, or what else is read up to a delimiter, may be by default. */
export const LIMIT: number = 1024 * 1024;

/**
 * Looks for a delimiter in what a reader has, and looks at each byte once,
 * however many pieces it comes in.
 */
export class Scan {
  readonly #reader: BufReader;
  readonly #delimiter: Uint8Array;
  /** How many bytes were looked at, and from which place in the stream on. */
  #seen = 0;
  #from = 0;

  constructor(reader: BufReader, delimiter: Uint8Array) {
    this.#reader = reader;
    this.#delimiter = delimiter;
  }

  /**
   * Waits until the delimiter is there, or more than `most` bytes, or the end.
   *
   * @returns Where it begins in what is buffered; -1 if it is not there.
   */
  poll(cx: Context, most: number): Poll<number> {
    const reader = this.#reader;
    if (this.#from !== reader.position) {
      // Somebody has taken bytes meanwhile.
      this.#from = reader.position;
      this.#seen = 0;
    }
    for (;;) {
      const wanted = this.#seen + 1;
      const bytes = reader.pollPeek(cx, wanted);
      if (bytes === Pending) return Pending;
      const length = bytes.byteLength;
      // The beginning of one may stand at the end of what was looked at.
      const start = this.#seen - this.#delimiter.byteLength + 1;
      const at = indexOf(bytes, this.#delimiter, Math.max(start, 0));
      if (at >= 0 || length > most || length < wanted) return at;
      this.#seen = length;
    }
  }
}

function indexOf(bytes: Uint8Array, part: Uint8Array, from: number): number {
  const first = part[0]!;
  for (let at = from;; at++) {
    at = bytes.indexOf(first, at);
    if (at < 0) return -1;
    let i = 1;
    while (i < part.byteLength && bytes[at + i] === part[i]) i++;
    if (i === part.byteLength) return at;
  }
}

/** @throws {TypeError} If it is no reader, which keeps what was read ahead. */
export function checkReader(caller: string, reader: unknown): void {
  if (reader instanceof BufReader) return;
  throw new TypeError(
    `Cannot ${caller} ${
      nameOf(reader)
    }: pass a BufReader, which keeps what was read ahead`,
  );
}
