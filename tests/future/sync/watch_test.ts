import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { wakeCounter } from "../../../executor/sim/mod.ts";
import {
  Budget,
  Pending,
  PolledAfterCompletionError,
} from "../../../future/mod.ts";
import { Done } from "../../../future/stream/stream.ts";
import { ChannelClosed, watch } from "../../../future/sync/mod.ts";
import { cx, drop, park, take, wakes } from "./_tools.ts";

Deno.test("watch: changed() waits for a value that was not seen, and marks it as seen", () => {
  const [sender, receiver] = watch("a");
  assertEquals([receiver.borrow(), receiver.hasChanged], ["a", false]);
  const waiting = park(receiver.changed());
  sender.send("b");
  sender.send("c");
  assertEquals(wakes(waiting), [1]);
  take(waiting.future);
  assertEquals([receiver.borrow(), receiver.hasChanged], ["c", false]);
  park(receiver.changed());
});

Deno.test("watch: borrow leaves a value unseen, borrowAndUpdate does not", () => {
  const [sender, receiver] = watch(1);
  sender.send(2);
  assertEquals([receiver.borrow(), receiver.hasChanged], [2, true]);
  take(receiver.changed());
  sender.send(3);
  assertEquals([receiver.borrowAndUpdate(), receiver.hasChanged], [3, false]);
  park(receiver.changed());
});

Deno.test("watch: who was woken and finds the value seen meanwhile waits on, and is woken again", () => {
  const [sender, receiver] = watch(1);
  const waiting = park(receiver.changed());
  sender.send(2);
  receiver.borrowAndUpdate();
  assertStrictEquals(waiting.future.poll(waiting), Pending);
  sender.send(3);
  assertEquals(wakes(waiting), [2]);
  take(waiting.future);
});

Deno.test("watch: each receiver has seen what it has seen", () => {
  const [sender, a] = watch(1);
  sender.send(2);
  const b = sender.subscribe();
  const c = a.clone();
  assertEquals(
    [a, b, c].map((each) => each.hasChanged),
    [true, false, true],
  );
  take(a.changed());
  assertEquals(c.hasChanged, true);
  assertEquals(sender.receiverCount, 3);
});

Deno.test("watch: sendModify makes a new value of the old; if that throws, nothing has changed", () => {
  const [sender, receiver] = watch({ n: 1 });
  sender.sendModify((value) => ({ n: value.n + 1 }));
  assertEquals(receiver.borrowAndUpdate(), { n: 2 });
  sender.sendModify((value) => {
    value.n++;
    return value;
  });
  assertEquals([receiver.hasChanged, sender.borrow()], [true, { n: 3 }]);
  take(receiver.changed());
  const waiting = park(receiver.changed());
  assertThrows(
    () =>
      sender.sendModify(() => {
        throw new Error("broken");
      }),
    Error,
    "broken",
  );
  assertEquals([receiver.hasChanged, wakes(waiting)], [false, [0]]);
});

Deno.test("watch: once the sender is dropped its last value can be seen, then changed() fails", () => {
  const [sender, receiver] = watch(1);
  sender.send(2);
  drop(sender);
  drop(sender);
  assertEquals(receiver.isClosed, true);
  take(receiver.changed());
  assertThrows(
    () => receiver.changed().poll(cx),
    ChannelClosed,
    "Cannot wait for a change: the sender was dropped",
  );
  assertEquals(receiver.borrow(), 2);
});

Deno.test("watch: who waits is woken when the sender is dropped", () => {
  const [sender, receiver] = watch(1);
  const waiting = park(receiver.changed());
  const stream = park(receiver.next());
  assertEquals(receiver.isClosed, false);
  drop(sender);
  assertEquals(wakes(waiting, stream), [1, 1]);
  assertThrows(() => waiting.future.poll(cx), ChannelClosed);
  assertStrictEquals(take(stream.future), Done);
});

Deno.test("watch: waitFor gives the first value that suits, the present one included", () => {
  const [sender, receiver] = watch(1);
  assertEquals(take(receiver.waitFor((n) => n === 1)), 1);
  const waiting = park(receiver.waitFor((n) => n > 2));
  sender.send(2);
  assertStrictEquals(waiting.future.poll(waiting), Pending);
  assertEquals(receiver.hasChanged, false);
  sender.send(3);
  assertEquals(wakes(waiting), [2]);
  assertEquals(take(waiting.future), 3);
  const hopeless = park(receiver.waitFor((n) => n > 9));
  drop(sender);
  assertEquals(wakes(hopeless), [1]);
  assertThrows(() => hopeless.future.poll(cx), ChannelClosed);
  assertEquals(take(receiver.waitFor((n) => n === 3)), 3);
  const broken = receiver.waitFor(() => {
    throw new Error("broken");
  });
  assertThrows(() => broken.poll(cx), Error, "broken");
  assertThrows(() => broken.poll(cx), PolledAfterCompletionError, "failed");
});

Deno.test("watch: as a stream, it gives the latest value each time, then the end", () => {
  const [sender, receiver] = watch(1);
  const waiting = park(receiver.next());
  sender.send(2);
  sender.send(3);
  assertEquals([wakes(waiting), take(waiting.future)], [[1], 3]);
  assertStrictEquals(receiver.pollNext(cx), Pending);
  sender.send(4);
  drop(sender);
  assertEquals(receiver.pollNext(cx), 4);
  assertStrictEquals(receiver.pollNext(cx), Done);
  assertThrows(
    () => receiver.pollNext(cx),
    PolledAfterCompletionError,
    "Cannot poll WatchReceiver: it already completed",
  );
});

Deno.test("watch: a value is kept also when nobody looks", () => {
  const [sender, receiver] = watch(1);
  drop(receiver);
  drop(receiver);
  assertEquals([sender.receiverCount, sender.isClosed], [0, true]);
  sender.send(2);
  const late = sender.subscribe();
  assertEquals([late.borrow(), late.hasChanged], [2, false]);
  assertEquals(sender.isClosed, false);
});

Deno.test("watch: closed() completes once the last receiver is dropped", () => {
  const [sender, a] = watch(1);
  const b = a.clone();
  const waiting = park(sender.closed());
  drop(a);
  assertEquals(wakes(waiting), [0]);
  drop(b);
  assertEquals(wakes(waiting), [1]);
  const late = sender.subscribe();
  assertStrictEquals(waiting.future.poll(waiting), Pending, "there is one");
  drop(late);
  assertEquals(wakes(waiting), [2]);
  take(waiting.future);
});

Deno.test("watch: a sender that was dropped does nothing any more", () => {
  const [sender, receiver] = watch(1);
  drop(sender);
  const error = assertThrows(
    () => sender.send(2),
    ChannelClosed,
    "Cannot send: the sender was dropped",
  );
  assertEquals(error.value, 2);
  assertThrows(() => sender.sendModify((n) => n), ChannelClosed, "Cannot send");
  assertThrows(() => sender.subscribe(), ChannelClosed, "Cannot subscribe:");
  assertEquals([receiver.borrow(), sender.borrow()], [1, 1]);
});

Deno.test("watch: a receiver that was dropped waits for nothing, and is not woken", () => {
  const [sender, receiver] = watch(1);
  const waiting = park(receiver.next());
  const changed = receiver.changed();
  const suits = receiver.waitFor(() => true);
  drop(receiver);
  sender.send(2);
  assertEquals(wakes(waiting), [0]);
  drop(waiting.future);
  for (const late of [changed, suits, receiver.next()]) {
    assertThrows(
      () => late.poll(cx),
      PolledAfterCompletionError,
      "Cannot poll WatchReceiver: it was dropped",
    );
  }
  assertThrows(() => receiver.clone(), PolledAfterCompletionError);
});

Deno.test("watch: each item costs one unit of the budget, waiting none", () => {
  const [sender, receiver] = watch(1);
  const waker = wakeCounter();
  const budget = new Budget(1);
  receiver.pollNext({ waker, budget });
  receiver.changed().poll({ waker, budget });
  assertEquals(budget.exhausted, false);
  sender.send(2);
  assertEquals(receiver.pollNext({ waker, budget }), 2);
  sender.send(3);
  waker.reset();
  assertStrictEquals(receiver.pollNext({ waker, budget }), Pending);
  const changed = receiver.changed();
  assertStrictEquals(changed.poll({ waker, budget }), Pending);
  assertEquals([waker.count, receiver.hasChanged], [2, true]);
  budget.refill();
  assertEquals(changed.poll({ waker, budget }), undefined);
  assertEquals(budget.exhausted, true);
});
