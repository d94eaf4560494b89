import type { Context } from "../../future/context.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import type { DropErrors } from "../../future/_drop.ts";
import { Operator } from "../../future/stream/_operator.ts";
import type { Done, Stream } from "../../future/stream/stream.ts";
import { checkMilliseconds } from "./_delay.ts";
import { AsyncTimer } from "./async_timer.ts";
import { now } from "./now.ts";
import { TimeoutError } from "./timeout_error.ts";

class TimeoutStream<T> extends Operator<T, T> {
  readonly #limit = new AsyncTimer(0);
  readonly #ms: number;
  #at: "given" | "waiting" = "given";

  constructor(stream: Stream<T>, ms: number) {
    super(stream);
    this.#ms = ms;
  }

  protected override advance(cx: Context): Poll<T | Done> {
    const item = this.pull(cx);
    if (item !== Pending) {
      this.#at = "given";
      return item;
    }
    if (this.#at === "given") {
      this.#limit.resetAt(now() + this.#ms);
      this.#at = "waiting";
    }
    if (this.#limit.poll(cx) === Pending) return Pending;
    throw new TimeoutError(
      `Cannot wait any longer: no item came within ${this.#ms} ms`,
    );
  }

  protected override free(errors: DropErrors): void {
    this.#limit[Symbol.dispose]();
    super.free(errors);
  }
}

/**
 * Gives each item of a stream a limited time; when it is over, the stream fails
 * and is dropped. Lend it with `pinStream`, and it can be gone on with. Mirrors
 * `tokio_stream::StreamExt::timeout`.
 *
 * The time counts while somebody waits: from the first poll that finds nothing,
 * anew for each item. A consumer that is slow to ask is not the stream's fault.
 * The stream is polled first each time, so that an item that is there is not lost
 * to a timer that fired beside it.
 *
 * Cancel safety: as safe as `stream`, which is dropped with it.
 *
 * @param stream The stream; adopted.
 * @param ms Milliseconds for each item; `Infinity` sets no limit.
 * @returns A stream of the same items; it fails with a `TimeoutError`.
 * @throws {TypeError} If `ms` is no number, or `stream` no `Stream`.
 * @throws {RangeError} If `ms` is negative or NaN.
 * @throws {FutureMovedError} If a living owner holds the stream.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { pending } from "@pollen/futures/future";
 * import { chain, forEach, iter, once } from "@pollen/futures/stream";
 * import { TimeoutError, timeoutStream } from "@pollen/futures/time";
 * import { ready } from "@pollen/futures/future";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const stalls = chain(iter([1, 2]), once(pending()));
 * const seen: number[] = [];
 * const all = forEach(timeoutStream(stalls, 5), (n) => {
 *   seen.push(n);
 *   return ready(undefined);
 * });
 * await assertRejects(() => run(all), TimeoutError, "no item came within 5 ms");
 * assertEquals(seen, [1, 2]);
 * ```
 */
export function timeoutStream<T>(stream: Stream<T>, ms: number): Stream<T> {
  checkMilliseconds("delay", ms);
  return new TimeoutStream(stream, ms);
}
