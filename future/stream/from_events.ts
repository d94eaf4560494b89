import { nameOf } from "../future.ts";
import { type BufferOptions, feedStream } from "./from_callback.ts";
import type { Stream } from "./stream.ts";

/**
 * A stream of the events of one type. It has no end of its own: `take`,
 * `takeWhile` or `takeUntil` give it one.
 *
 * It listens from its first poll, with one listener, which it takes away when it
 * is dropped or fails. Events cannot be slowed down, so those that have not been
 * read wait in a buffer, and `overflow` says what happens when that is full.
 *
 * Cancel safety: loses data: the events that wait are gone, and it listens no
 * longer.
 *
 * @typeParam E The class of the events.
 * @param target What to listen to.
 * @param type The events' type.
 * @param options How many events wait at most, and what happens to one too many.
 * @returns A stream of the events.
 * @throws {TypeError} If `target` is no `EventTarget`.
 * @throws {RangeError} If the capacity is not what it should be.
 *
 * @example Usage
 * ```ts
 * import { run } from "@pollen/futures/executor";
 * import { fromEvents } from "@pollen/futures/stream";
 * import { assertEquals } from "@std/assert";
 *
 * const target = new EventTarget();
 * using events = fromEvents(target, "tick");
 * const first = run(events.next());
 * await Promise.resolve(); // it listens from its first poll
 * target.dispatchEvent(new Event("tick"));
 * assertEquals((await first as Event).type, "tick");
 * ```
 */
export function fromEvents<E extends Event = Event>(
  target: EventTarget,
  type: string,
  options: BufferOptions = {},
): Stream<E> {
  if (!(target instanceof EventTarget)) {
    throw new TypeError(
      `Cannot make a stream from ${nameOf(target)}: pass an EventTarget`,
    );
  }
  return feedStream<E>("fromEvents", ({ push }) => {
    const listener = (event: Event) => {
      push(event as E);
    };
    target.addEventListener(type, listener);
    return () => target.removeEventListener(type, listener);
  }, options);
}
