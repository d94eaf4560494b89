import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { wakeCounter } from "../../../executor/sim/mod.ts";
import {
  Budget,
  noopWaker,
  Pending,
  PolledAfterCompletionError,
} from "../../../future/mod.ts";
import {
  ChannelClosed,
  oneshot,
  type OneshotReceiver,
} from "../../../future/sync/mod.ts";
import { gc } from "../../executor/_heap.ts";
import { cx, drop, park, rude, take, wakes } from "./_tools.ts";

Deno.test("oneshot: the receiver is a future of the value, and is woken by the send", () => {
  const [sender, receiver] = oneshot<string>();
  const waiting = park(receiver);
  sender.send("hello");
  assertEquals(wakes(waiting), [1]);
  assertEquals(take(receiver), "hello");
  assertThrows(
    () => receiver.poll(cx),
    PolledAfterCompletionError,
    "Cannot poll OneshotReceiver: it already completed",
  );
});

Deno.test("oneshot: a value that was sent outlives its sender", () => {
  const [sender, receiver] = oneshot<undefined>();
  sender.send(undefined);
  drop(sender);
  assertEquals(take(receiver), undefined);
});

Deno.test("oneshot: the waker of the last poll is the one that is called", () => {
  const [sender, receiver] = oneshot<number>();
  const { waker } = park(receiver);
  const other = wakeCounter();
  receiver.poll({ waker: other });
  sender.send(1);
  assertEquals([waker.count, other.count], [0, 1]);
});

Deno.test("oneshot: a dropped sender fails the receiver", () => {
  const [sender, receiver] = oneshot<number>();
  const waiting = park(receiver);
  drop(sender);
  drop(sender);
  assertEquals(wakes(waiting), [1]);
  const error = assertThrows(
    () => receiver.poll(cx),
    ChannelClosed,
    "Cannot receive: the sender was dropped before it had sent a value",
  );
  assertEquals(error.value, undefined);
  assertThrows(() => receiver.poll(cx), PolledAfterCompletionError, "failed");
});

Deno.test("oneshot: a value that cannot be sent is handed back", () => {
  const cases: [(ends: ReturnType<typeof oneshot<string>>) => void, string][] =
    [
      [([, receiver]) => receiver.close(), "the receiver is closed"],
      [([, receiver]) => drop(receiver), "the receiver is closed"],
      [([sender]) => drop(sender), "the sender was dropped"],
      [
        ([sender, receiver]) => {
          sender.send("first");
          take(receiver);
        },
        "the sender has sent its one value",
      ],
      [([sender]) => sender.send("first"), "the sender has sent its one value"],
    ];
  for (const [spoil, why] of cases) {
    const ends = oneshot<string>();
    assertEquals(ends[0].isClosed, false);
    spoil(ends);
    assertEquals(ends[0].isClosed, true);
    const error = assertThrows(() => ends[0].send("back"), ChannelClosed, why);
    assertEquals(error.message, `Cannot send: ${why}`);
    assertEquals([error.value, error.name], ["back", "ChannelClosed"]);
  }
});

Deno.test("oneshot: closed() completes once nobody wants the value", () => {
  for (const how of ["close", "drop", "sent", "sender dropped"]) {
    const [sender, receiver] = oneshot<number>();
    const waiting = [park(sender.closed()), park(sender.closed())];
    if (how === "close") receiver.close();
    if (how === "drop") drop(receiver);
    if (how === "sent") sender.send(1);
    if (how === "sender dropped") drop(sender);
    assertEquals(wakes(...waiting), [1, 1], how);
    waiting.forEach(({ future }) => take(future));
    take(sender.closed());
  }
});

Deno.test("oneshot: a receiver that is closed still gets what was sent before", () => {
  const [sender, receiver] = oneshot<number>();
  sender.send(1);
  receiver.close();
  assertEquals(take(receiver), 1);
});

Deno.test("oneshot: a receiver that is closed before a value was sent fails, and is woken for that", () => {
  const [, receiver] = oneshot<number>();
  const waiting = park(receiver);
  receiver.close();
  receiver.close();
  assertEquals(wakes(waiting), [1]);
  assertThrows(
    () => receiver.poll(cx),
    ChannelClosed,
    "Cannot receive: the receiver was closed before a value was sent",
  );
});

Deno.test("oneshot: tryRecv takes the value if it is there", () => {
  const [sender, receiver] = oneshot<number>();
  assertStrictEquals(receiver.tryRecv(), Pending);
  sender.send(1);
  assertEquals(receiver.tryRecv(), 1);
  assertThrows(() => receiver.tryRecv(), PolledAfterCompletionError);
  assertThrows(() => receiver.poll(cx), PolledAfterCompletionError);
  const [gone, failing] = oneshot<number>();
  drop(gone);
  assertThrows(() => failing.tryRecv(), ChannelClosed, "was dropped");
});

Deno.test("oneshot: a receiver that is dropped wakes nobody but who waits for that", () => {
  const [sender, receiver] = oneshot<number>();
  const waiting = park(receiver);
  const closed = park(sender.closed());
  drop(receiver);
  drop(receiver);
  assertEquals(wakes(waiting, closed), [0, 1]);
  assertThrows(
    () => receiver.poll(cx),
    PolledAfterCompletionError,
    "was dropped",
  );
  receiver.close();
});

Deno.test("oneshot: a value is handed out for one unit of the budget", () => {
  const [sender, receiver] = oneshot<number>();
  const budget = new Budget(1);
  const waker = wakeCounter();
  receiver.poll({ waker, budget });
  assertEquals(budget.spend(), true, "waiting has cost nothing");
  sender.send(1);
  waker.reset();
  assertStrictEquals(receiver.poll({ waker, budget }), Pending);
  assertEquals(waker.count, 1);
  budget.refill();
  assertEquals(receiver.poll({ waker, budget }), 1);
  assertEquals(budget.exhausted, true);
});

Deno.test("oneshot: a waker that throws keeps those who wait for closed() from nothing", () => {
  const [sender, receiver] = oneshot<number>();
  receiver.poll({
    waker: rude(() => {
      throw new Error("bad waker");
    }),
  });
  const closed = park(sender.closed());
  assertThrows(() => sender.send(1), Error, "bad waker");
  assertEquals([wakes(closed), take(receiver)], [[1], 1]);
});

Deno.test("oneshot: polled after its end it throws, also when the budget is spent", () => {
  const [sender, receiver] = oneshot<number>();
  sender.send(1);
  const budget = new Budget(1);
  const tight = { waker: noopWaker, budget };
  assertEquals(receiver.poll(tight), 1);
  assert(budget.exhausted);
  assertThrows(() => receiver.poll(tight), PolledAfterCompletionError);
});

const ends: Record<string, (receiver: OneshotReceiver<object>) => void> = {
  "was received": (receiver) => void receiver.tryRecv(),
  "was dropped with its receiver": drop,
};

for (const [how, end] of Object.entries(ends)) {
  Deno.test(`oneshot: a value that ${how} is not kept`, async () => {
    const [sender, receiver] = oneshot<object>();
    const send = () => {
      const value = {};
      sender.send(value);
      end(receiver);
      return new WeakRef(value);
    };
    const value = send();
    await new Promise((resolve) => setImmediate(resolve)); // lets go of WeakRefs
    gc();
    assertEquals(value.deref(), undefined);
    assertThrows(() => receiver.tryRecv(), PolledAfterCompletionError);
  });
}
