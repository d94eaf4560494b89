import type { Future } from "../future.ts";
import { Consumer } from "./_consumer.ts";
import type { Stream } from "./stream.ts";

class Collect<T> extends Consumer<T, void, T[]> {
  readonly #items: T[] = [];

  protected override onItem(item: T): void {
    this.#items.push(item);
  }

  protected override onStep(): void {}

  protected override onEnd(): T[] {
    return this.#items;
  }
}

/**
 * All items, in an array. Mirrors `StreamExt::collect`, and `try_collect`: a
 * failure of the stream is that of the future.
 *
 * Cancel safety: loses data: the items collected so far are gone, and not
 * disposed of, and the stream is dropped.
 *
 * @param stream The stream; adopted. One without an end fills the memory: see
 * `take` and `chunks`.
 * @returns A future of the items.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, iter } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await run(collect(iter("abc"))), ["a", "b", "c"]);
 * ```
 */
export function collect<T>(stream: Stream<T>): Future<T[]> {
  return new Collect(stream);
}
