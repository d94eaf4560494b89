import {
  assert,
  assertEquals,
  assertFalse,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { wakeCounter } from "../../executor/sim/mod.ts";
import { Budget, Pending, pollFn, proceed } from "../../future/mod.ts";

Deno.test("Budget: it is spent unit by unit, and refilled to the full", () => {
  const budget = new Budget(3);
  assertFalse(budget.exhausted);
  assertEquals([budget.spend(), budget.spend()], [true, true]);
  assertFalse(budget.exhausted);
  assertEquals([budget.spend(), budget.spend(), budget.spend()], [
    true,
    false,
    false,
  ]);
  assert(budget.exhausted);
  budget.refill();
  budget.spend();
  budget.refill();
  assertEquals([1, 2, 3, 4].map(() => budget.spend()), [
    true,
    true,
    true,
    false,
  ]);
});

Deno.test("Budget: Infinity never runs out", () => {
  const budget = new Budget(Infinity);
  for (let i = 0; i < 10_000; i++) assert(budget.spend());
  assertFalse(budget.exhausted);
});

Deno.test("Budget: units must be a whole number of at least 1", () => {
  for (const units of [0, -1, 0.5, 1.5, NaN, -Infinity]) {
    const error = assertThrows(() => new Budget(units), RangeError);
    assertEquals(
      error.message,
      `Cannot make a budget: units must be a whole number of at least 1, got ${units}`,
    );
  }
  assertThrows(() => new Budget("x" as unknown as number), RangeError);
});

Deno.test("Budget: rotate goes on by one, with a jump after every 16 calls", () => {
  const budget = new Budget(1);
  const turns = Array.from({ length: 64 }, () => budget.rotate());
  assertEquals(turns.slice(0, 16), [...Array(16).keys()]);
  turns.slice(1).forEach((turn, i) => {
    if ((i + 1) % 16 !== 0) assertEquals(turn, turns[i]! + 1);
  });
  assertEquals(
    new Set([16, 32, 48].map((i) => turns[i]! - turns[i - 1]!)).size,
    3,
  );
});

Deno.test("proceed: it takes one unit for a ready answer, and wakes nobody", () => {
  const budget = new Budget(2);
  const waker = wakeCounter();
  assert(proceed({ waker, budget }));
  assert(proceed({ waker, budget }));
  assertEquals([budget.exhausted, waker.count], [true, 0]);
});

Deno.test("proceed: with nothing left it wakes the task, once a refusal", () => {
  const budget = new Budget(1);
  const waker = wakeCounter();
  proceed({ waker, budget });
  assertFalse(proceed({ waker, budget }));
  assertFalse(proceed({ waker, budget }));
  assertEquals(waker.count, 2);
});

Deno.test("proceed: without a budget there is no limit", () => {
  const waker = wakeCounter();
  for (let i = 0; i < 1000; i++) assert(proceed({ waker }));
  assert(proceed({ waker, budget: undefined }));
  assertEquals(waker.count, 0);
});

Deno.test("proceed: a leaf that is refused is ready after the next refill", () => {
  const cx = { waker: wakeCounter(), budget: new Budget(1) };
  const leaf = () => pollFn((cx) => proceed(cx) ? "ready" : Pending);
  assertEquals(leaf().poll(cx), "ready");
  const second = leaf();
  assertStrictEquals(second.poll(cx), Pending);
  cx.budget.refill();
  assertEquals(second.poll(cx), "ready");
});
