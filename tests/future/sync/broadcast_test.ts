import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { wakeCounter } from "../../../executor/sim/mod.ts";
import {
  Budget,
  Pending,
  PolledAfterCompletionError,
} from "../../../future/mod.ts";
import { Done } from "../../../future/stream/stream.ts";
import {
  broadcast,
  type BroadcastReceiver,
  ChannelClosed,
  Lagged,
} from "../../../future/sync/mod.ts";
import { cx, drop, park, take, wakes } from "./_tools.ts";

/** All that is there for a receiver now. */
function drain<T>(receiver: BroadcastReceiver<T>): T[] {
  const all: T[] = [];
  for (;;) {
    const value = receiver.tryRecv();
    if (value === Pending || value === Done) return all;
    all.push(value);
  }
}

Deno.test("broadcast: every receiver gets every value, from its subscription on", () => {
  const [sender, a] = broadcast<number>(8);
  assertEquals(sender.send(1), 1);
  const b = sender.subscribe();
  assertEquals([sender.receiverCount, sender.send(2)], [2, 2]);
  assertEquals(sender.clone().send(3), 2);
  assertEquals([a.size, b.size], [3, 2]);
  assertEquals([drain(a), drain(b)], [[1, 2, 3], [2, 3]]);
  assertEquals([a.size, b.size], [0, 0]);
});

Deno.test("broadcast: all who wait are woken by a value, and each by its last waker", () => {
  const [sender, a] = broadcast<number>(8);
  const b = sender.subscribe();
  const waiting = [park(a.next()), park(b.recv())];
  const other = wakeCounter();
  b.pollNext({ waker: other });
  sender.send(1);
  assertEquals([wakes(...waiting), other.count], [[1, 0], 1]);
  assertEquals(waiting.map(({ future }) => take(future)), [1, 1]);
});

Deno.test("broadcast: a slow receiver is told how many it has missed, and goes on with the oldest kept", () => {
  const [sender, slow] = broadcast<number>(3);
  const fast = sender.subscribe();
  const got: number[] = [];
  for (let n = 1; n <= 10; n++) {
    sender.send(n);
    got.push(...drain(fast));
  }
  assertEquals(got, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assertEquals(slow.size, 3);
  const error = assertThrows(
    () => slow.pollNext(cx),
    Lagged,
    "Cannot receive the next value: the receiver lags behind and has missed 7",
  );
  assertEquals([error.missed, error.name], [7, "Lagged"]);
  assertEquals([slow.pollNext(cx), slow.pollNext(cx)], [8, 9]);
  sender.send(11);
  sender.send(12);
  assertEquals(drain(slow), [10, 11, 12]);
});

Deno.test("broadcast: a value is kept until the last has received it, or is gone", () => {
  const [sender, a] = broadcast<number>(3);
  const [b, c] = [sender.subscribe(), sender.subscribe()];
  for (const n of [1, 2, 3]) sender.send(n);
  assertEquals([drain(a), sender.size], [[1, 2, 3], 3]);
  assertEquals([b.tryRecv(), sender.size], [1, 3]);
  drop(c);
  assertEquals([b.size, sender.size], [2, 2]);
  sender.send(4);
  sender.send(5); // the 2 is overwritten, of which b has not heard
  assertEquals([sender.size, a.size], [3, 2]);
  assertThrows(() => b.tryRecv(), Lagged, "has missed 1");
  assertEquals([drain(b), sender.size], [[3, 4, 5], 2]);
  drop(a);
  assertEquals(sender.size, 0);
});

Deno.test("broadcast: with nobody there a value reaches nobody, and costs no room", () => {
  const [sender, only] = broadcast<number>(1);
  drop(only);
  drop(only);
  assertEquals([sender.receiverCount, sender.send(1)], [0, 0]);
  assertEquals(sender.size, 0);
  const late = sender.subscribe();
  assertStrictEquals(late.tryRecv(), Pending);
  sender.send(2);
  assertEquals(drain(late), [2]);
});

Deno.test("broadcast: once all senders are dropped the receivers get what is kept, and then the end", () => {
  const [sender, receiver] = broadcast<number>(4);
  const other = sender.clone();
  sender.send(1);
  drop(sender);
  drop(sender);
  assertEquals(receiver.pollNext(cx), 1);
  const waiting = park(receiver.recv());
  drop(other);
  assertEquals(wakes(waiting), [1]);
  assertStrictEquals(receiver.tryRecv(), Done);
  assertStrictEquals(take(waiting.future), Done);
  assertStrictEquals(receiver.tryRecv(), Done);
  assertEquals(receiver.size, 0);
  assertThrows(
    () => receiver.pollNext(cx),
    PolledAfterCompletionError,
    "Cannot poll BroadcastReceiver: it already completed",
  );
  drop(receiver);
  assertThrows(() => receiver.tryRecv(), PolledAfterCompletionError);
});

Deno.test("broadcast: a receiver that is dropped is not woken, and no longer counted", () => {
  const [sender, a] = broadcast<number>(4);
  const waiting = park(a.recv());
  sender.subscribe();
  drop(a);
  assertEquals(sender.receiverCount, 1);
  assertEquals([sender.send(1), wakes(waiting)], [1, [0]]);
  assertEquals(a.size, 0);
  assertThrows(
    () => a.pollNext(cx),
    PolledAfterCompletionError,
    "was dropped",
  );
});

Deno.test("broadcast: one that has come to its end counts no longer", () => {
  const [sender, a] = broadcast<number>(4);
  drop(sender);
  assertStrictEquals(a.pollNext(cx), Done);
  drop(a);
  assertEquals(sender.receiverCount, 0);
});

Deno.test("broadcast: a sender that was dropped does nothing any more", () => {
  const [sender] = broadcast<number>(4);
  drop(sender);
  const error = assertThrows(
    () => sender.send(1),
    ChannelClosed,
    "Cannot send: the sender was dropped",
  );
  assertEquals(error.value, 1);
  assertThrows(() => sender.subscribe(), ChannelClosed, "Cannot subscribe:");
  assertThrows(() => sender.clone(), ChannelClosed, "Cannot clone:");
});

Deno.test("broadcast: each item costs one unit of the budget, waiting none", () => {
  const [sender, receiver] = broadcast<number>(4);
  const waker = wakeCounter();
  const budget = new Budget(1);
  receiver.pollNext({ waker, budget });
  sender.send(1);
  sender.send(2);
  waker.reset();
  assertEquals(receiver.pollNext({ waker, budget }), 1);
  assertStrictEquals(receiver.pollNext({ waker, budget }), Pending);
  assertEquals(waker.count, 1);
  budget.refill();
  assertEquals(receiver.pollNext({ waker, budget }), 2);
});

Deno.test("broadcast: a capacity that makes no sense is refused", () => {
  for (const bad of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => broadcast(bad),
      RangeError,
      `Cannot make a channel: capacity must be a whole number of at least 1, got ${bad}`,
    );
  }
});
