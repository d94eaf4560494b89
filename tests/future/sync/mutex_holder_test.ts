import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { wakeCounter } from "../../../executor/sim/mod.ts";
import {
  Budget,
  Pending,
  PolledAfterCompletionError,
} from "../../../future/mod.ts";
import { GuardReleased, Mutex } from "../../../future/sync/mod.ts";
import { cx, drop, park, take } from "./_tools.ts";

Deno.test("mutex holder: it takes a free lock, has it until it is given back, and takes it again", () => {
  const mutex = new Mutex(1);
  const holder = mutex.holder();
  assertEquals([mutex.isLocked, holder.isHeld], [false, false]);
  for (let round = 0; round < 3; round++) {
    assertStrictEquals(holder.pollLock(cx), undefined);
    assertStrictEquals(holder.pollLock(cx), undefined, "ready as long as held");
    assertEquals([holder.isHeld, mutex.tryLock()], [true, null]);
    holder.value++;
    holder.release();
    assertEquals([mutex.isLocked, holder.isHeld], [false, false]);
  }
  assertEquals(mutex.tryLock()?.value, 4);
});

Deno.test("mutex holder: it stands in the same line as locks, in order, each time anew", () => {
  const mutex = new Mutex("");
  const holder = mutex.holder();
  const waker = wakeCounter();
  let guard = mutex.tryLock()!;
  for (let round = 1; round <= 3; round++) {
    assertStrictEquals(holder.pollLock(cx), Pending);
    assertStrictEquals(holder.pollLock({ waker }), Pending, "still in line");
    const behind = park(mutex.lock());
    guard.release();
    assertEquals([waker.count, behind.waker.count], [round, 0]);
    assertEquals(mutex.tryLock(), null, "it is the holder's");
    assertStrictEquals(holder.pollLock({ waker }), undefined);
    holder.release();
    guard = take(behind.future);
  }
});

Deno.test("mutex holder: without the lock it reads, sets and releases nothing", () => {
  const mutex = new Mutex(1);
  const holder = mutex.holder();
  const says = (action: string) => `Cannot ${action} MutexHolder`;
  const refuses = () => {
    assertThrows(() => holder.value, GuardReleased, says("read"));
    assertThrows(
      () => holder.value = 2,
      GuardReleased,
      says("set the value of"),
    );
    assertThrows(() => holder.release(), GuardReleased, says("release"));
  };
  refuses();
  const guard = mutex.tryLock()!;
  holder.pollLock(cx);
  refuses(); // in line
  guard.release();
  refuses(); // granted, not taken
  holder.pollLock(cx);
  holder.release();
  refuses(); // given back
  assertEquals(mutex.tryLock()?.value, 1);
});

Deno.test("mutex holder: dropped in line, granted or with the lock, the next has it; and that once", () => {
  for (const at of ["waiting", "granted", "held"] as const) {
    const mutex = new Mutex(0);
    const guard = mutex.tryLock()!;
    const holder = mutex.holder();
    holder.pollLock(cx);
    const behind = park(mutex.lock());
    if (at !== "waiting") guard.release();
    if (at === "held") holder.pollLock(cx);
    drop(holder);
    drop(holder);
    assertEquals(behind.waker.count, at === "waiting" ? 0 : 1, at);
    if (at === "waiting") guard.release();
    const next = take(behind.future);
    assertEquals(mutex.tryLock(), null, at);
    drop(holder);
    assertEquals(mutex.tryLock(), null, at);
    next.release();
    assertEquals(mutex.isLocked, false, at);
    assertThrows(() => holder.pollLock(cx), PolledAfterCompletionError);
    assertThrows(() => holder.release(), GuardReleased);
  }
});

Deno.test("mutex holder: it leaves the line also at its second stay there", () => {
  const mutex = new Mutex(0);
  const holder = mutex.holder();
  let guard = mutex.tryLock()!;
  holder.pollLock(cx);
  guard.release();
  holder.pollLock(cx);
  holder.release();
  guard = mutex.tryLock()!;
  holder.pollLock(cx);
  drop(holder);
  guard.release();
  assertEquals(mutex.isLocked, false);
});

Deno.test("mutex holder: dropped before it asked, it leaves the mutex alone", () => {
  const mutex = new Mutex(0);
  const guard = mutex.tryLock()!;
  drop(mutex.holder());
  assertEquals(mutex.isLocked, true);
  guard.release();
  assertEquals(mutex.isLocked, false);
});

Deno.test("mutex holder: a task that has spent its budget goes on later, and does not take the lock before", () => {
  const mutex = new Mutex(0);
  const holder = mutex.holder();
  const waker = wakeCounter();
  const budget = new Budget(1);
  budget.spend();
  assertStrictEquals(holder.pollLock({ waker, budget }), Pending);
  assertEquals([waker.count, mutex.isLocked], [1, false]);
  budget.refill();
  assertStrictEquals(holder.pollLock({ waker, budget }), undefined);
  assert(budget.exhausted, "a lock is a ready answer");
});

Deno.test("mutex holder: a lock that was granted waits for a task that has spent its budget", () => {
  const mutex = new Mutex(0);
  const holder = mutex.holder();
  const waker = wakeCounter();
  const guard = mutex.tryLock()!;
  assertStrictEquals(holder.pollLock({ waker }), Pending);
  guard.release();
  const budget = new Budget(1);
  budget.spend();
  assertStrictEquals(holder.pollLock({ waker, budget }), Pending);
  assertEquals([waker.count, holder.isHeld], [2, false]);
  assertEquals(mutex.tryLock(), null, "it is still the holder's");
  budget.refill();
  assertStrictEquals(holder.pollLock({ waker, budget }), undefined);
  assert(budget.exhausted, "a lock is a ready answer");
});
