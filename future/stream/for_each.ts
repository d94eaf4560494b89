import { assertFunction } from "../_functions.ts";
import type { Future } from "../future.ts";
import { noPromise } from "./_checks.ts";
import { Consumer } from "./_consumer.ts";
import type { Stream } from "./stream.ts";

class ForEach<T> extends Consumer<T, unknown, void> {
  readonly #fn: (item: T) => unknown;

  constructor(stream: Stream<T>, fn: (item: T) => unknown) {
    super(stream);
    this.#fn = fn;
  }

  protected override onItem(item: T): unknown {
    return noPromise(this.#fn(item));
  }

  protected override onStep(): void {}

  protected override onEnd(): void {}
}

/**
 * Calls a function with each item. If it returns a future, that is waited for
 * before the next item is taken. Mirrors `StreamExt::for_each`. A promise, which
 * an async function returns, makes it fail: nobody would wait for it.
 *
 * Cancel safety: loses its place: items dealt with stay dealt with, the future of
 * the item in hand is dropped, and so is the stream; lend it with `pinStream` to
 * go on.
 *
 * @param stream The stream; adopted.
 * @param fn Called with each item; may return a future. What it throws, or its
 * future fails with, is the failure, and the stream is dropped then.
 * @returns A future that completes when the stream has ended.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { forEach, iter } from "@pollen/futures/stream";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * const seen: number[] = [];
 * await run(forEach(iter([1, 2]), (n) => {
 *   seen.push(n);
 *   return sleep(1);
 * }));
 * assertEquals(seen, [1, 2]);
 * ```
 */
export function forEach<T>(
  stream: Stream<T>,
  fn: (item: T) => unknown | Future<unknown>,
): Future<void> {
  assertFunction("forEach", fn);
  return new ForEach(stream, fn);
}
