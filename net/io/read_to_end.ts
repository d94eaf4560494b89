import { checkNames, type Names } from "../../future/_option_names.ts";
import type { Context } from "../../future/context.ts";
import type { Future } from "../../future/future.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import { Accumulator } from "./_accumulator.ts";
import { checkLimit, checkProgress, checkSource } from "./_checks.ts";
import { IoFuture } from "./_io_future.ts";
import { sidesOf } from "./_sides.ts";
import type { AsyncRead } from "./async_read.ts";
import { ReadLimitExceeded } from "./errors.ts";

/** How much may be read at most. */
export interface ReadLimit {
  /** How many bytes. */
  limit?: number;
}

class ReadToEnd extends IoFuture<Uint8Array> {
  readonly #source: AsyncRead;
  readonly #limit: number;
  readonly #gathered = new Accumulator();
  #parts: Generator<void, Uint8Array, void> | null = null;

  constructor(source: AsyncRead, limit: number) {
    super(sidesOf(source), null);
    this.#source = source;
    this.#limit = limit;
  }

  protected override advance(cx: Context): Poll<Uint8Array> {
    while (this.#parts === null) {
      const room = this.#room();
      const n = this.#source.pollRead(cx, room);
      if (n === Pending) return Pending;
      if (n === null) {
        this.#parts = this.#gathered.join();
        break;
      }
      checkProgress(this.#source, n, room.byteLength);
      this.#gathered.filled(n);
      if (this.#gathered.length > this.#limit) throw this.#tooLong();
    }
    const part = this.#parts.next();
    if (part.done) return part.value;
    cx.waker.wake(); // much is joined a part at a time
    return Pending;
  }

  /** One byte beyond the limit says that it is exceeded, and is enough. */
  #room(): Uint8Array {
    const room = this.#gathered.room();
    const most = this.#limit + 1 - this.#gathered.length;
    return room.byteLength > most ? room.subarray(0, most) : room;
  }

  #tooLong(): ReadLimitExceeded {
    const parts = this.#gathered.join();
    for (;;) {
      const part = parts.next();
      if (!part.done) continue;
      return new ReadLimitExceeded("read to the end", this.#limit, part.value);
    }
  }
}

const NAMES: Names<ReadLimit> = { limit: true };

/**
 * Reads all bytes up to the end of the stream. Mirrors
 * `AsyncReadExt::read_to_end`.
 *
 * Cancel safety: loses data: what was read before is gone.
 *
 * @param source Where from; it stays yours.
 * @param options `limit`, how many bytes there may be; any number by default.
 * @returns A future of the bytes. It fails with {@linkcode ReadLimitExceeded} as
 * soon as there is one byte too many: what was read is in its `partial`, the
 * rest still in the source; with what the source fails with; and with a
 * `NetError` if another read is waiting.
 * @throws {TypeError} If `source` cannot be read from.
 * @throws {RangeError} If `limit` is no whole number of at least 0.
 *
 * @example Usage
 * ```ts
 * import { duplex, readToEnd } from "@pollen/futures/io";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const [a, b] = duplex(16);
 * await run(a.writeAll(new Uint8Array([1, 2, 3])));
 * a.close();
 * assertEquals(await run(readToEnd(b, { limit: 1024 })), new Uint8Array([1, 2, 3]));
 * ```
 */
export function readToEnd(
  source: AsyncRead,
  options: ReadLimit = {},
): Future<Uint8Array> {
  checkNames(options, NAMES);
  const { limit = Infinity } = options;
  checkSource("read from", source);
  checkLimit("read to the end", limit);
  return new ReadToEnd(source, limit);
}
