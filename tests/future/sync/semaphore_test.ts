import { assertEquals, assertThrows } from "@std/assert";
import { wakeCounter } from "../../../executor/sim/mod.ts";
import { Budget, Pending } from "../../../future/mod.ts";
import {
  GuardReleased,
  Semaphore,
  SemaphoreClosed,
} from "../../../future/sync/mod.ts";
import { cx, drop, park, rude, take, wakes } from "./_tools.ts";

Deno.test("semaphore: permits that are there are taken at the first poll, not before", () => {
  const semaphore = new Semaphore(3);
  const two = semaphore.acquire(2);
  assertEquals(semaphore.availablePermits, 3);
  const permit = take(two);
  assertEquals([permit.count, semaphore.availablePermits], [2, 1]);
  assertEquals(take(semaphore.acquire()).count, 1);
  assertEquals(semaphore.availablePermits, 0);
});

Deno.test("semaphore: a release wakes as many as it serves, first come first", () => {
  const semaphore = new Semaphore(2);
  const held = take(semaphore.acquire(2));
  const [a, b, c] = [1, 1, 1].map((n) => park(semaphore.acquire(n)));
  held.release();
  assertEquals(wakes(a!, b!, c!), [1, 1, 0]);
  assertEquals(semaphore.availablePermits, 0, "set aside for both");
  assertEquals(c!.future.poll(cx), Pending);
  drop(take(a!.future));
  assertEquals(wakes(a!, b!, c!), [1, 1, 0], "c has another waker by now");
  assertEquals(take(c!.future).count, 1);
  assertEquals(take(b!.future).count, 1);
});

Deno.test("semaphore: a large request at the head is not starved by small ones", () => {
  const semaphore = new Semaphore(3);
  const held = take(semaphore.acquire(2));
  const large = park(semaphore.acquire(3));
  const small = park(semaphore.acquire(1));
  assertEquals(semaphore.availablePermits, 1);
  assertEquals(semaphore.tryAcquire(1), null, "nobody jumps the queue");
  held.release();
  assertEquals(wakes(large, small), [1, 0]);
  assertEquals(semaphore.availablePermits, 0);
  drop(take(large.future));
  assertEquals(wakes(large, small), [1, 1]);
});

Deno.test("semaphore: a large request that leaves the head lets the small ones through", () => {
  const semaphore = new Semaphore(2);
  take(semaphore.acquire(1));
  const large = park(semaphore.acquire(2));
  const small = park(semaphore.acquire(1));
  drop(large.future);
  assertEquals(wakes(large, small), [0, 1]);
  assertEquals(take(small.future).count, 1);
});

Deno.test("semaphore: what was granted and dropped before its poll goes to the next", () => {
  const semaphore = new Semaphore(1);
  const held = take(semaphore.acquire());
  const [a, b] = [park(semaphore.acquire()), park(semaphore.acquire())];
  held.release();
  assertEquals(wakes(a, b), [1, 0]);
  drop(a.future);
  drop(a.future);
  assertEquals(wakes(a, b), [1, 1]);
  drop(b.future);
  assertEquals(semaphore.availablePermits, 1);
});

Deno.test("semaphore: who leaves from the middle of the line is passed over", () => {
  const semaphore = new Semaphore(0);
  const all = [0, 1, 2, 3].map(() => park(semaphore.acquire()));
  drop(all[1]!.future);
  drop(all[2]!.future);
  semaphore.addPermits(1);
  assertEquals(wakes(...all), [1, 0, 0, 0]);
  semaphore.addPermits(1);
  assertEquals(wakes(...all), [1, 0, 0, 1]);
});

Deno.test("semaphore: the waker of the last poll is the one that is called", () => {
  const semaphore = new Semaphore(0);
  const { future, waker } = park(semaphore.acquire());
  const other = wakeCounter();
  future.poll({ waker: other });
  semaphore.addPermits(1);
  assertEquals([waker.count, other.count], [0, 1]);
});

Deno.test("semaphore: addPermits serves several, and what is left is available", () => {
  const semaphore = new Semaphore(0);
  const all = [2, 1, 4].map((n) => park(semaphore.acquire(n)));
  semaphore.addPermits(5);
  assertEquals(wakes(...all), [1, 1, 0]);
  assertEquals(semaphore.availablePermits, 2);
  semaphore.addPermits(2);
  assertEquals(wakes(...all), [1, 1, 1]);
  assertEquals(all.map(({ future }) => take(future).count), [2, 1, 4]);
  semaphore.addPermits(0);
  assertEquals(semaphore.availablePermits, 0);
});

Deno.test("semaphore: a closed one fails those who wait and those who come", () => {
  const semaphore = new Semaphore(1);
  const held = take(semaphore.acquire());
  const early = semaphore.acquire();
  const [a, b] = [park(semaphore.acquire()), park(semaphore.acquire())];
  assertEquals(semaphore.isClosed, false);
  semaphore.close();
  semaphore.close();
  assertEquals([semaphore.isClosed, wakes(a, b)], [true, [1, 1]]);
  for (const { future } of [a, b, { future: early }]) {
    assertThrows(
      () => future.poll(cx),
      SemaphoreClosed,
      "Cannot acquire a permit: the semaphore is closed",
    );
  }
  assertThrows(() => semaphore.tryAcquire(), SemaphoreClosed);
  held.release();
  assertEquals(semaphore.availablePermits, 1);
});

Deno.test("semaphore: a permit granted before the close is still good", () => {
  const semaphore = new Semaphore(0);
  const { future } = park(semaphore.acquire());
  semaphore.addPermits(1);
  semaphore.close();
  assertEquals(take(future).count, 1);
});

Deno.test("semaphore: refused and dropped, it gives back nothing", () => {
  const semaphore = new Semaphore(0);
  const { future } = park(semaphore.acquire());
  semaphore.close();
  drop(future);
  assertEquals(semaphore.availablePermits, 0);
});

Deno.test("semaphore: a forgotten permit is gone for good", () => {
  const semaphore = new Semaphore(3);
  const permit = semaphore.tryAcquire(2)!;
  permit.forget();
  drop(permit);
  assertEquals(semaphore.availablePermits, 1);
  assertThrows(
    () => permit.release(),
    GuardReleased,
    "Cannot release SemaphorePermit: it was already given back",
  );
  assertEquals(semaphore.tryAcquire(2), null);
});

Deno.test("semaphore: a permit is given back once, whatever is done with it", () => {
  const semaphore = new Semaphore(1);
  {
    using permit = semaphore.tryAcquire()!;
    permit.release();
    assertThrows(() => permit.release(), GuardReleased, "Cannot release");
    assertThrows(() => permit.forget(), GuardReleased, "Cannot forget");
  }
  assertEquals(semaphore.availablePermits, 1);
});

Deno.test("semaphore: counts that make no sense are refused", () => {
  for (const bad of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(
      () => new Semaphore(bad),
      RangeError,
      `Cannot make a semaphore: permits must be a whole number of at least 0, got ${bad}`,
    );
    const one = new Semaphore(1);
    for (const n of [bad, 0]) {
      assertThrows(() => one.acquire(n), RangeError, `at least 1, got ${n}`);
      assertThrows(() => one.tryAcquire(n), RangeError, "acquire permits");
    }
    assertThrows(() => one.addPermits(bad), RangeError, "Cannot add permits");
    assertEquals(one.availablePermits, 1);
  }
  const full = new Semaphore(Number.MAX_SAFE_INTEGER);
  full.tryAcquire(5);
  assertThrows(() => full.addPermits(1), RangeError, "at most 0, got 1");
});

Deno.test("semaphore: a task that has spent its budget takes nothing, and is woken", () => {
  const semaphore = new Semaphore(2);
  const waker = wakeCounter();
  const budget = new Budget(1);
  assertEquals(semaphore.acquire().poll({ waker, budget }) !== Pending, true);
  const second = semaphore.acquire();
  assertEquals(second.poll({ waker, budget }), Pending);
  assertEquals([waker.count, semaphore.availablePermits], [1, 1]);
  budget.refill();
  assertEquals(second.poll({ waker, budget }) !== Pending, true);
});

Deno.test("semaphore: a grant waits for a task that has spent its budget", () => {
  const semaphore = new Semaphore(0);
  const { future } = park(semaphore.acquire());
  semaphore.addPermits(1);
  const waker = wakeCounter();
  const budget = new Budget(1);
  budget.spend();
  assertEquals(future.poll({ waker, budget }), Pending);
  assertEquals(waker.count, 1);
  budget.refill();
  assertEquals(future.poll({ waker, budget }) !== Pending, true);
  assertEquals(budget.exhausted, true, "it has cost one unit");
});

Deno.test("semaphore: waiting costs no budget", () => {
  const semaphore = new Semaphore(0);
  const budget = new Budget(1);
  const { waker } = cx;
  const future = semaphore.acquire();
  for (let i = 0; i < 3; i++) future.poll({ waker, budget });
  assertEquals(budget.exhausted, false);
});

Deno.test("semaphore: all state is changed before the first waker is called", () => {
  const semaphore = new Semaphore(0);
  const second = semaphore.acquire();
  let seen: unknown = null;
  const first = semaphore.acquire();
  first.poll({
    waker: rude(() => seen = [semaphore.availablePermits, take(second).count]),
  });
  second.poll({ waker: rude(() => seen = "woken after it had its permit") });
  semaphore.addPermits(3);
  assertEquals(seen, [1, 1]);
});

Deno.test("semaphore: a waker may drop others that were granted with it", () => {
  const semaphore = new Semaphore(0);
  const [b, c] = [semaphore.acquire(), semaphore.acquire()];
  const a = semaphore.acquire();
  a.poll({ waker: rude(() => drop(b)) });
  const woken: string[] = [];
  b.poll({ waker: rude(() => woken.push("b")) });
  c.poll({ waker: rude(() => woken.push("c")) });
  semaphore.addPermits(2);
  assertEquals(woken, ["c"], "b was dropped, and its permit passed on");
  assertEquals(take(c).count, 1);
});

Deno.test("semaphore: a waker that throws keeps no other from being woken", () => {
  const semaphore = new Semaphore(0);
  const [a, b] = [semaphore.acquire(), semaphore.acquire()];
  const bad = rude(() => {
    throw new Error("bad waker");
  });
  a.poll({ waker: bad });
  b.poll({ waker: bad });
  const c = park(semaphore.acquire());
  assertThrows(() => semaphore.addPermits(3), Error, "bad waker");
  assertEquals(wakes(c), [1]);
  assertEquals([a, b, c.future].map((each) => take(each).count), [1, 1, 1]);
});
