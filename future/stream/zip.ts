import type { DropErrors } from "../_drop.ts";
import type { Context } from "../context.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import { listOf } from "./_checks.ts";
import { contents, type HeldStream, holdAll } from "./_held.ts";
import { LivingStream } from "./_living_stream.ts";
import { Done, type Item, type Stream } from "./stream.ts";

/** An item of each of several streams, in the same order. */
export type Items<S> = { -readonly [K in keyof S]: Item<S[K]> };

class Zip extends LivingStream<unknown[]> {
  readonly #sources: HeldStream<unknown>[];
  /** The row that is being filled: `Pending` where an item is missing. */
  #row: unknown[];

  constructor(streams: Stream<unknown>[]) {
    super();
    this.#sources = holdAll(this, streams);
    this.#row = this.#empty();
  }

  #empty(): unknown[] {
    return new Array(this.#sources.length).fill(Pending);
  }

  protected override advance(cx: Context): Poll<unknown[] | Done> {
    const row = this.#row;
    if (row.length === 0) return Done;
    let missing = 0;
    for (let i = 0; i < row.length; i++) {
      if (row[i] !== Pending) continue;
      const item = this.#sources[i]!.pollNext(cx);
      if (item === Done) return Done;
      if (item === Pending) missing++;
      else row[i] = item;
    }
    if (missing > 0) return Pending;
    this.#row = this.#empty();
    return row;
  }

  override inspect(): Inspection {
    const lacking = this.#sources.filter((_, i) => this.#row[i] === Pending);
    return { children: contents(...lacking) };
  }

  protected override free(errors: DropErrors): void {
    this.#row = [];
    for (const source of this.#sources) source.drop(errors);
  }
}

/**
 * Rows of items, one of each stream. Mirrors `StreamExt::zip`. It ends with the
 * shortest stream; the others are dropped then, and what they had given for the
 * row that cannot be filled is gone.
 *
 * Cancel safety: loses data: the items of the row that is being filled are
 * gone, and not disposed of, and the streams are dropped.
 *
 * @param streams The streams, one by one or as an array; adopted.
 * @returns A stream of arrays; the first failure fails it.
 * @throws {TypeError} If an entry is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds one of them; none is
 * adopted then.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, iter, zip } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const rows = zip(iter([1, 2, 3]), iter(["a", "b"]));
 * assertEquals(await run(collect(rows)), [[1, "a"], [2, "b"]]);
 * ```
 */
export function zip<const S extends readonly Stream<unknown>[]>(
  ...streams: S | [S]
): Stream<Items<S>> {
  return new Zip(listOf("zip", streams)) as Stream<unknown> as Stream<Items<S>>;
}
