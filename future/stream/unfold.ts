import { assertFunction } from "../_functions.ts";
import type { DropErrors } from "../_drop.ts";
import { proceed } from "../budget.ts";
import type { Context } from "../context.ts";
import { Future } from "../future.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import { contents, HeldFuture } from "./_held.ts";
import { LivingStream } from "./_living_stream.ts";
import { Done, type Stream } from "./stream.ts";

/** What the function of `unfold` gives: an item and the next state, or the end. */
export type Unfolded<S, T> = readonly [item: T, state: S] | Done;

class Unfold<S, T> extends LivingStream<T> {
  #state: S;
  readonly #fn: (state: S) => Unfolded<S, T> | Future<Unfolded<S, T>>;
  readonly #step = new HeldFuture<Unfolded<S, T>>();

  constructor(
    state: S,
    fn: (state: S) => Unfolded<S, T> | Future<Unfolded<S, T>>,
  ) {
    super();
    this.#state = state;
    this.#fn = fn;
  }

  protected override advance(cx: Context): Poll<T | Done> {
    const step = this.#step.isEmpty ? this.#begin(cx) : this.#step.poll(cx);
    if (step === Pending || step === Done) return step;
    this.#state = step[1];
    return step[0];
  }

  #begin(cx: Context): Poll<Unfolded<S, T>> {
    if (!proceed(cx)) return Pending;
    const step = this.#fn(this.#state);
    if (!(step instanceof Future)) return step;
    this.#step.hold(this, step);
    return this.#step.poll(cx);
  }

  override inspect(): Inspection {
    return { children: contents(this.#step) };
  }

  protected override free(errors: DropErrors): void {
    this.#step.drop(errors);
  }
}

/**
 * A stream from a state and a function that steps it, at once or by a future.
 * Mirrors `futures::stream::unfold`.
 *
 * Each call of the function takes a unit of the task's budget.
 *
 * Cancel safety: loses its place: the state is gone, and the future of the step
 * that is under way is dropped; lend the stream with `pinStream` to go on.
 *
 * @param seed The first state.
 * @param fn Called for each item with the state: returns `[item, nextState]`,
 * or `Done`, or a future of either.
 * @returns A stream of the items; it fails with what `fn` throws, or its future
 * fails with.
 * @throws {TypeError} If it is given no function.
 *
 * @example Pages, each of which names the next
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { map, ready } from "@pollen/futures/future";
 * import { collect, Done, unfold } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const fetchPage = (page: number) => ready(`page ${page}`);
 * const pages = unfold(1, (page) => {
 *   if (page > 3) return Done;
 *   return map(fetchPage(page), (text) => [text, page + 1] as const);
 * });
 * assertEquals(await run(collect(pages)), ["page 1", "page 2", "page 3"]);
 * ```
 */
export function unfold<S, T>(
  seed: S,
  fn: (state: S) => Unfolded<S, T> | Future<Unfolded<S, T>>,
): Stream<T> {
  assertFunction("unfold", fn);
  return new Unfold(seed, fn);
}
