import type { Context } from "../context.ts";
import type { Inspection } from "../inspection.ts";
import type { Poll } from "../poll.ts";

/**
 * Where items go, with backpressure: ask whether there is room, then start to
 * send. Mirrors `futures::sink::Sink`.
 *
 * - A failure is thrown, by whichever call comes first, and again by each call
 *   after it.
 * - `pollReady` may set a place aside, until `startSend` or the drop: ask when
 *   there is an item to send.
 * - Closing what is closed is ready at once; after a close or a drop, `pollReady`
 *   and `startSend` throw.
 * - Dropped, it gives up what it has not handed on yet. To hand everything on,
 *   close it first.
 *
 * @typeParam T The items.
 *
 * @example One that keeps what it is sent
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { send, type Sink } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const kept: number[] = [];
 * const sink: Sink<number> = {
 *   pollReady: () => {},
 *   startSend: (item) => void kept.push(item),
 *   pollFlush: () => {},
 *   pollClose: () => {},
 *   [Symbol.dispose]: () => {},
 * };
 * await run(send(sink, 1));
 * assertEquals(kept, [1]);
 * ```
 */
export interface Sink<T> extends Disposable {
  /** Waits until one item can be taken. A failure is thrown. */
  pollReady(cx: Context): Poll<void>;
  /** Takes one item; only after `pollReady` was ready, and once for each. */
  startSend(item: T): void;
  /** Waits until all items that were taken are handed on. */
  pollFlush(cx: Context): Poll<void>;
  /** Flushes, then ends the sink. */
  pollClose(cx: Context): Poll<void>;
  /** Says what it waits for, to whoever looks at a task. */
  inspect?(): Inspection;
}
