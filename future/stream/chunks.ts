import type { DropErrors } from "../_drop.ts";
import type { Context } from "../context.ts";
import { Pending, type Poll } from "../poll.ts";
import { checkLimit } from "./_checks.ts";
import { Gathering } from "./_gathering.ts";
import { Done, type Stream } from "./stream.ts";

class Chunks<T> extends Gathering<T, T[]> {
  readonly #size: number;
  #chunk: T[] = [];

  constructor(stream: Stream<T>, n: number) {
    super(stream);
    this.#size = n;
  }

  protected override get isEmpty(): boolean {
    return this.#chunk.length === 0;
  }

  protected override advance(cx: Context): Poll<T[] | Done> {
    for (;;) {
      const item = this.pullOrEnd(cx);
      if (item === Pending) return Pending;
      if (item === Done) return this.isEmpty ? Done : this.#flush();
      this.#chunk.push(item);
      if (this.#chunk.length === this.#size) return this.#flush();
    }
  }

  #flush(): T[] {
    const chunk = this.#chunk;
    this.#chunk = [];
    return chunk;
  }

  protected override free(errors: DropErrors): void {
    this.#chunk = [];
    super.free(errors);
  }
}

/**
 * Gathers the items in arrays of `n`; the last may be shorter. Mirrors
 * `StreamExt::chunks`. A failure comes after the items that came before it.
 *
 * Cancel safety: loses data: the items of the chunk that is not full are gone,
 * and not disposed of, and the stream is dropped.
 *
 * @param stream The stream; adopted.
 * @param n How many to a chunk: a whole number of at least 1, or `Infinity` for
 * one chunk of all.
 * @returns A stream of arrays, each with 1 to `n` items.
 * @throws {RangeError} If `n` is anything else.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { chunks, collect, iter } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const pairs = chunks(iter([1, 2, 3]), 2);
 * assertEquals(await run(collect(pairs)), [[1, 2], [3]]);
 * ```
 */
export function chunks<T>(stream: Stream<T>, n: number): Stream<T[]> {
  checkLimit("make chunks", n);
  return new Chunks(stream, n);
}
