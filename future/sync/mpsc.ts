import { assertWhole } from "./_check.ts";
import { MpscChannel } from "./_mpsc_channel.ts";
import { type MpscReceiver, receiverFor } from "./mpsc_receiver.ts";
import { type MpscSender, senderFor } from "./mpsc_sender.ts";

export { MpscPermit } from "./mpsc_permit.ts";
export { MpscReceiver } from "./mpsc_receiver.ts";
export { MpscSender } from "./mpsc_sender.ts";

/**
 * A channel from many producers to one consumer, with backpressure: when it is
 * full, senders wait, first come, first served. Mirrors
 * `tokio::sync::mpsc::channel`; values of one sender arrive in the order in
 * which its sends completed.
 *
 * A place is taken from the moment it is granted to a sender, so there are never
 * more values and permits than `capacity`.
 *
 * @param capacity How many values there is room for: a whole number of at least
 * 1, or `Infinity` for no limit.
 * @returns The first sender, and the receiver.
 * @throws {RangeError} If `capacity` is anything else.
 *
 * @example Usage
 * ```ts
 * import { co, type Future, join } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { Done } from "@pollen/futures/stream";
 * import { mpsc, type MpscSender } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const [sender, receiver] = mpsc<string>(2);
 * const producer = (own: MpscSender<string>, name: string): Future<void> =>
 *   co(function* () {
 *     using mine = own;
 *     for (let i = 1; i <= 3; i++) yield* mine.send(name + i);
 *   });
 * const consumer = co(function* () {
 *   const all: string[] = [];
 *   for (;;) {
 *     const value = yield* receiver.recv();
 *     if (value === Done) return all;
 *     all.push(value);
 *   }
 * });
 * const [all] = await run(join([
 *   consumer,
 *   producer(sender.clone(), "a"),
 *   producer(sender, "b"),
 * ]));
 * assertEquals(all.filter((value) => value < "b"), ["a1", "a2", "a3"]);
 * assertEquals(all.length, 6);
 * ```
 */
export function mpsc<T>(
  capacity: number,
): [sender: MpscSender<T>, receiver: MpscReceiver<T>] {
  if (capacity !== Infinity) {
    assertWhole("make a channel", "capacity", capacity, 1);
  }
  const channel = new MpscChannel<T>(capacity);
  return [senderFor(channel), receiverFor(channel)];
}
