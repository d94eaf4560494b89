import { assertWhole } from "./_check.ts";
import { BroadcastLog } from "./_broadcast_log.ts";
import { type BroadcastReceiver, subscribeTo } from "./broadcast_receiver.ts";
import { type BroadcastSender, senderFor } from "./broadcast_sender.ts";

export { BroadcastReceiver } from "./broadcast_receiver.ts";
export { BroadcastSender } from "./broadcast_sender.ts";

/**
 * A channel on which every receiver gets every value, from its subscription on.
 * Sending never waits: a receiver that is more than `capacity` values behind
 * misses the oldest, and is told how many. Mirrors `tokio::sync::broadcast`.
 *
 * All receivers get the same value, not a copy: treat it as theirs to read.
 *
 * @param capacity How many values are kept for the slowest: a whole number of
 * at least 1.
 * @returns The first sender, and the first receiver.
 * @throws {RangeError} If `capacity` is anything else.
 *
 * @example Usage
 * ```ts
 * import { broadcast } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const [sender, early] = broadcast<string>(16);
 * sender.send("one");
 * const late = sender.subscribe();
 * assertEquals(sender.send("two"), 2);
 * assertEquals([early.tryRecv(), early.tryRecv()], ["one", "two"]);
 * assertEquals(late.tryRecv(), "two");
 * ```
 */
export function broadcast<T>(
  capacity: number,
): [sender: BroadcastSender<T>, receiver: BroadcastReceiver<T>] {
  assertWhole("make a channel", "capacity", capacity, 1);
  const log = new BroadcastLog<T>(capacity);
  return [senderFor(log), subscribeTo(log)];
}
