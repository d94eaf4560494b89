import { assertFunction } from "../_functions.ts";
import type { DropErrors } from "../_drop.ts";
import type { Context } from "../context.ts";
import type { Poll } from "../poll.ts";
import { type BufferOptions, Inbox, type Overflow } from "./_inbox.ts";
import { LivingStream } from "./_living_stream.ts";
import type { Done, Stream } from "./stream.ts";

export type { BufferOptions, Overflow };

/** How a callback API feeds a stream: the functions need no `this`. */
export interface Feed<T> {
  /** Brings an item; `false` if it was left out, or after the end. */
  readonly push: (item: T) => boolean;
  /** Ends the stream, after the items that wait. */
  readonly end: () => void;
  /** Fails the stream, after the items that wait. */
  readonly fail: (error: unknown) => void;
}

type Start<T> = (feed: Feed<T>) => void | (() => void);

class FromCallback<T> extends LivingStream<T> {
  readonly #inbox: Inbox<T>;
  #start: Start<T> | null;
  #stop: (() => void) | null = null;

  constructor(caller: string, start: Start<T>, options: BufferOptions) {
    super();
    this.#inbox = new Inbox(caller, options);
    this.#start = start;
  }

  protected override advance(cx: Context): Poll<T | Done> {
    if (this.#start !== null) this.#begin(this.#start);
    return this.#inbox.poll(cx);
  }

  #begin(start: Start<T>): void {
    this.#start = null;
    const inbox = this.#inbox;
    this.#stop = start({
      push: (item) => inbox.push(item),
      end: () => inbox.close("ended"),
      fail: (error) => inbox.close({ error }),
    }) ?? null;
  }

  protected override free(errors: DropErrors): void {
    const stop = this.#stop;
    this.#start = null;
    this.#stop = null;
    this.#inbox.clear();
    if (stop !== null) errors.collect(stop);
  }
}

/** With the name that error texts give to the source. */
export function feedStream<T>(
  caller: string,
  start: Start<T>,
  options: BufferOptions,
): Stream<T> {
  return new FromCallback(caller, start, options);
}

/**
 * A stream that a callback API feeds. Such an API cannot be slowed down, so what
 * has not been read yet waits in a buffer, and `overflow` says what happens when
 * that is full.
 *
 * Each item takes a unit of the task's budget.
 *
 * Cancel safety: loses data: the items that wait are gone, and not disposed of,
 * and the function that `start` returned is called.
 *
 * @param start Called at the first poll with what feeds the stream. What it
 * returns is called once, when the stream ends, fails or is dropped. What it
 * throws is the failure.
 * @param options How many items wait at most, and what happens to one too many.
 * @returns A stream of what is pushed.
 * @throws {RangeError} If the capacity is not what it should be.
 * @throws {TypeError} If it is given no function.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { collect, fromCallback, take } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * let ticks = 0;
 * const counter = fromCallback<number>(({ push }) => {
 *   const timer = setInterval(() => push(++ticks), 1);
 *   return () => clearInterval(timer);
 * });
 * assertEquals(await run(collect(take(counter, 3))), [1, 2, 3]);
 * ```
 */
export function fromCallback<T>(
  start: (feed: Feed<T>) => void | (() => void),
  options: BufferOptions = {},
): Stream<T> {
  assertFunction("fromCallback", start);
  return feedStream("fromCallback", start, options);
}
