import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  type Future,
  Pending,
  PolledAfterCompletionError,
} from "../../../future/mod.ts";
import { Done } from "../../../future/stream/stream.ts";
import { ChannelClosed, mpsc } from "../../../future/sync/mod.ts";
import { cx, drop, park, take, wakes } from "./_tools.ts";

/** The value that a failing send hands back. */
function unsent(send: () => unknown, why: string): unknown {
  const error = assertThrows(send, ChannelClosed, `Cannot send: ${why}`);
  assertEquals(error.message, `Cannot send: ${why}`);
  return error.value;
}

const closed = "the receiver is closed";
const poll = (future: Future<unknown>) => () => future.poll(cx);

Deno.test("mpsc: once all senders are dropped the receiver gets what is there, and then the end", () => {
  const [sender, receiver] = mpsc<number>(2);
  const other = sender.clone();
  sender.trySend(1);
  drop(sender);
  drop(sender);
  other.trySend(2);
  drop(other);
  assertEquals(receiver.pollNext(cx), 1);
  assertEquals(receiver.pollNext(cx), 2);
  assertStrictEquals(receiver.tryRecv(), Done);
  assertStrictEquals(receiver.pollNext(cx), Done);
  assertStrictEquals(receiver.tryRecv(), Done);
  assertThrows(
    () => receiver.pollNext(cx),
    PolledAfterCompletionError,
    "Cannot poll MpscReceiver: it already completed",
  );
});

Deno.test("mpsc: a receiver that waits is woken by the last sender to go", () => {
  const [sender, receiver] = mpsc<number>(2);
  const other = sender.clone();
  const waiting = park(receiver.recv());
  drop(sender);
  assertEquals(wakes(waiting), [0]);
  drop(other);
  assertEquals(wakes(waiting), [1]);
  assertStrictEquals(take(waiting.future), Done);
});

Deno.test("mpsc: a send in line keeps the channel open when its sender is dropped", () => {
  const [sender, receiver] = mpsc<number>(1);
  sender.trySend(1);
  const [two, three] = [park(sender.send(2)), park(sender.send(3))];
  drop(sender);
  assertEquals(receiver.pollNext(cx), 1);
  const waiting = park(receiver.recv());
  take(two.future);
  assertEquals(take(waiting.future), 2);
  const again = park(receiver.recv());
  drop(three.future); // granted, never taken
  assertEquals(wakes(again), [1]);
  assertStrictEquals(take(again.future), Done);
});

Deno.test("mpsc: a send in line that is dropped last ends the channel", () => {
  const [sender, receiver] = mpsc<number>(1);
  const permit = sender.tryReserve()!;
  const waits = park(sender.send(2));
  drop(sender);
  const receiving = park(receiver.recv());
  drop(waits.future);
  assertEquals(wakes(receiving), [0], "the permit is still out");
  drop(permit);
  assertEquals(wakes(receiving), [1]);
  assertStrictEquals(take(receiving.future), Done);
});

Deno.test("mpsc: a permit keeps the channel open when its sender is dropped", () => {
  const [sender, receiver] = mpsc<number>(1);
  const permit = sender.tryReserve()!;
  drop(sender);
  assertStrictEquals(receiver.tryRecv(), Pending);
  permit.send(1);
  assertEquals(receiver.tryRecv(), 1);
  assertStrictEquals(receiver.tryRecv(), Done);
});

Deno.test("mpsc: close refuses all who wait and who come, and drains what was sent", () => {
  const [sender, receiver] = mpsc<string>(1);
  sender.trySend("a");
  const early = sender.send("early");
  const [b, c] = [park(sender.send("b")), park(sender.reserve())];
  assertEquals([receiver.isClosed, sender.isClosed], [false, false]);
  receiver.close();
  receiver.close();
  assertEquals([receiver.isClosed, sender.isClosed], [true, true]);
  assertEquals(wakes(b, c), [1, 1]);
  assertEquals(unsent(poll(b.future), closed), "b");
  assertEquals(unsent(poll(c.future), closed), undefined);
  assertEquals(unsent(poll(early), closed), "early");
  assertEquals(unsent(() => sender.trySend("x"), closed), "x");
  assertEquals(unsent(() => sender.tryReserve(), closed), undefined);
  assertEquals(receiver.pollNext(cx), "a");
  assertStrictEquals(receiver.pollNext(cx), Done);
});

Deno.test("mpsc: after close the receiver waits for the places that were granted", () => {
  const [sender, receiver] = mpsc<string>(2);
  const permit = sender.tryReserve()!;
  const other = sender.tryReserve()!;
  const send = park(sender.send("c"));
  drop(other);
  assertEquals(wakes(send), [1]);
  receiver.close();
  const receiving = park(receiver.recv());
  permit.send("a");
  assertEquals(take(receiving.future), "a");
  take(send.future);
  assertEquals(receiver.tryRecv(), "c");
  assertStrictEquals(receiver.tryRecv(), Done);
});

Deno.test("mpsc: after close an unused permit that is dropped ends the waiting", () => {
  const [sender, receiver] = mpsc<string>(2);
  const permit = sender.tryReserve()!;
  receiver.close();
  const receiving = park(receiver.recv());
  drop(permit);
  assertEquals(wakes(receiving), [1]);
  assertStrictEquals(take(receiving.future), Done);
});

Deno.test("mpsc: a receiver that waits is woken by its own close", () => {
  const [, receiver] = mpsc<string>(2);
  const receiving = park(receiver.recv());
  receiver.close();
  assertEquals(wakes(receiving), [1]);
  assertStrictEquals(take(receiving.future), Done);
});

Deno.test("mpsc: a dropped receiver refuses everything, and hands every value back", () => {
  const [sender, receiver] = mpsc<string>(3);
  sender.trySend("lost");
  const permit = sender.tryReserve()!;
  const other = sender.tryReserve()!;
  const granted = park(sender.send("granted"));
  const waiting = park(sender.send("waiting"));
  drop(other);
  const receiving = park(sender.closed());
  drop(receiver);
  drop(receiver);
  assertEquals(wakes(granted, waiting, receiving), [1, 1, 1]);
  const dropped = "the receiver was dropped";
  assertEquals(unsent(poll(granted.future), dropped), "granted");
  assertThrows(poll(granted.future), PolledAfterCompletionError, "failed");
  assertEquals(unsent(() => permit.send("permit"), dropped), "permit");
  assertEquals(unsent(poll(waiting.future), closed), "waiting");
  assertEquals(unsent(() => sender.trySend("new"), closed), "new");
  assertEquals([sender.isClosed, sender.capacity], [true, 3]);
  assertEquals(receiver.size, 0);
  assertThrows(
    () => receiver.pollNext(cx),
    PolledAfterCompletionError,
    "was dropped",
  );
  assertThrows(() => receiver.tryRecv(), PolledAfterCompletionError);
});

Deno.test("mpsc: a receiver that is dropped is not woken", () => {
  const [sender, receiver] = mpsc<string>(3);
  const waiting = park(receiver.recv());
  drop(receiver);
  drop(sender);
  assertEquals(wakes(waiting), [0]);
});

Deno.test("mpsc: closed() completes once the receiver is closed or dropped", () => {
  for (const how of ["close", "drop"] as const) {
    const [sender, receiver] = mpsc<string>(1);
    const waiting = [park(sender.closed()), park(sender.clone().closed())];
    if (how === "close") receiver.close();
    else drop(receiver);
    assertEquals(wakes(...waiting), [1, 1]);
    waiting.forEach(({ future }) => take(future));
    take(sender.closed());
  }
});

Deno.test("mpsc: a sender that was dropped sends nothing and makes no other", () => {
  const [sender, receiver] = mpsc<string>(1);
  const other = sender.clone();
  const early = sender.send("early");
  drop(sender);
  const why = "the sender was dropped";
  assertEquals([sender.isClosed, sender.isDropped], [true, true]);
  assertEquals([other.isClosed, other.isDropped], [false, false]);
  assertEquals(unsent(poll(early), why), "early");
  assertEquals(unsent(poll(sender.reserve()), why), undefined);
  assertEquals(unsent(() => sender.trySend("x"), why), "x");
  assertEquals(unsent(() => sender.tryReserve(), why), undefined);
  assertEquals(unsent(() => sender.clone(), why), undefined);
  assertEquals(unsent(() => sender.asSink(), why), undefined);
  assertStrictEquals(receiver.tryRecv(), Pending);
});
