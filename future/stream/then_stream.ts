import { assertFunction } from "../_functions.ts";
import type { DropErrors } from "../_drop.ts";
import type { Context } from "../context.ts";
import type { Future } from "../future.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import { contents, HeldFuture } from "./_held.ts";
import { Operator } from "./_operator.ts";
import { Done, type Stream } from "./stream.ts";

class ThenStream<A, B> extends Operator<A, B> {
  readonly #fn: (item: A) => Future<B>;
  readonly #step = new HeldFuture<B>();

  constructor(stream: Stream<A>, fn: (item: A) => Future<B>) {
    super(stream);
    this.#fn = fn;
  }

  protected override advance(cx: Context): Poll<B | Done> {
    if (this.#step.isEmpty) {
      const item = this.pull(cx);
      if (item === Pending) return Pending;
      if (item === Done) return Done;
      this.#step.hold(this, this.#fn(item));
    }
    return this.#step.poll(cx);
  }

  override inspect(): Inspection {
    return this.#step.isEmpty
      ? super.inspect()
      : { children: contents(this.#step) };
  }

  protected override free(errors: DropErrors): void {
    this.#step.drop(errors);
    super.free(errors);
  }
}

/**
 * Passes each item through a function that returns a future, and waits for it
 * before it takes the next. Mirrors `StreamExt::then`. For several at a time see
 * `buffered`.
 *
 * Cancel safety: loses data: the future of the item in hand is dropped, and so is
 * the stream.
 *
 * @param stream The stream; adopted.
 * @param fn Called with each item; returns a future, which is adopted. What it
 * throws is the failure, and the stream is dropped then.
 * @returns A stream of the futures' values; the first failure fails it.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { map } from "@pollen/futures/future";
 * import { collect, iter, thenStream } from "@pollen/futures/stream";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * const slow = thenStream(iter([1, 2]), (n) => map(sleep(1), () => n * 2));
 * assertEquals(await run(collect(slow)), [2, 4]);
 * ```
 */
export function thenStream<A, B>(
  stream: Stream<A>,
  fn: (item: A) => Future<B>,
): Stream<B> {
  assertFunction("thenStream", fn);
  return new ThenStream(stream, fn);
}
