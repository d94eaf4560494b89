import type { DropErrors } from "../_drop.ts";
import type { Context } from "../context.ts";
import type { Future } from "../future.ts";
import type { Inspection } from "../inspection.ts";
import type { Poll } from "../poll.ts";
import { contents, HeldFuture } from "./_held.ts";
import { LivingStream } from "./_living_stream.ts";
import { Done, type Stream } from "./stream.ts";

class Once<T> extends LivingStream<T> {
  readonly #future = new HeldFuture<T>();

  constructor(future: Future<T>) {
    super();
    this.#future.hold(this, future);
  }

  protected override advance(cx: Context): Poll<T | Done> {
    return this.#future.isEmpty ? Done : this.#future.poll(cx);
  }

  override inspect(): Inspection {
    return { children: contents(this.#future) };
  }

  protected override free(errors: DropErrors): void {
    this.#future.drop(errors);
  }
}

/**
 * A stream of one item: the value of a future. Mirrors `futures::stream::once`.
 * For a value that is there already, `iter([value])` will do.
 *
 * Cancel safety: as safe as `future`, which is dropped with it.
 *
 * @param future The future; adopted.
 * @returns A stream that ends after the value; it fails as the future does.
 * @throws {TypeError} If `future` is no `Future`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { ready } from "@pollen/futures/future";
 * import { chain, collect, iter, once } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const header = once(ready("name"));
 * assertEquals(await run(collect(chain(header, iter(["Ada"])))), ["name", "Ada"]);
 * ```
 */
export function once<T>(future: Future<T>): Stream<T> {
  return new Once(future);
}
