import type { DropErrors } from "../_drop.ts";
import type { Context } from "../context.ts";
import type { Inspection } from "../inspection.ts";
import type { Poll } from "../poll.ts";
import { listOf } from "./_checks.ts";
import { contents, type HeldStream, holdAll } from "./_held.ts";
import { LivingStream } from "./_living_stream.ts";
import { Done, type Item, type Stream } from "./stream.ts";

class Chain<T> extends LivingStream<T> {
  readonly #parts: HeldStream<T>[];
  #at = 0;

  constructor(streams: Stream<T>[]) {
    super();
    this.#parts = holdAll(this, streams);
  }

  protected override advance(cx: Context): Poll<T | Done> {
    for (; this.#at < this.#parts.length; this.#at++) {
      const item = this.#parts[this.#at]!.pollNext(cx);
      if (item !== Done) return item;
    }
    return Done;
  }

  override inspect(): Inspection {
    return { children: contents(...this.#parts.slice(this.#at, this.#at + 1)) };
  }

  protected override free(errors: DropErrors): void {
    for (const part of this.#parts) part.drop(errors);
  }
}

/**
 * The items of several streams, one stream after the other. Mirrors
 * `StreamExt::chain`.
 *
 * Cancel safety: as safe as the streams, which are dropped with it.
 *
 * @param streams The streams, one by one or as an array; adopted. A stream is
 * first polled when the one before has ended.
 * @returns A stream of all items; the first failure fails it.
 * @throws {TypeError} If an entry is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds one of them; none is
 * adopted then.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { chain, collect, iter } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const both = chain(iter([1, 2]), iter([3]));
 * assertEquals(await run(collect(both)), [1, 2, 3]);
 * ```
 */
export function chain<S extends readonly Stream<unknown>[]>(
  ...streams: S | [S]
): Stream<Item<S[number]>> {
  return new Chain(listOf("chain", streams)) as Stream<Item<S[number]>>;
}
