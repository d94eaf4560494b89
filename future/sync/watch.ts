import { View, WatchCell } from "./_watch_cell.ts";
import { receiverFor, type WatchReceiver } from "./watch_receiver.ts";
import { senderFor, type WatchSender } from "./watch_sender.ts";

export { WatchReceiver } from "./watch_receiver.ts";
export { WatchSender } from "./watch_sender.ts";

/**
 * A value that one end sets and many look at: only the latest is kept, and the
 * receivers are told that there is a new one. For settings and states, where
 * what was there in between does not matter. Mirrors `tokio::sync::watch`.
 *
 * @param initial The value at first, which the first receiver counts as seen.
 * @returns The sender, and the first receiver.
 *
 * @example Usage
 * ```ts
 * import { co, join } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { watch } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const [sender, receiver] = watch("starting");
 * const seen: string[] = [receiver.borrow()];
 * const observer = co(function* () {
 *   while (receiver.borrow() !== "stopped") {
 *     yield* receiver.changed();
 *     seen.push(receiver.borrowAndUpdate());
 *   }
 * });
 * // deno-lint-ignore require-yield
 * const server = co(function* () {
 *   sender.send("ready");
 *   sender.send("stopped"); // before anybody has looked
 * });
 * await run(join([observer, server]));
 * assertEquals(seen, ["starting", "stopped"]);
 * ```
 */
export function watch<T>(
  initial: T,
): [sender: WatchSender<T>, receiver: WatchReceiver<T>] {
  const cell = new WatchCell(initial);
  return [senderFor(cell), receiverFor(new View(cell, cell.version))];
}
