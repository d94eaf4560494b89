import { droppedInside } from "../_drop.ts";
import type { Context } from "../context.ts";
import { FutureMovedError, PolledAfterCompletionError } from "../errors.ts";
import { Future, nameOf } from "../future.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";

/**
 * The end of a stream: what `pollNext` and `next` give once there are no more
 * items. Compare with `===`. Mirrors the `None` of `Stream::poll_next`.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { Done, iter } from "@pollen/futures/stream";
 * import { assertStrictEquals } from "@std/assert";
 *
 * using nothing = iter([]);
 * assertStrictEquals(await run(nothing.next()), Done);
 * ```
 */
// `Symbol.for`: two copies loaded by two URLs still agree on what the end is.
export const Done: unique symbol = Symbol.for("@pollen/futures.Done");

/** The type of {@linkcode Done}. */
export type Done = typeof Done;

/** What a stream of type `S` gives. */
export type Item<S> = S extends Stream<infer T> ? T : never;

/**
 * Items that may not be there yet, one after another. It makes progress only
 * when polled, and is cancelled by dropping it. Mirrors
 * `futures::stream::Stream`.
 *
 * The contract is that of `Future`, with these differences:
 *
 * - `pollNext` may be polled again after an item, and after a failure if the
 *   stream says so; after `Done` and after a drop it throws
 *   `PolledAfterCompletionError`. An operator fuses what it takes over: it never
 *   polls a stream that has ended.
 * - A stream that fails has ended, unless its documentation says otherwise.
 * - An item is anything but `Pending` and `Done`.
 * - A source that has items at hand takes a unit of the task's budget for each
 *   (`proceed` of `./future`), so that an endless one lets others run.
 * - Whoever takes streams from a caller takes them with
 *   {@linkcode adoptStream}; {@linkcode pinStream} of this module lends one out.
 *
 * @typeParam T The items; a failure is thrown by `pollNext`.
 *
 * @example A countdown, by hand
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { type Context, Pending, type Poll, proceed } from "@pollen/futures/future";
 * import { collect, Done, Stream } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * class Countdown extends Stream<number> {
 *   #left = 3;
 *   override pollNext(cx: Context): Poll<number | Done> {
 *     if (this.#left === 0) return Done;
 *     return proceed(cx) ? this.#left-- : Pending;
 *   }
 * }
 *
 * assertEquals(await run(collect(new Countdown())), [3, 2, 1]);
 * ```
 */
export abstract class Stream<T> implements Disposable {
  /**
   * Who holds this stream: null when nobody does. An ordinary property, and no
   * `#owner`, for the same reason as a `Future`'s; of another name, since this
   * is also how a stream is told from a future.
   */
  declare private _holder: object | null;

  /** Makes a stream that nobody holds. */
  constructor() {
    this._holder = null;
  }

  /**
   * Makes as much progress towards the next item as is possible now.
   *
   * @param cx The waker to store before answering `Pending`, and the budget.
   * @returns The next item, `Done` at the end, or `Pending`.
   * @throws What the stream fails with; `PolledAfterCompletionError` of
   * `./future` after it has ended.
   */
  abstract pollNext(cx: Context): Poll<T | Done>;

  /**
   * Drops the stream: idempotent, synchronous, releases everything that it
   * holds and drops what it took over. This one holds nothing.
   */
  [Symbol.dispose](): void {}

  /**
   * Waits for the next item, in place: the stream stays where it is. It is held
   * from the first poll of that future until its end or drop, so two cannot wait
   * at once. Mirrors `StreamExt::next`.
   *
   * Cancel safety: safe: an item that was not given out is the next one's.
   *
   * @returns A future of the item, or of `Done`.
   * @throws {FutureMovedError} At the first poll, if somebody holds the stream.
   *
   * @example Usage
   * ```ts
   * import { run } from "@pollen/futures/executor";
   * import { co } from "@pollen/futures/future";
   * import { Done, iter } from "@pollen/futures/stream";
   * import { assertEquals } from "@std/assert";
   *
   * const sum = co(function* () {
   *   using numbers = iter([1, 2, 3]);
   *   let sum = 0;
   *   for (;;) {
   *     const n = yield* numbers.next();
   *     if (n === Done) return sum;
   *     sum += n;
   *   }
   * });
   * assertEquals(await run(sum), 6);
   * ```
   */
  next(): Future<T | Done> {
    return new Next(this);
  }

  /** Says what it waits for; this one says nothing. */
  inspect(): Inspection {
    return {};
  }
}

/**
 * A short stay with a stream: holds it from the first poll to the end, and
 * gives it back. What is left to say is what is asked of it.
 */
export abstract class Visit<S extends Stream<unknown>, R> extends Future<R> {
  // Ordinary properties and methods, for the reason that `Future` gives.
  declare private readonly _stream: S;
  declare private _at:
    | "new"
    | "visiting"
    | "completed"
    | "failed"
    | "was dropped";

  constructor(stream: S) {
    super();
    this._stream = stream;
    this._at = "new";
  }

  /** Asks the stream. */
  protected abstract ask(stream: S, cx: Context): Poll<R>;

  override poll(cx: Context): Poll<R> {
    if (this._at !== "visiting") this.enter();
    let answer: Poll<R>;
    try {
      answer = this.ask(this._stream, cx);
    } catch (error) {
      this.leave("failed");
      throw error;
    }
    if (answer !== Pending) this.leave("completed");
    else if (this._at !== "visiting") throw droppedInside(this);
    return answer;
  }

  private enter(): void {
    if (this._at !== "new") {
      throw new PolledAfterCompletionError(
        nameOf(this),
        this._at === "visiting" ? undefined : this._at,
      );
    }
    this._at = "failed";
    adoptStream(this, this._stream);
    this._at = "visiting";
  }

  private leave(how: "completed" | "failed" | "was dropped"): void {
    // Else it was dropped from inside the poll, and others may hold the stream.
    if (this._at === "visiting") releaseStream(this._stream);
    this._at = how;
  }

  override inspect(): Inspection {
    return { children: [this._stream] };
  }

  override [Symbol.dispose](): void {
    if (this._at === "new" || this._at === "visiting") {
      this.leave("was dropped");
    }
  }
}

class Next<T> extends Visit<Stream<T>, T | Done> {
  protected override ask(stream: Stream<T>, cx: Context): Poll<T | Done> {
    return stream.pollNext(cx);
  }
}

/**
 * Takes a stream over, as `adopt` of `./future` does with a future: from now
 * until {@linkcode releaseStream}, `owner` alone polls and drops it.
 *
 * @param owner The operator or future that takes it.
 * @param stream The stream to take.
 * @throws {TypeError} If `stream` is no `Stream`.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { FutureMovedError } from "@pollen/futures/future";
 * import { adoptStream, collect, iter } from "@pollen/futures/stream";
 * import { assertThrows } from "@std/assert";
 *
 * const numbers = iter([1, 2, 3]);
 * adoptStream({}, numbers);
 * assertThrows(() => collect(numbers), FutureMovedError);
 * ```
 */
export function adoptStream(owner: object, stream: Stream<unknown>): void {
  if (ownerOf(stream) !== null) refuse(stream);
  stream["_holder"] = owner;
}

/** The owner is nobody's business but this file's: brackets see past `private`. */
function ownerOf(stream: Stream<unknown>): object | null | undefined {
  return stream?.["_holder"];
}

/** Says why a stream cannot be adopted. */
function refuse(stream: Stream<unknown>): never {
  assertStream(stream);
  const holder = nameOf(ownerOf(stream));
  throw new FutureMovedError(nameOf(stream), holder, "pinStream");
}

/**
 * Gives a stream up again, after it has ended or before it is dropped. Only its
 * owner calls this. Releasing what nobody holds does nothing.
 *
 * @param stream The stream that was adopted.
 *
 * @example Usage
 * ```ts
 * import { adoptStream, iter, releaseStream } from "@pollen/futures/stream";
 *
 * const numbers = iter([1, 2, 3]);
 * adoptStream({}, numbers);
 * releaseStream(numbers);
 * adoptStream({}, numbers); // free again
 * ```
 */
export function releaseStream(stream: Stream<unknown>): void {
  stream["_holder"] = null;
}

/** Gives a stream up and drops it. */
export function dropStream(stream: Stream<unknown>): void {
  releaseStream(stream);
  stream[Symbol.dispose]();
}

/** Throws a TypeError that helps, if `value` is no stream. */
export function assertStream(
  value: unknown,
): asserts value is Stream<unknown> {
  if (value instanceof Stream) return;
  throw new TypeError(
    `Cannot adopt ${
      nameOf(value)
    }: it is not a Stream; iter(), fromAsyncIterable() and fromReadableStream() make one`,
  );
}
