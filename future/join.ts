import { Group } from "./_group.ts";
import {
  entriesOf,
  type Futures,
  keysOf,
  type Outputs,
  shaped,
} from "./_shape.ts";
import type { Future } from "./future.ts";

class Join<F extends Futures> extends Group<unknown, Outputs<F>> {
  readonly #keys: string[] | null;
  readonly #values: unknown[];
  #left: number;
  #failure: { error: unknown } | null = null;

  constructor(futures: F) {
    const entries = entriesOf("join", futures);
    super(entries, "woken");
    this.#keys = keysOf(futures);
    this.#left = entries.length;
    this.#values = new Array(entries.length);
  }

  protected override onReady(index: number, value: unknown): boolean {
    this.#values[index] = value;
    return --this.#left === 0;
  }

  protected override onFailed(_index: number, error: unknown): boolean {
    this.#failure = { error };
    return true;
  }

  protected override result(): Outputs<F> {
    if (this.#failure !== null) throw this.#failure.error;
    return shaped(this.#keys, this.#values) as Outputs<F>;
  }
}

/**
 * Waits for all values. The first failure fails it, and the others are dropped
 * then. Mirrors `futures::try_join_all`, and `try_join!` for an object.
 *
 * Each child has a waker of its own: a wake of one child among ten thousand
 * polls one child.
 *
 * Cancel safety: loses data: values of children that had completed are gone, as
 * they are when another child fails; the others are dropped. A value that holds
 * something, such as a socket or the guard of a lock, is not disposed of with
 * it: JavaScript cannot know whose it is. Where that matters, let each child be
 * a `co` that holds the value by `using`.
 *
 * @param futures An array or an object of futures; adopted.
 * @returns A future of the values in the same shape; an empty shape is ready
 * at once.
 * @throws {TypeError} If an entry is no future.
 * @throws {FutureMovedError} If a living owner holds one of them; none is
 * adopted then.
 *
 * @example Usage
 * ```ts
 * import { join, ready } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await run(join([ready(1), ready("two")])), [1, "two"]);
 * assertEquals(await run(join({ a: ready(1) })), { a: 1 });
 * ```
 */
export function join<const F extends Futures>(futures: F): Future<Outputs<F>> {
  return new Join(futures);
}
