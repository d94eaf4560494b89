import { assert, assertEquals } from "@std/assert";
import { Executor } from "../../../executor/mod.ts";
import type { Lint } from "../../../executor/observe/mod.ts";
import { pollOnce, VirtualClock } from "../../../executor/sim/mod.ts";
import { sleep } from "../../../executor/time/mod.ts";
import {
  co,
  type Context,
  Future,
  type Inspection,
  join,
  map,
  Pending,
  pin,
  type Poll,
  pollFn,
  select,
} from "../../../future/mod.ts";
import { Mutex, Semaphore } from "../../../future/sync/mod.ts";
import { observeGrants } from "../../../future/sync/_grants.ts";
import { observed } from "./_world.ts";

const found = (lints: readonly Lint[]) =>
  lints.map(({ kind, task, reason }) => [kind, task?.name ?? null, reason]);

const HELD =
  "a Mutex.lock was granted the lock, not polled since, and holds up those behind it";

/** Waits for a lock beside a timer, loses the race, and does something else. */
function futurelock(mutex: Mutex<number>, pause: number): Future<void> {
  return co(function* () {
    using lock = mutex.lock();
    yield* select({ lock: pin(lock), late: sleep(10) });
    yield* sleep(pause);
    using _guard = yield* lock;
  });
}

Deno.test("grants: a lock that was granted to a future which nobody polls is reported when the executor is idle", () => {
  using world = observed({ lints: { grantMs: 0 } });
  const { clock, executor, observation } = world;
  const mutex = new Mutex(0);
  const guard = mutex.tryLock()!;
  executor.spawn(futurelock(mutex, 1000), { name: "sleeper" });
  clock.advance(10);
  assertEquals(observation.lints(), []);
  guard.release();
  clock.advance(1);
  executor.spawn(sleep(0));
  clock.settle();
  assertEquals(found(observation.lints()), [["grant-not-taken", null, HELD]]);
  clock.advance(1000); // it takes the lock at last
  assertEquals(observation.lints().length, 1);
  assertEquals(mutex.isLocked, false);
});

Deno.test("grants: the task that holds the future is named where it can be told", () => {
  using world = observed({ lints: { grantMs: 0 } });
  const { clock, executor, observation } = world;
  const mutex = new Mutex(0);
  const guard = mutex.tryLock()!;
  const lock = mutex.lock();
  let polled = false;
  const neglects = pollFn((cx) => {
    if (!polled) {
      polled = true;
      return lock.poll(cx);
    }
    return Pending; // and now it does not poll it any more
  });
  executor.spawn(neglects, { name: "neglects it" });
  clock.settle();
  guard.release();
  clock.settle();
  assertEquals(found(observation.lints()), [
    ["grant-not-taken", "neglects it", HELD],
  ]);
  lock[Symbol.dispose]();
});

/** Polls what it holds once, and never again; others of its kind hold nothing. */
class Neglectful extends Future<never> {
  #isPolled = false;
  constructor(readonly held: Future<unknown>) {
    super();
  }
  override poll(cx: Context): Poll<never> {
    if (!this.#isPolled) this.held.poll(cx);
    this.#isPolled = true;
    return Pending;
  }
  override inspect(): Inspection {
    return { children: [this.held] };
  }
}

Deno.test("grants: the task is named also where the future is deep inside of it", () => {
  using world = observed({ lints: { grantMs: 0 } });
  const { clock, executor, observation } = world;
  const mutex = new Mutex(0);
  const guard = mutex.tryLock()!;
  const endless: Future<never> = new Neglectful(pollFn((cx) => {
    cx.waker;
    return Pending;
  }));
  endless.inspect = () => ({ children: [endless] }); // searched, and not for ever
  const broken = new Neglectful(sleep(1e6));
  broken.inspect = () => {
    throw new Error("no");
  };
  executor.spawn(endless, { name: "endless" });
  executor.spawn(broken, { name: "broken" });
  executor.spawn(
    new Neglectful(join([sleep(1e6), map(mutex.lock(), () => 1)])),
    {
      name: "deep",
    },
  );
  clock.settle();
  guard.release();
  clock.settle();
  assertEquals(found(observation.lints()), [["grant-not-taken", "deep", HELD]]);
});

Deno.test("grants: one that lies about for less than the limit is not reported", () => {
  using world = observed({ lints: { grantMs: 500 } });
  const { clock, executor, observation } = world;
  const mutex = new Mutex(0);
  const guard = mutex.tryLock()!;
  executor.spawn(futurelock(mutex, 1000));
  clock.advance(10);
  guard.release();
  clock.advance(499);
  assertEquals(observation.lints(), []);
  clock.advance(1);
  assertEquals(observation.lints().length, 1);
});

Deno.test("grants: one that is taken, or passed on by a drop, is not reported", () => {
  using world = observed({ lints: { grantMs: 0 } });
  const { clock, executor, observation } = world;
  const semaphore = new Semaphore(1);
  const first = semaphore.tryAcquire()!;
  const dropped = semaphore.acquire();
  pollOnce(dropped);
  executor.spawn(co(function* () {
    using _permit = yield* semaphore.acquire();
    yield* sleep(5);
  }));
  clock.settle();
  first.release(); // granted to the first in line
  dropped[Symbol.dispose](); // and passed on to the task
  assertEquals(observation.lints(), []); // which stands in line to take it
  clock.advance(5);
  assertEquals(observation.lints(), []);
  assertEquals(semaphore.availablePermits, 1);
});

Deno.test("grants: those of a task of another executor are that one's to report", () => {
  using ours = observed({ lints: { grantMs: 0 } });
  using theirs = observed({ lints: { grantMs: 0 } });
  const unobserved = new VirtualClock();
  using third = new Executor({ host: unobserved });
  const mutex = new Mutex(0);
  const guard = mutex.tryLock()!;
  const use = () =>
    co(function* () {
      using _guard = yield* mutex.lock();
    });
  theirs.executor.spawn(use());
  theirs.clock.settle();
  guard.release(); // and their executor does not run
  assertEquals(ours.observation.lints(), []);
  theirs.clock.settle();
  const again = mutex.tryLock()!;
  third.spawn(use());
  unobserved.settle();
  again.release();
  assertEquals(mutex.isLocked, true);
  assertEquals(ours.observation.lints(), []);
  assertEquals(theirs.observation.lints(), []);
});

Deno.test("grants: a future whose task is gone is reported, for nobody polls it", () => {
  using world = observed({ lints: { grantMs: 0 } });
  const { clock, executor, observation } = world;
  const mutex = new Mutex(0);
  const guard = mutex.tryLock()!;
  const lock = mutex.lock();
  const task = executor.spawn(pin(lock));
  clock.settle();
  task.abort();
  guard.release();
  executor.spawn(sleep(0));
  clock.settle();
  assertEquals(found(observation.lints()), [["grant-not-taken", null, HELD]]);
  lock[Symbol.dispose]();
});

Deno.test("grants: however many look and in whichever order they stop, whoever looked before them looks on", () => {
  const seen: string[] = [];
  const ours = {
    granted: () => seen.push("granted"),
    settled: () => seen.push("settled"),
  };
  const outer = observeGrants(ours);
  const grant = () => {
    const mutex = new Mutex(0);
    const guard = mutex.tryLock()!;
    const lock = mutex.lock();
    pollOnce(lock);
    guard.release();
    lock[Symbol.dispose]();
  };
  try {
    const first = observed();
    const second = observed();
    const inFront = observeGrants(null);
    assert(inFront !== ours);
    observeGrants(inFront);
    grant();
    first[Symbol.dispose]();
    grant();
    second[Symbol.dispose]();
    grant();
    assertEquals(seen, Array(3).fill(["granted", "settled"]).flat());
  } finally {
    assert(observeGrants(outer) === ours); // nobody is left in front of it
  }
});

Deno.test("grants: no more than a thousand that nobody takes are remembered", () => {
  let told = 0;
  using world = observed({ lints: { grantMs: 0 }, onLint: () => told++ });
  const semaphore = new Semaphore(0);
  const waits = Array.from({ length: 1001 }, () => semaphore.acquire());
  for (const wait of waits) pollOnce(wait);
  semaphore.addPermits(1001);
  world.observation.lints();
  assertEquals(told, 1000);
  for (const wait of waits) wait[Symbol.dispose]();
  const late = semaphore.acquire(1002);
  pollOnce(late);
  semaphore.addPermits(1); // and now there is room again
  assertEquals(
    world.observation.lints().at(-1)?.reason.slice(0, 19),
    "a Semaphore.acquire",
  );
  late[Symbol.dispose]();
});
