import type { Context } from "../context.ts";
import type { Future } from "../future.ts";
import { Pending, type Poll } from "../poll.ts";
import { Operator } from "./_operator.ts";
import { type Done, type Stream, Visit } from "./stream.ts";

/** A stream whose next item can be looked at; {@linkcode peekable} makes it. */
export interface Peekable<T> extends Stream<T> {
  /**
   * Makes the next item ready, and leaves it in place.
   *
   * @param cx The waker to store before answering `Pending`, and the budget.
   * @returns The item; `Done` at the end, until `pollNext` has said so; or
   * `Pending`.
   */
  pollPeek(cx: Context): Poll<T | Done>;

  /**
   * Waits for the next item, and leaves it in place.
   *
   * Cancel safety: safe: the item stays where it is.
   *
   * @returns A future of the item, or of `Done`.
   * @throws {FutureMovedError} At the first poll, if somebody holds the stream.
   */
  peek(): Future<T | Done>;
}

class PeekableStream<T> extends Operator<T, T> implements Peekable<T> {
  /** What was looked at; `Pending` when nothing was. */
  #peeked: Poll<T | Done> = Pending;

  protected override advance(cx: Context): Poll<T | Done> {
    return this.pull(cx);
  }

  override pollNext(cx: Context): Poll<T | Done> {
    const peeked = this.#peeked;
    if (peeked === Pending) return super.pollNext(cx);
    this.#peeked = Pending;
    return peeked;
  }

  pollPeek(cx: Context): Poll<T | Done> {
    if (this.#peeked === Pending) this.#peeked = super.pollNext(cx);
    return this.#peeked;
  }

  peek(): Future<T | Done> {
    return new Peek(this);
  }

  override [Symbol.dispose](): void {
    this.#peeked = Pending;
    super[Symbol.dispose]();
  }
}

class Peek<T> extends Visit<Peekable<T>, T | Done> {
  protected override ask(stream: Peekable<T>, cx: Context): Poll<T | Done> {
    return stream.pollPeek(cx);
  }
}

/**
 * A stream whose next item can be looked at before it is taken. Mirrors
 * `StreamExt::peekable`.
 *
 * Cancel safety: loses data: an item that was looked at and not taken is gone,
 * and not disposed of, and the stream is dropped.
 *
 * @param stream The stream; adopted.
 * @returns A stream of the same items, with `peek()` and `pollPeek(cx)`.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { iter, peekable } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * using tokens = peekable(iter(["-", "1"]));
 * assertEquals(await run(tokens.peek()), "-");
 * assertEquals(await run(tokens.next()), "-");
 * assertEquals(await run(tokens.next()), "1");
 * ```
 */
export function peekable<T>(stream: Stream<T>): Peekable<T> {
  return new PeekableStream(stream);
}
