import { assertFunction } from "../_functions.ts";
import type { Future } from "../future.ts";
import { Consumer } from "./_consumer.ts";
import type { Stream } from "./stream.ts";

class Fold<T, A> extends Consumer<T, A, A> {
  #sum: A;
  readonly #fn: (sum: A, item: T) => A | Future<A>;

  constructor(
    stream: Stream<T>,
    initial: A,
    fn: (sum: A, item: T) => A | Future<A>,
  ) {
    super(stream);
    this.#sum = initial;
    this.#fn = fn;
  }

  protected override onItem(item: T): A | Future<A> {
    return this.#fn(this.#sum, item);
  }

  protected override onStep(sum: A): void {
    this.#sum = sum;
  }

  protected override onEnd(): A {
    return this.#sum;
  }
}

/**
 * Brings all items together into one value, at once or by futures. Mirrors
 * `StreamExt::fold`.
 *
 * Cancel safety: loses data: what was brought together is gone, and not
 * disposed of, and the stream and the future of the step that is under way are
 * dropped.
 *
 * @param stream The stream; adopted.
 * @param initial The value before the first item.
 * @param fn Called with the value so far and an item: returns the next value, or
 * a future of it. What it throws is the failure, and the stream is dropped then.
 * @returns A future of the last value.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { fold, iter } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await run(fold(iter([1, 2, 3]), 0, (sum, n) => sum + n)), 6);
 * ```
 */
export function fold<T, A>(
  stream: Stream<T>,
  initial: A,
  fn: (sum: A, item: T) => A | Future<A>,
): Future<A> {
  assertFunction("fold", fn);
  return new Fold(stream, initial, fn);
}
