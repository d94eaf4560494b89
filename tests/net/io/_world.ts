import { assert } from "@std/assert";
import { pollOnce } from "../../../executor/sim/mod.ts";
import {
  type Context,
  type Future,
  noopWaker,
  Pending,
} from "../../../future/mod.ts";
import {
  type AsyncBufRead,
  type AsyncRead,
  type AsyncWrite,
  BufReader,
  duplex,
  type DuplexStream,
} from "../../../net/io/mod.ts";

export const cx: Context = { waker: noopWaker };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

export function text(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** A source of which pieces come when a test says so; and what it was asked. */
export class Pieces implements AsyncRead, Disposable {
  readonly #here: DuplexStream;
  readonly #there: DuplexStream;
  /** The sizes of the buffers it was asked to fill. */
  readonly asked: number[] = [];
  drops = 0;

  constructor(text = "") {
    [this.#there, this.#here] = duplex(1 << 20);
    if (text !== "") this.come(text);
  }

  come(piece: string | Uint8Array): this {
    const all = typeof piece === "string" ? bytes(piece) : piece;
    const n = this.#there.pollWrite(cx, all);
    assert(n === all.byteLength);
    return this;
  }

  end(): this {
    this.#there.close();
    return this;
  }

  pollRead: AsyncRead["pollRead"] = (cx, into) => {
    this.asked.push(into.byteLength);
    return this.#here.pollRead(cx, into);
  };

  /** The same, as a source that shows its buffer. */
  get showing(): AsyncBufRead {
    return this.#here;
  }

  [Symbol.dispose](): void {
    this.drops++;
  }
}

/** A sink that takes what a test allows, and keeps it. */
export class Taker implements AsyncWrite, Disposable {
  taken = "";
  /** How many bytes it may still take; each write takes as many as it can. */
  room: number = Infinity;
  /** The sizes of the writes that it took from. */
  readonly writes: number[] = [];
  flushes = 0;
  shutdowns = 0;
  drops = 0;

  pollWrite: AsyncWrite["pollWrite"] = (_cx, given) => {
    if (given.byteLength === 0) return 0;
    if (this.room === 0) return Pending;
    const n = Math.min(this.room, given.byteLength);
    this.room -= n;
    this.writes.push(given.byteLength);
    this.taken += text(given.subarray(0, n));
    return n;
  };

  pollFlush: AsyncWrite["pollFlush"] = () => void this.flushes++;
  pollShutdown: AsyncWrite["pollShutdown"] = () => void this.shutdowns++;

  [Symbol.dispose](): void {
    this.drops++;
  }
}

/** The value of a future that has nothing to wait for. */
export function now<T>(future: Future<T>): T {
  for (let polls = 0; polls < 10_000; polls++) {
    const value = pollOnce(future);
    if (value !== Pending) return value;
  }
  throw new Error("it has to wait");
}

/** What is in a source up to its end. */
export function rest(source: AsyncRead): string {
  let all = "";
  const into = new Uint8Array(64);
  for (;;) {
    const n = source.pollRead(cx, into);
    assert(n !== Pending, "it has not ended");
    if (n === null) return all;
    all += text(into.subarray(0, n));
  }
}

/** Readers of both kinds: over a source that shows its buffer, and over one that does not. */
export function bothReaders(
  check: (make: (pieces: Pieces, capacity?: number) => BufReader) => void,
): void {
  check((pieces, capacity = 4) => new BufReader(pieces, { capacity }));
  check((pieces, capacity = 4) => new BufReader(pieces.showing, { capacity }));
}
