import type { Context } from "../context.ts";
import type { Future } from "../future.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import { LivingFuture } from "../_living.ts";
import { checkSink } from "./_checks.ts";
import type { Sink } from "./sink.ts";

class Feed<T> extends LivingFuture<void> {
  readonly #sink: Sink<T>;
  #unsent: { item: T } | null;

  constructor(sink: Sink<T>, item: T) {
    checkSink(sink);
    super();
    this.#sink = sink;
    this.#unsent = { item };
  }

  protected override advance(cx: Context): Poll<void> {
    const unsent = this.#unsent;
    if (unsent === null) return;
    if (this.#sink.pollReady(cx) === Pending) return Pending;
    this.#unsent = null;
    this.#sink.startSend(unsent.item);
  }

  protected override free(): void {
    this.#unsent = null;
  }

  override inspect(): Inspection {
    return { children: [this.#sink] };
  }
}

class Send<T> extends Feed<T> {
  readonly #flushed: Sink<T>;

  constructor(sink: Sink<T>, item: T) {
    super(sink, item);
    this.#flushed = sink;
  }

  protected override advance(cx: Context): Poll<void> {
    if (super.advance(cx) === Pending) return Pending;
    return this.#flushed.pollFlush(cx);
  }
}

class Flush extends LivingFuture<void> {
  readonly #sink: Sink<never>;

  constructor(sink: Sink<never>) {
    checkSink(sink);
    super();
    this.#sink = sink;
  }

  protected override advance(cx: Context): Poll<void> {
    return this.#sink.pollFlush(cx);
  }

  protected override free(): void {}

  override inspect(): Inspection {
    return { children: [this.#sink] };
  }
}

class Close extends LivingFuture<void> {
  readonly #sink: Sink<never>;

  constructor(sink: Sink<never>) {
    checkSink(sink);
    super();
    this.#sink = sink;
  }

  protected override advance(cx: Context): Poll<void> {
    return this.#sink.pollClose(cx);
  }

  protected override free(): void {}

  override inspect(): Inspection {
    return { children: [this.#sink] };
  }
}

/**
 * Sends one item as soon as there is room. Does not wait until it is handed on;
 * `flush` does, or `send`. Mirrors `SinkExt::feed`.
 *
 * Cancel safety: safe: until it completes the item has not been sent, and is
 * still yours.
 *
 * @param sink Where to; it stays yours.
 * @param item What to send.
 * @returns A future that completes when the sink has taken the item.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { co } from "@pollen/futures/future";
 * import { collectingSink, feed, flush } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * using sink = collectingSink<number>();
 * await run(co(function* () {
 *   yield* feed(sink, 1);
 *   yield* feed(sink, 2);
 *   yield* flush(sink);
 * }));
 * assertEquals(sink.items, [1, 2]);
 * ```
 */
export function feed<T>(sink: Sink<T>, item: T): Future<void> {
  return new Feed(sink, item);
}

/**
 * Sends one item and waits until it is handed on. Mirrors `SinkExt::send`.
 *
 * Cancel safety: loses its place: dropped while it waits for room, it has not
 * sent the item; dropped later, it has, and what it no longer waits for is the
 * flush. `feed` and `flush` are these two halves, and each is safe.
 *
 * @param sink Where to; it stays yours.
 * @param item What to send.
 * @returns A future that completes when the sink is flushed.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collectingSink, send } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * using sink = collectingSink<string>();
 * await run(send(sink, "hello"));
 * assertEquals(sink.items, ["hello"]);
 * ```
 */
export function send<T>(sink: Sink<T>, item: T): Future<void> {
  return new Send(sink, item);
}

/**
 * Waits until all that was sent is handed on. Mirrors `SinkExt::flush`.
 *
 * Cancel safety: safe.
 *
 * @param sink What to flush; it stays yours.
 * @returns A future that completes then.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collectingSink, flush } from "@pollen/futures/stream";
 *
 * using sink = collectingSink();
 * await run(flush(sink));
 * ```
 */
export function flush(sink: Sink<never>): Future<void> {
  return new Flush(sink);
}

/**
 * Flushes a sink and ends it. Mirrors `SinkExt::close`.
 *
 * Cancel safety: safe: it can be closed again.
 *
 * @param sink What to close; it stays yours, to be dropped.
 * @returns A future that completes when it is closed.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { close, collectingSink } from "@pollen/futures/stream";
 *
 * using sink = collectingSink();
 * await run(close(sink));
 * ```
 */
export function close(sink: Sink<never>): Future<void> {
  return new Close(sink);
}
