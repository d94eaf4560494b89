import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import type { DropErrors } from "../../future/_drop.ts";
import { Operator } from "../../future/stream/_operator.ts";
import { Done, type Stream } from "../../future/stream/stream.ts";
import { checkMilliseconds } from "./_delay.ts";
import { AsyncTimer } from "./async_timer.ts";
import { now } from "./now.ts";

class Throttle<T> extends Operator<T, T> {
  readonly #pause = new AsyncTimer(0);
  readonly #ms: number;
  #at: "open" | "pausing" = "open";

  constructor(stream: Stream<T>, ms: number) {
    super(stream);
    this.#ms = ms;
  }

  protected override advance(cx: Context): Poll<T | Done> {
    if (this.#at === "pausing") {
      if (this.#pause.poll(cx) === Pending) return Pending;
      this.#at = "open";
    }
    const item = this.pull(cx);
    if (item !== Pending && item !== Done) {
      this.#pause.resetAt(now() + this.#ms);
      this.#at = "pausing";
    }
    return item;
  }

  protected override free(errors: DropErrors): void {
    this.#pause[Symbol.dispose]();
    super.free(errors);
  }
}

/**
 * Lets a time pass after each item before it takes the next from the stream: no
 * item is lost, the source is slowed down. For a rate at which the newest item is
 * enough, see `sample`. Mirrors `tokio_stream::StreamExt::throttle`.
 *
 * The first item is not held up. The time counts from when an item was given; if
 * nobody has asked for longer than that, the next one is not held up either.
 *
 * Cancel safety: as safe as `stream`, which is dropped with it.
 *
 * @param stream The stream; adopted.
 * @param ms Milliseconds from item to item, at least; 0 or more.
 * @returns A stream of the same items.
 * @throws {TypeError} If `ms` is no number, or `stream` no `Stream`.
 * @throws {RangeError} If `ms` is negative or NaN.
 * @throws {FutureMovedError} If a living owner holds the stream.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, iter } from "@pollen/futures/stream";
 * import { now, throttle } from "@pollen/futures/time";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const start = now();
 * assertEquals(await run(collect(throttle(iter([1, 2, 3]), 2))), [1, 2, 3]);
 * assert(now() - start >= 4);
 * ```
 */
export function throttle<T>(stream: Stream<T>, ms: number): Stream<T> {
  checkMilliseconds("delay", ms);
  return new Throttle(stream, ms);
}
