import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  adopt,
  Budget,
  CancelledError,
  Pending,
  PolledAfterCompletionError,
  shared,
} from "../../future/mod.ts";
import { wakeCounter } from "../../executor/sim/mod.ts";
import { Probe } from "../_probe.ts";

Deno.test("shared: all handles get the very same value, of one run", () => {
  const value = {};
  const probe = new Probe<object>();
  const first = shared(probe);
  const second = first.clone();
  const [a, b] = [wakeCounter(), wakeCounter()];
  assertStrictEquals(first.poll({ waker: a }), Pending);
  assertStrictEquals(second.poll({ waker: b }), Pending);
  assertEquals(probe.polls, 1, "it was not woken between the two polls");
  probe.complete(value);
  assertEquals([a.count, b.count], [1, 1]);
  assertStrictEquals(second.poll({ waker: b }), value);
  assertStrictEquals(first.poll({ waker: a }), value);
  assertEquals(probe.polls, 2);
});

Deno.test("shared: all handles get the same failure", () => {
  const boom = new Error("boom");
  const first = shared(Probe.failing(boom));
  const second = first.clone();
  const cx = { waker: wakeCounter() };
  assertStrictEquals(assertThrows(() => first.poll(cx)), boom);
  assertStrictEquals(assertThrows(() => second.poll(cx)), boom);
});

Deno.test("shared: whoever completes it wakes those who wait", () => {
  const probe = new Probe<number>();
  const first = shared(probe);
  const second = first.clone();
  const a = wakeCounter();
  first.poll({ waker: a });
  probe.complete(1);
  a.reset();
  assertEquals(second.poll({ waker: wakeCounter() }), 1);
  assertEquals(first.poll({ waker: a }), 1);
});

Deno.test("shared: the last handle to be dropped drops the future, once", () => {
  const probe = new Probe<number>();
  const first = shared(probe);
  const second = first.clone();
  second.poll({ waker: wakeCounter() });
  second[Symbol.dispose]();
  second[Symbol.dispose]();
  assertEquals(probe.drops, 0);
  first[Symbol.dispose]();
  assertEquals(probe.drops, 1);
  assertThrows(() => first.clone(), PolledAfterCompletionError);
  assertThrows(
    () => first.poll({ waker: wakeCounter() }),
    PolledAfterCompletionError,
    "was dropped",
  );
});

Deno.test("shared: those who wait go on when the handle that polled is dropped", () => {
  const probe = new Probe<number>();
  const first = shared(probe);
  const second = first.clone();
  const b = wakeCounter();
  first.poll({ waker: wakeCounter() });
  second.poll({ waker: b });
  first[Symbol.dispose]();
  probe.complete(1);
  assertEquals(b.count, 1);
  assertEquals(second.poll({ waker: b }), 1);
});

Deno.test("shared: a handle made after the end gets the value too", () => {
  const first = shared(Probe.ready(1));
  const cx = { waker: wakeCounter() };
  assertEquals(first.poll(cx), 1);
  assertEquals(first.clone().poll(cx), 1);
  assertThrows(() => first.poll(cx), PolledAfterCompletionError);
});

Deno.test("shared: a future that wakes itself while it is polled is polled again", () => {
  const probe = new Probe<number>();
  probe.onPoll = (cx) => cx.waker.wake();
  const first = shared(probe);
  const a = wakeCounter();
  first.poll({ waker: a });
  assertEquals(a.count, 1);
  first.poll({ waker: a });
  assertEquals(probe.polls, 2);
});

Deno.test("shared: a future woken meanwhile is polled by whoever comes next", () => {
  const probe = new Probe<number>();
  const first = shared(probe);
  const second = first.clone();
  const a = wakeCounter();
  first.poll({ waker: a });
  probe.wake();
  second.poll({ waker: wakeCounter() });
  assertEquals(probe.polls, 2);
  assertEquals(a.count, 1);
});

Deno.test("shared: the future takes from the budget of whoever polls", () => {
  const probe = new Probe<number>();
  probe.onPoll = (cx) => void cx.budget!.spend();
  const budget = new Budget(1);
  shared(probe).poll({ waker: wakeCounter(), budget });
  assertEquals(budget.exhausted, true);
});

Deno.test("shared: a future that has ended is nobody's", () => {
  const probe = Probe.ready(1);
  shared(probe).poll({ waker: wakeCounter() });
  adopt({}, probe);
});

Deno.test("shared: a future that drops its last handle makes the poll say so", () => {
  const probe = new Probe<number>();
  const only = shared(probe);
  probe.onPoll = () => only[Symbol.dispose]();
  assertThrows(
    () => only.poll({ waker: wakeCounter() }),
    CancelledError,
    "dropped from inside",
  );
  assertEquals(probe.drops, 1);
});

Deno.test("shared: a waker that throws keeps no other from being woken", () => {
  const probe = new Probe<number>();
  const first = shared(probe);
  const [second, third] = [first.clone(), first.clone()];
  const other = wakeCounter();
  const bad = {
    wake() {
      throw "bad waker";
    },
    willWake: () => false,
  };
  first.poll({ waker: bad });
  second.poll({ waker: other });
  assertStrictEquals(assertThrows(() => probe.wake()), "bad waker");
  assertEquals(other.count, 1);
  third.poll({ waker: wakeCounter() });
  assertEquals(probe.polls, 2, "it is polled as ever");
});
