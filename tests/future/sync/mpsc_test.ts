import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { wakeCounter } from "../../../executor/sim/mod.ts";
import { Budget, Pending } from "../../../future/mod.ts";
import { ChannelClosed, ChannelFull, mpsc } from "../../../future/sync/mod.ts";
import { cx, drop, park, take, wakes } from "./_tools.ts";

Deno.test("mpsc: values come out in the order they went in", () => {
  const [sender, receiver] = mpsc<number>(100);
  const other = sender.clone();
  for (let i = 0; i < 100; i += 2) {
    take(sender.send(i));
    other.trySend(i + 1);
  }
  assertEquals([receiver.size, sender.capacity], [100, 0]);
  for (let i = 0; i < 100; i++) assertEquals(take(receiver.recv()), i);
  assertEquals([receiver.size, sender.capacity], [0, 100]);
  assertEquals(sender.maxCapacity, 100);
});

Deno.test("mpsc: nothing is sent before the first poll", () => {
  const [sender, receiver] = mpsc<number>(1);
  sender.send(1);
  sender.reserve();
  assertEquals([receiver.size, sender.capacity], [0, 1]);
});

Deno.test("mpsc: a receiver that waits is woken by a value, once", () => {
  const [sender, receiver] = mpsc<number>(2);
  const waiting = park(receiver.next());
  sender.trySend(1);
  sender.trySend(2);
  assertEquals(wakes(waiting), [1]);
  assertEquals(take(waiting.future), 1);
});

Deno.test("mpsc: the waker of the receiver's last poll is the one that is called", () => {
  const [sender, receiver] = mpsc<number>(2);
  const { waker, future } = park(receiver.recv());
  const other = wakeCounter();
  future.poll({ waker: other });
  sender.trySend(1);
  assertEquals([waker.count, other.count], [0, 1]);
});

Deno.test("mpsc: a send waits while the channel is full, in line", () => {
  const [sender, receiver] = mpsc<string>(1);
  take(sender.send("a"));
  const [b, c] = [park(sender.send("b")), park(sender.clone().send("c"))];
  assertEquals(receiver.tryRecv(), "a");
  assertEquals(wakes(b, c), [1, 0]);
  assertStrictEquals(receiver.tryRecv(), Pending, "b sends when it is polled");
  assertThrows(() => sender.trySend("x"), ChannelFull, "the channel is full");
  take(b.future);
  assertEquals([receiver.tryRecv(), wakes(b, c)], ["b", [1, 1]]);
  take(c.future);
  assertEquals(receiver.tryRecv(), "c");
});

Deno.test("mpsc: a send that is dropped has sent nothing, and its place goes to the next", () => {
  const [sender, receiver] = mpsc<string>(1);
  sender.trySend("a");
  const [b, c, d] = ["b", "c", "d"].map((each) => park(sender.send(each)));
  drop(c!.future);
  receiver.tryRecv();
  assertEquals(wakes(b!, c!, d!), [1, 0, 0]);
  drop(b!.future); // granted
  assertEquals(wakes(b!, c!, d!), [1, 0, 1]);
  take(d!.future);
  assertEquals([receiver.tryRecv(), receiver.tryRecv()], ["d", Pending]);
  assertEquals(sender.capacity, 1);
});

Deno.test("mpsc: a permit is a place for a value that is sent without waiting", () => {
  const [sender, receiver] = mpsc<string>(1);
  const permit = take(sender.reserve());
  assertEquals([sender.capacity, receiver.size], [0, 0]);
  assertEquals(sender.tryReserve(), null);
  const waiting = park(receiver.recv());
  permit.send("a");
  assertEquals(wakes(waiting), [1]);
  drop(permit);
  assertEquals(sender.capacity, 0);
  assertEquals(take(waiting.future), "a");
  assertEquals(sender.capacity, 1);
});

Deno.test("mpsc: a permit that is not used goes to the next in line, once", () => {
  const [sender] = mpsc<string>(1);
  const permit = sender.tryReserve()!;
  const [a, b] = [park(sender.reserve()), park(sender.send("b"))];
  drop(permit);
  drop(permit);
  assertEquals(wakes(a, b), [1, 0]);
  drop(a.future);
  assertEquals(wakes(a, b), [1, 1]);
  take(b.future);
});

Deno.test("mpsc: a permit sends one value, and hands back a second", () => {
  const [sender, receiver] = mpsc<string>(2);
  const used = sender.tryReserve()!;
  used.send("a");
  const dropped = sender.tryReserve()!;
  drop(dropped);
  for (const permit of [used, dropped]) {
    const error = assertThrows(
      () => permit.send("b"),
      ChannelClosed,
      "Cannot send: the permit was already used or given back",
    );
    assertEquals(error.value, "b");
  }
  assertEquals([receiver.size, sender.capacity], [1, 1]);
});

Deno.test("mpsc: a full channel hands the value back, and says that it is full, not closed", () => {
  const [sender] = mpsc<string>(1);
  sender.trySend("a");
  const error = assertThrows(() => sender.trySend("b"), ChannelFull);
  assertEquals(
    [error.value, error.name, error.message, error instanceof ChannelClosed],
    ["b", "ChannelFull", "Cannot send: the channel is full", false],
  );
});

Deno.test("mpsc: without a limit nothing ever waits for room", () => {
  const [sender, receiver] = mpsc<number>(Infinity);
  for (let i = 0; i < 10_000; i++) take(sender.send(i));
  assertEquals([sender.capacity, sender.maxCapacity], [Infinity, Infinity]);
  for (let i = 0; i < 10_000; i++) assertEquals(receiver.tryRecv(), i);
  assertEquals([receiver.size, receiver.tryRecv()], [0, Pending]);
  sender.trySend(1);
  assertEquals(receiver.tryRecv(), 1);
});

Deno.test("mpsc: a capacity that makes no sense is refused", () => {
  for (const bad of [0, -1, 1.5, NaN, -Infinity, 2 ** 53]) {
    assertThrows(
      () => mpsc(bad),
      RangeError,
      `Cannot make a channel: capacity must be a whole number of at least 1, got ${bad}`,
    );
  }
});

Deno.test("mpsc: each item costs one unit of the budget, waiting none", () => {
  const [sender, receiver] = mpsc<number>(3);
  const waker = wakeCounter();
  const budget = new Budget(2);
  receiver.pollNext({ waker, budget });
  for (const n of [1, 2, 3]) sender.trySend(n);
  waker.reset();
  assertEquals(receiver.pollNext({ waker, budget }), 1);
  assertEquals(receiver.pollNext({ waker, budget }), 2);
  assertStrictEquals(receiver.pollNext({ waker, budget }), Pending);
  assertEquals([waker.count, receiver.size], [1, 1]);
  budget.refill();
  assertEquals(receiver.pollNext({ waker, budget }), 3);
});

Deno.test("mpsc: a send costs one unit of the budget", () => {
  const [sender] = mpsc<number>(3);
  const budget = new Budget(1);
  const waker = wakeCounter();
  take({ poll: () => sender.send(1).poll({ waker, budget }) } as never);
  const second = sender.send(2);
  assertStrictEquals(second.poll({ waker, budget }), Pending);
  assertEquals([waker.count, sender.capacity], [1, 2]);
});

Deno.test("mpsc: a next() that is dropped takes no value along", () => {
  const [sender, receiver] = mpsc<number>(3);
  const waiting = park(receiver.next());
  sender.trySend(1);
  drop(waiting.future);
  assertEquals(receiver.pollNext(cx), 1);
});
