import {
  assert,
  assertEquals,
  assertFalse,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { pollOnce, wakeCounter } from "../../../executor/sim/mod.ts";
import {
  adopt,
  noopWaker,
  Pending,
  pending,
  pollFn,
  ready,
} from "../../../future/mod.ts";
import { Probe } from "../../_probe.ts";

Deno.test("wakeCounter: it counts its wakes, and can start again", () => {
  const waker = wakeCounter();
  assertEquals(waker.count, 0);
  assertFalse(waker.isWoken);
  waker.wake();
  waker.wake();
  assertEquals(waker.count, 2);
  assert(waker.isWoken);
  waker.reset();
  assertEquals(waker.count, 0);
  assertFalse(waker.isWoken);
});

Deno.test("wakeCounter: it will wake the same as itself, and no other", () => {
  const [a, b] = [wakeCounter(), wakeCounter()];
  assert(a.willWake(a));
  assertFalse(a.willWake(b));
  assertFalse(a.willWake(noopWaker));
});

Deno.test("pollOnce: it gives the value, Pending, or throws the failure", () => {
  assertEquals(pollOnce(ready(1)), 1);
  assertStrictEquals(pollOnce(pending()), Pending);
  const error = new Error("own");
  assertStrictEquals(
    assertThrows(() => pollOnce(Probe.failing(error))),
    error,
  );
});

Deno.test("pollOnce: it polls once, with the waker given and without a budget", () => {
  const waker = wakeCounter();
  const probe = new Probe();
  probe.onPoll = (cx) => assertEquals(cx.budget, undefined);
  pollOnce(probe, waker);
  assertEquals(probe.polls, 1);
  assertStrictEquals(probe.waker, waker);
  pollOnce(pollFn((cx) => assertStrictEquals(cx.waker, noopWaker)));
});

Deno.test("pollOnce: it does not adopt", () => {
  const probe = new Probe();
  pollOnce(probe);
  adopt({}, probe); // would throw, were it held
  pollOnce(probe);
  assertEquals(probe.polls, 2);
});
