import { assertEquals, assertThrows } from "@std/assert";
import { Executor, JoinError, yieldNow } from "../../../executor/mod.ts";
import { VirtualClock } from "../../../executor/sim/mod.ts";
import { co, type Future } from "../../../future/mod.ts";
import { GuardReleased, Mutex } from "../../../future/sync/mod.ts";
import { cx, drop, park, take, wakes } from "./_tools.ts";

Deno.test("mutex: one has the lock, the others wait in order", () => {
  const mutex = new Mutex(0);
  assertEquals(mutex.isLocked, false);
  const guard = take(mutex.lock());
  assertEquals([mutex.isLocked, mutex.tryLock()], [true, null]);
  const [a, b] = [park(mutex.lock()), park(mutex.lock())];
  guard.value = 7;
  guard.release();
  assertEquals(wakes(a, b), [1, 0]);
  assertEquals([mutex.isLocked, mutex.tryLock()], [true, null], "it is a's");
  const second = take(a.future);
  assertEquals(second.value, 7);
  drop(second);
  drop(take(b.future));
  assertEquals(mutex.isLocked, false);
  assertEquals(mutex.tryLock()?.value, 7);
});

Deno.test("mutex: a lock that was granted and dropped before its poll goes to the next", () => {
  const mutex = new Mutex(0);
  const guard = take(mutex.lock());
  const [a, b] = [park(mutex.lock()), park(mutex.lock())];
  guard.release();
  drop(a.future);
  assertEquals(wakes(a, b), [1, 1]);
  drop(b.future);
  assertEquals(mutex.isLocked, false);
});

Deno.test("mutex: a guard that was given back is of no more use", () => {
  const mutex = new Mutex("x");
  const guard = mutex.tryLock()!;
  guard.release();
  const other = mutex.tryLock()!;
  const says = (action: string) =>
    `Cannot ${action} MutexGuard: it was already given back`;
  assertThrows(() => guard.value, GuardReleased, says("read"));
  assertThrows(
    () => guard.value = "y",
    GuardReleased,
    says("set the value of"),
  );
  assertThrows(() => guard.release(), GuardReleased, says("release"));
  drop(guard);
  assertEquals([mutex.isLocked, other.value], [true, "x"]);
});

Deno.test("mutex: a task that is aborted in line, or fails with the lock, blocks nobody", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const mutex = new Mutex<string[]>([]);
  const visit = (name: string, then: () => void): Future<void> =>
    co(function* () {
      using guard = yield* mutex.lock();
      guard.value.push(name);
      yield* yieldNow();
      then();
    });
  executor.spawn(visit("first", () => aborted.abort())); // which is in line
  const aborted = executor.spawn(visit("aborted", () => {}));
  const failing = executor.spawn(visit("failing", () => {
    throw new Error("broken");
  }));
  const last = executor.spawn(visit("last", () => {}));
  assertThrows(() => clock.settle(), JoinError, "broken");
  assertEquals([failing.isFinished, last.isFinished], [true, true]);
  assertEquals(mutex.tryLock()?.value, ["first", "failing", "last"]);
});

Deno.test("mutex: who asks twice waits for itself, until dropped", () => {
  const mutex = new Mutex(0);
  using _guard = take(mutex.lock());
  const again = mutex.lock();
  for (let i = 0; i < 3; i++) again.poll(cx);
  drop(again);
  assertEquals(mutex.isLocked, true);
});
