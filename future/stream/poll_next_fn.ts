import { assertFunction } from "../_functions.ts";
import type { Context } from "../context.ts";
import type { Poll } from "../poll.ts";
import { LivingStream } from "./_living_stream.ts";
import type { Done, Stream } from "./stream.ts";

class PollNextFn<T> extends LivingStream<T> {
  #fn: ((cx: Context) => Poll<T | Done>) | null;

  constructor(fn: (cx: Context) => Poll<T | Done>) {
    super();
    this.#fn = fn;
  }

  protected override advance(cx: Context): Poll<T | Done> {
    return this.#fn!(cx);
  }

  protected override free(): void {
    this.#fn = null;
  }
}

/**
 * A stream from a poll function alone, as `pollFn` of `./future` makes a future.
 * Mirrors `futures::stream::poll_fn`. For what holds resources, extend `Stream`
 * and release them in its drop.
 *
 * Cancel safety: safe; the function is not called again.
 *
 * @param fn Called at each poll; the rules for `Stream.pollNext` are its rules.
 * @returns A stream of what `fn` answers.
 * @throws {TypeError} If it is given no function.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, Done, pollNextFn } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * let n = 0;
 * const numbers = pollNextFn(() => n < 3 ? n++ : Done);
 * assertEquals(await run(collect(numbers)), [0, 1, 2]);
 * ```
 */
export function pollNextFn<T>(
  fn: (cx: Context) => Poll<T | Done>,
): Stream<T> {
  assertFunction("pollNextFn", fn);
  return new PollNextFn(fn);
}
