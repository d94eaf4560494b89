import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import type { DropErrors } from "../../future/_drop.ts";
import { Gathering } from "../../future/stream/_gathering.ts";
import { Done, type Stream } from "../../future/stream/stream.ts";
import { checkMilliseconds } from "./_delay.ts";
import { AsyncTimer } from "./async_timer.ts";
import { now } from "./now.ts";

class Debounce<T> extends Gathering<T, T> {
  readonly #quiet = new AsyncTimer(0);
  readonly #ms: number;
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
    let hasNews = false;
    for (;;) {
      const item = this.pullOrEnd(cx);
      if (item === Done) return this.#take();
      if (item === Pending) break;
      this.#newest = item;
      hasNews = true;
    }
    if (this.isEmpty) return Pending;
    if (hasNews) this.#quiet.resetAt(now() + this.#ms);
    return this.#quiet.poll(cx) === Pending ? Pending : this.#take();
  }

  #take(): T | Done {
    const item = this.#newest;
    this.#newest = Done;
    return item;
  }

  protected override free(errors: DropErrors): void {
    this.#newest = Done;
    this.#quiet[Symbol.dispose]();
    super.free(errors);
  }
}

/**
 * Gives an item once no other has followed it for a time; what is followed by
 * another sooner is left out. At the end of the stream the last item is given at
 * once, and before a failure too. Mirrors `debounceTime` of RxJS.
 *
 * Cancel safety: loses data: the item that waits for quiet is gone, and not
 * disposed of, and the stream is dropped.
 *
 * @param stream The stream; adopted.
 * @param ms Milliseconds of quiet; 0 or more.
 * @returns A stream of the items that were followed by quiet.
 * @throws {TypeError} If `ms` is no number, or `stream` no `Stream`.
 * @throws {RangeError} If `ms` is negative or NaN.
 * @throws {FutureMovedError} If a living owner holds the stream.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, iter } from "@pollen/futures/stream";
 * import { debounce } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * const typed = iter(["p", "po", "pollen"]);
 * assertEquals(await run(collect(debounce(typed, 50))), ["pollen"]);
 * ```
 */
export function debounce<T>(stream: Stream<T>, ms: number): Stream<T> {
  checkMilliseconds("delay", ms);
  return new Debounce(stream, ms);
}
