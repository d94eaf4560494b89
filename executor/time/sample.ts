import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import type { DropErrors } from "../../future/_drop.ts";
import { Gathering } from "../../future/stream/_gathering.ts";
import { Done, type Stream } from "../../future/stream/stream.ts";
import { checkMilliseconds } from "./_delay.ts";
import { AsyncTimer } from "./async_timer.ts";
import { now } from "./now.ts";

class Sample<T> extends Gathering<T, T> {
  readonly #pause = new AsyncTimer(0);
  readonly #ms: number;
  /** Whether an item was given less than `ms` ago. */
  #at: "open" | "pausing" = "open";
  /** The newest item; `Done` when there is none, as no item is. */
  #newest: T | Done = Done;

  constructor(stream: Stream<T>, ms: number) {
    super(stream);
    this.#ms = ms;
  }

  protected override get isEmpty(): boolean {
    return this.#newest === Done;
  }

  protected override advance(cx: Context): Poll<T | Done> {
    for (;;) {
      const item = this.pullOrEnd(cx);
      if (item === Done) return this.#take();
      if (item === Pending) break;
      this.#newest = item;
    }
    if (this.isEmpty) return Pending;
    if (this.#at === "pausing" && this.#pause.poll(cx) === Pending) {
      return Pending;
    }
    this.#at = "pausing";
    this.#pause.resetAt(now() + this.#ms);
    return this.#take();
  }

  #take(): T | Done {
    const item = this.#newest;
    this.#newest = Done;
    return item;
  }

  protected override free(errors: DropErrors): void {
    this.#newest = Done;
    this.#pause[Symbol.dispose]();
    super.free(errors);
  }
}

/**
 * Gives the newest item, one in `ms` milliseconds at most: what is overtaken by a
 * newer one before its time has come is left out. It takes all that the stream
 * has, at once, and never slows it down; the first item that it finds, and the
 * last, are always given. For a rate at which nothing is lost, see `throttle`.
 * Mirrors `throttleTime` of RxJS with `leading` and `trailing`.
 *
 * Cancel safety: loses data: the item that waits for its time is gone, and not
 * disposed of, and the stream is dropped.
 *
 * @param stream The stream; adopted.
 * @param ms Milliseconds from item to item, at least; 0 or more.
 * @returns A stream of some of the items. At the end, and before a failure, the
 * newest is given at once.
 * @throws {TypeError} If `ms` is no number, or `stream` no `Stream`.
 * @throws {RangeError} If `ms` is negative or NaN.
 * @throws {FutureMovedError} If a living owner holds the stream.
 *
 * @example Usage
 * ```ts
 * import { Executor } from "@pollen/futures/executor";
 * import { forEach, take } from "@pollen/futures/stream";
 * import { VirtualClock } from "@pollen/futures/testing";
 * import { interval, sample } from "@pollen/futures/time";
 * import { ready } from "@pollen/futures/future";
 * import { assertEquals } from "@std/assert";
 *
 * const clock = new VirtualClock();
 * using executor = new Executor({ host: clock });
 * const seen: number[] = [];
 * executor.spawn(forEach(sample(take(interval(10), 8), 35), (tick) => {
 *   seen.push(tick);
 *   return ready(undefined);
 * }));
 * clock.advance(100);
 * assertEquals(seen, [0, 30, 70]);
 * ```
 */
export function sample<T>(stream: Stream<T>, ms: number): Stream<T> {
  checkMilliseconds("delay", ms);
  return new Sample(stream, ms);
}
