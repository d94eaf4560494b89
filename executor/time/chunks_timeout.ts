import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import type { DropErrors } from "../../future/_drop.ts";
import { checkLimit } from "../../future/stream/_checks.ts";
import { Gathering } from "../../future/stream/_gathering.ts";
import { Done, type Stream } from "../../future/stream/stream.ts";
import { checkMilliseconds } from "./_delay.ts";
import { AsyncTimer } from "./async_timer.ts";
import { now } from "./now.ts";

class ChunksTimeout<T> extends Gathering<T, T[]> {
  readonly #size: number;
  readonly #ms: number;
  readonly #limit = new AsyncTimer(0);
  #chunk: T[] = [];

  constructor(stream: Stream<T>, n: number, ms: number) {
    super(stream);
    this.#size = n;
    this.#ms = ms;
  }

  protected override get isEmpty(): boolean {
    return this.#chunk.length === 0;
  }

  protected override advance(cx: Context): Poll<T[] | Done> {
    for (;;) {
      const item = this.pullOrEnd(cx);
      if (item === Pending) break;
      if (item === Done) return this.isEmpty ? Done : this.#flush();
      if (this.isEmpty) this.#limit.resetAt(now() + this.#ms);
      this.#chunk.push(item);
      if (this.#chunk.length === this.#size) return this.#flush();
    }
    if (this.isEmpty || this.#limit.poll(cx) === Pending) return Pending;
    return this.#flush();
  }

  #flush(): T[] {
    const chunk = this.#chunk;
    this.#chunk = [];
    return chunk;
  }

  protected override free(errors: DropErrors): void {
    this.#chunk = [];
    this.#limit[Symbol.dispose]();
    super.free(errors);
  }
}

/**
 * Gathers the items in arrays of up to `n`, and lets none wait longer than a
 * time: an array is given when it is full, when its first item is `ms` old, or at
 * the end of the stream. None is empty. Mirrors
 * `tokio_stream::StreamExt::chunks_timeout`. A failure comes after the items that
 * came before it.
 *
 * Cancel safety: loses data: the items of the chunk that is not full are gone,
 * and not disposed of, and the stream is dropped.
 *
 * @param stream The stream; adopted.
 * @param n How many to a chunk: a whole number of at least 1, or `Infinity`.
 * @param ms Milliseconds from a chunk's first item on; 0 or more.
 * @returns A stream of arrays, each with 1 to `n` items.
 * @throws {TypeError} If `ms` is no number, or `stream` no `Stream`.
 * @throws {RangeError} If `n` is out of range, or `ms` negative or NaN.
 * @throws {FutureMovedError} If a living owner holds the stream.
 *
 * @example Usage
 * ```ts
 * import { Executor } from "@pollen/futures/executor";
 * import { map } from "@pollen/futures/future";
 * import { chain, collect, iter, once } from "@pollen/futures/stream";
 * import { VirtualClock } from "@pollen/futures/testing";
 * import { chunksTimeout, sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new VirtualClock();
 * using executor = new Executor({ host: clock });
 * const late = once(map(sleep(20), () => 4));
 * const rows = chunksTimeout(chain(iter([1, 2, 3]), late), 2, 5);
 * const all = executor.run(collect(rows));
 * clock.advance(20);
 * assertEquals(await all, [[1, 2], [3], [4]]);
 * ```
 */
export function chunksTimeout<T>(
  stream: Stream<T>,
  n: number,
  ms: number,
): Stream<T[]> {
  checkLimit("make chunks", n);
  checkMilliseconds("delay", ms);
  return new ChunksTimeout(stream, n, ms);
}
