import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { wakeCounter } from "../../../executor/sim/mod.ts";
import { Budget, Pending, pollFn } from "../../../future/mod.ts";
import { Done } from "../../../future/stream/stream.ts";
import { ChannelClosed, mpsc } from "../../../future/sync/mod.ts";
import { cx, drop, park, take, wakes } from "./_tools.ts";

Deno.test("mpsc sink: it is ready when there is room, which it reserves", () => {
  const [sender, receiver] = mpsc<string>(1);
  const watcher = sender.clone();
  const sink = sender.asSink();
  assertEquals(sink.pollReady(cx), undefined);
  assertEquals(sink.pollReady(cx), undefined);
  assertEquals(watcher.capacity, 0);
  sink.startSend("a");
  assertEquals(sink.pollFlush(cx), undefined);
  const waiting = park(pollFn((cx) => sink.pollReady(cx)));
  assertEquals(receiver.tryRecv(), "a");
  assertEquals(wakes(waiting), [1]);
  take(waiting.future);
  sink.startSend("b");
  assertEquals(receiver.tryRecv(), "b");
});

Deno.test("mpsc sink: it waits for room again and again, each time until it is its turn", () => {
  const [sender, receiver] = mpsc<number>(1);
  const sink = sender.asSink();
  sink.pollReady(cx);
  sink.startSend(0);
  for (let i = 1; i <= 3; i++) {
    assertStrictEquals(sink.pollReady(cx), Pending);
    assertStrictEquals(sink.pollReady(cx), Pending, "still in line");
    assertEquals(receiver.tryRecv(), i - 1);
    assertEquals(sink.pollReady(cx), undefined);
    sink.startSend(i);
  }
  sink.pollReady(cx);
  receiver.close();
  assertThrows(() => sink.pollReady(cx), ChannelClosed, "is closed");
});

Deno.test("mpsc sink: a task that has spent its budget goes on later, with the room", () => {
  const [sender] = mpsc<number>(1);
  const sink = sender.asSink();
  const waker = wakeCounter();
  const budget = new Budget(1);
  budget.spend();
  assertStrictEquals(sink.pollReady({ waker, budget }), Pending);
  assertEquals(waker.count, 1);
  assertEquals(sink.pollReady({ waker, budget }), undefined);
  sink.startSend(1);
});

Deno.test("mpsc sink: room that was granted waits for a task that has spent its budget", () => {
  const [sender, receiver] = mpsc<number>(1);
  const sink = sender.asSink();
  const waker = wakeCounter();
  const budget = new Budget(1);
  sink.pollReady({ waker });
  sink.startSend(1);
  assertStrictEquals(sink.pollReady({ waker, budget }), Pending);
  assertStrictEquals(receiver.tryRecv(), 1);
  budget.spend();
  assertStrictEquals(sink.pollReady({ waker, budget }), Pending);
  assertEquals(waker.count, 2);
  budget.refill();
  assertStrictEquals(sink.pollReady({ waker, budget }), undefined);
  assertEquals(budget.exhausted, true, "room is a ready answer");
  sink.startSend(2);
  assertStrictEquals(receiver.tryRecv(), 2);
});

Deno.test("mpsc sink: an item that nobody was ready for is refused", () => {
  const sink = mpsc<string>(1)[0].asSink();
  const says = "Cannot start to send: pollReady was not ready before";
  assertThrows(() => sink.startSend("a"), TypeError, says);
  sink.pollReady(cx);
  sink.startSend("a");
  assertThrows(() => sink.startSend("b"), TypeError, says);
});

Deno.test("mpsc sink: closing it ends the channel, and gives back what it has reserved", () => {
  for (const reserve of [false, true]) {
    const [sender, receiver] = mpsc<string>(1);
    const sink = sender.asSink();
    if (reserve) sink.pollReady(cx);
    assertStrictEquals(receiver.tryRecv(), Pending);
    assertEquals(sink.pollClose(cx), undefined);
    assertStrictEquals(receiver.tryRecv(), Done);
    assertEquals(sink.pollClose(cx), undefined);
    const error = assertThrows(
      () => sink.startSend("x"),
      ChannelClosed,
      "Cannot send: the sink has ended",
    );
    assertEquals(error.value, "x");
    assertThrows(() => sink.pollReady(cx), ChannelClosed, "has ended");
  }
});

Deno.test("mpsc sink: dropped while it waits, it leaves the line", () => {
  const [sender, receiver] = mpsc<string>(1);
  const other = sender.clone();
  const sink = sender.asSink();
  other.trySend("a");
  park(pollFn((cx) => sink.pollReady(cx)));
  const next = park(other.send("b"));
  drop(sink);
  drop(sink);
  receiver.tryRecv();
  assertEquals(wakes(next), [1]);
});

Deno.test("mpsc sink: it fails, and has ended, once the receiver is closed", () => {
  const [sender, receiver] = mpsc<string>(1);
  const sink = sender.asSink();
  assertEquals(sender.isDropped, true);
  receiver.close();
  assertThrows(
    () => sink.pollReady(cx),
    ChannelClosed,
    "the receiver is closed",
  );
  assertThrows(() => sink.pollReady(cx), ChannelClosed, "the sink has ended");
  drop(sink);
});
