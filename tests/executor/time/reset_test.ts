import {
  assert,
  assertEquals,
  assertFalse,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Executor } from "../../../executor/mod.ts";
import {
  pollOnce,
  VirtualClock,
  wakeCounter,
} from "../../../executor/sim/mod.ts";
import { AsyncTimer, sleepUntil } from "../../../executor/time/mod.ts";
import {
  Pending,
  pin,
  PolledAfterCompletionError,
} from "../../../future/mod.ts";
import { inside } from "../_inside.ts";

/** A timer that a task waits for. */
function armed(delay: number) {
  const clock = new VirtualClock();
  const executor = new Executor({ host: clock });
  const timer = new AsyncTimer(delay);
  const task = executor.spawn(pin(timer));
  clock.settle();
  return { clock, executor, timer, task };
}

Deno.test("reset: before the first poll, the new delay counts from that", () => {
  for (const timer of [new AsyncTimer(50), sleepUntil(50)]) {
    const clock = new VirtualClock();
    using executor = new Executor({ host: clock });
    timer.reset(10);
    clock.advance(100);
    const task = executor.spawn(timer);
    clock.advance(9);
    assertFalse(task.isFinished);
    clock.advance(1);
    assert(task.isFinished);
  }
});

Deno.test("reset: an armed timer is put off", () => {
  const { clock, executor, timer, task } = armed(30);
  clock.advance(20);
  timer.reset(30);
  assertEquals(executor.timerCount, 1);
  clock.advance(29.5);
  assertFalse(task.isFinished);
  clock.advance(0.5);
  assert(task.isFinished);
  assertEquals(executor.timerCount, 0);
});

Deno.test("reset: an armed timer is brought forward", () => {
  const { clock, timer, task } = armed(30_000);
  clock.advance(20);
  timer.reset(5.5);
  clock.advance(5);
  assertFalse(task.isFinished);
  clock.advance(0.5);
  assert(task.isFinished);
});

Deno.test("reset: to 0, it is due now", () => {
  const { clock, timer, task } = armed(30);
  clock.advance(1.5);
  timer.reset(0);
  clock.advance(0);
  assert(task.isFinished);
});

Deno.test("reset: to Infinity and back", () => {
  const { clock, executor, timer, task } = armed(30);
  timer.reset(Infinity);
  clock.advance(10_000);
  assertFalse(task.isFinished);
  assertEquals(executor.timerCount, 1);
  timer.reset(10);
  clock.advance(9);
  assertFalse(task.isFinished);
  clock.advance(1);
  assert(task.isFinished);
});

Deno.test("reset: the waker of the last poll stays the one that is woken", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const waker = wakeCounter();
  const timer = new AsyncTimer(10);
  inside(executor, clock, () => pollOnce(timer, waker));
  timer.reset(20);
  clock.advance(10);
  assertEquals(waker.count, 0);
  clock.advance(10);
  assertEquals(waker.count, 1);
});

Deno.test("reset: fired and not yet polled, it starts anew", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const waker = wakeCounter();
  const timer = new AsyncTimer(10);
  inside(executor, clock, () => pollOnce(timer, waker));
  clock.advance(10);
  assertEquals(waker.count, 1);
  timer.reset(10);
  clock.advance(4);
  assertStrictEquals(pollOnce(timer, waker), Pending);
  clock.advance(6); // counted from the reset, not from the poll
  assertEquals(waker.count, 2);
  assertStrictEquals(pollOnce(timer, waker), undefined);
});

Deno.test("reset: due at once and not yet polled again, it starts anew", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const waker = wakeCounter();
  const timer = new AsyncTimer(0);
  inside(executor, clock, () => pollOnce(timer, waker));
  timer.reset(10);
  assertStrictEquals(pollOnce(timer, waker), Pending);
  assertEquals(executor.timerCount, 1);
  clock.advance(10);
  assertStrictEquals(pollOnce(timer, waker), undefined);
});

Deno.test("reset: a completed timer can be waited for again", () => {
  const { clock, executor, timer, task } = armed(10);
  clock.advance(10);
  assert(task.isFinished);
  for (let i = 0; i < 3; i++) {
    timer.reset(10);
    assertEquals(executor.timerCount, 0, "not armed until it is polled");
    const again = executor.spawn(pin(timer));
    clock.advance(9);
    assertFalse(again.isFinished);
    clock.advance(1);
    assert(again.isFinished);
  }
});

Deno.test("reset: among its equals a timer that was reset comes last", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const log: string[] = [];
  const timers = ["a", "b", "c"].map((name) => {
    const timer = new AsyncTimer(10);
    inside(executor, clock, () =>
      pollOnce(timer, {
        wake: () => void log.push(name),
        willWake: () => false,
      }));
    return timer;
  });
  timers[0]!.reset(10);
  clock.advance(10);
  assertEquals(log, ["b", "c", "a"]);
});

Deno.test("reset: a dropped timer throws", () => {
  for (const polls of [0, 1]) {
    const clock = new VirtualClock();
    using executor = new Executor({ host: clock });
    const timer = new AsyncTimer(10);
    if (polls === 1) inside(executor, clock, () => pollOnce(timer));
    timer[Symbol.dispose]();
    assertThrows(
      () => timer.reset(10),
      PolledAfterCompletionError,
      "it was dropped",
    );
    assertEquals(executor.timerCount, 0);
  }
});

Deno.test("reset: a bad delay throws and leaves the timer as it was", () => {
  const { clock, timer, task } = armed(10);
  assertThrows(() => timer.reset(-1), RangeError, "negative, got -1");
  assertThrows(() => timer.reset(NaN), RangeError, "NaN");
  assertThrows(() => timer.reset("5" as unknown as number), TypeError);
  clock.advance(10);
  assert(task.isFinished);
});
