import type { DropErrors } from "../_drop.ts";
import type { Context } from "../context.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import { listOf } from "./_checks.ts";
import { LivingStream } from "./_living_stream.ts";
import { ReadySet } from "../_ready_set.ts";
import {
  adoptStream,
  Done,
  dropStream,
  type Item,
  releaseStream,
  type Stream,
} from "./stream.ts";

class Merge<T> extends LivingStream<T> {
  readonly #sources = new ReadySet<Stream<T>>();

  constructor(streams: Stream<T>[]) {
    super();
    let adopted = 0;
    try {
      for (; adopted < streams.length; adopted++) {
        adoptStream(this, streams[adopted]!);
      }
    } catch (error) {
      for (const stream of streams.slice(0, adopted)) releaseStream(stream);
      throw error;
    }
    for (const stream of streams) this.#sources.add(stream);
  }

  protected override advance(cx: Context): Poll<T | Done> {
    const sources = this.#sources;
    sources.begin(cx);
    for (let slot = sources.take(); slot !== null; slot = sources.take()) {
      const stream = slot.child!;
      const item = stream.pollNext(slot);
      if (item === Pending) continue;
      if (item !== Done) {
        sources.putBack(slot);
        return item;
      }
      sources.retire(slot);
      releaseStream(stream);
    }
    return sources.size === 0 ? Done : Pending;
  }

  override inspect(): Inspection {
    return { children: this.#sources.pending() };
  }

  protected override free(errors: DropErrors): void {
    this.#sources.drop(errors, dropStream);
  }
}

/**
 * The items of several streams, as they come. Mirrors
 * `futures_concurrency::stream::Merge` and `StreamExt::merge` of tokio.
 *
 * Fair: streams that are ready together take turns. Each has a waker of its own:
 * a wake of one among ten thousand polls one. It ends when all have ended.
 *
 * Cancel safety: as safe as the streams, which are dropped with it.
 *
 * @param streams The streams, one by one or as an array; adopted.
 * @returns A stream of all items; the first failure fails it, and the others
 * are dropped then.
 * @throws {TypeError} If an entry is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds one of them; none is
 * adopted then.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, iter, merge } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const merged = merge(iter(["a", "b"]), iter([1, 2, 3]));
 * assertEquals(await run(collect(merged)), ["a", 1, "b", 2, 3]);
 * ```
 */
export function merge<S extends readonly Stream<unknown>[]>(
  ...streams: S | [S]
): Stream<Item<S[number]>> {
  return new Merge(listOf("merge", streams)) as Stream<Item<S[number]>>;
}
