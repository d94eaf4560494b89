import type { DropErrors } from "../_drop.ts";
import type { Context } from "../context.ts";
import type { Future } from "../future.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import { contents, HeldStream } from "./_held.ts";
import { LivingFuture } from "../_living.ts";
import { checkSink } from "./_checks.ts";
import type { Sink } from "./sink.ts";
import { Done, type Stream } from "./stream.ts";

class SendAll<T> extends LivingFuture<void> {
  readonly #source: HeldStream<T>;
  protected readonly sink: Sink<T>;
  /** The item in hand; `Done` after the last. */
  #item: Poll<T | Done> = Pending;

  constructor(stream: Stream<T>, sink: Sink<T>) {
    checkSink(sink);
    super();
    this.#source = new HeldStream(this, stream);
    this.sink = sink;
  }

  protected override advance(cx: Context): Poll<void> {
    for (;;) {
      // The item first, then room for it: a place that is set aside for an item
      // that does not come is kept from other senders.
      if (this.#item === Pending) this.#item = this.#source.pollNext(cx);
      if (this.#item === Pending) return this.#idle(cx);
      if (this.#item === Done) return this.finish(cx);
      if (this.sink.pollReady(cx) === Pending) return Pending;
      const item = this.#item;
      this.#item = Pending;
      this.sink.startSend(item);
    }
  }

  /** Nothing to send for now: what was sent should get through meanwhile. */
  #idle(cx: Context): Pending {
    this.sink.pollFlush(cx);
    return Pending;
  }

  protected finish(cx: Context): Poll<void> {
    return this.sink.pollFlush(cx);
  }

  override inspect(): Inspection {
    return { children: [...contents(this.#source), this.sink] };
  }

  protected override free(errors: DropErrors): void {
    this.#item = Done;
    this.#source.drop(errors);
  }
}

class Forward<T> extends SendAll<T> {
  protected override finish(cx: Context): Poll<void> {
    return this.sink.pollClose(cx);
  }

  protected override free(errors: DropErrors): void {
    super.free(errors);
    errors.collect(() => this.sink[Symbol.dispose]());
  }
}

/**
 * Sends all items of a stream and flushes the sink. Mirrors `SinkExt::send_all`.
 * The sink is lent: it can be used afterwards. `forward` closes it.
 *
 * Cancel safety: loses data: an item that was taken from the stream and found
 * no room yet is gone, and not disposed of; the stream is dropped, the sink is
 * not.
 *
 * @param sink Where to; it stays yours.
 * @param stream What to send; adopted.
 * @returns A future that completes when the sink is flushed after the last item.
 * It fails as the stream or the sink does; the stream is dropped then.
 * @throws {TypeError} If `stream` is no `Stream`, or `sink` no `Sink`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collectingSink, iter, sendAll } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * using sink = collectingSink<number>();
 * await run(sendAll(sink, iter([1, 2])));
 * await run(sendAll(sink, iter([3])));
 * assertEquals(sink.items, [1, 2, 3]);
 * ```
 */
export function sendAll<T>(sink: Sink<T>, stream: Stream<T>): Future<void> {
  return new SendAll(stream, sink);
}

/**
 * Sends all items of a stream, then closes the sink. Mirrors
 * `StreamExt::forward`. The sink is taken over: when this ends, fails or is
 * dropped, the sink is dropped.
 *
 * Cancel safety: loses data: an item that was taken from the stream and found
 * no room yet is gone, and not disposed of; the stream and the sink are
 * dropped.
 *
 * @param stream What to send; adopted.
 * @param sink Where to.
 * @returns A future that completes when the sink is closed after the last item.
 * It fails as the stream or the sink does.
 * @throws {TypeError} If `stream` is no `Stream`, or `sink` no `Sink`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { forward, fromWritableStream, iter } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const { readable, writable } = new TransformStream<string, string>();
 * const sent = run(forward(iter(["a", "b"]), fromWritableStream(writable)));
 * assertEquals(await Array.fromAsync(readable), ["a", "b"]);
 * await sent;
 * ```
 */
export function forward<T>(stream: Stream<T>, sink: Sink<T>): Future<void> {
  return new Forward(stream, sink);
}
