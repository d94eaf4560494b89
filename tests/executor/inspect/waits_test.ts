import { assertEquals } from "@std/assert";
import {
  Executor,
  type JoinHandle,
  type WaitInfo,
  yieldNow,
} from "../../../executor/mod.ts";
import { pollOnce, VirtualClock } from "../../../executor/sim/mod.ts";
import { AsyncTimer, sleepUntil, timeout } from "../../../executor/time/mod.ts";
import {
  abortable,
  co,
  flatMap,
  fromPromise,
  Future,
  type Inspectable,
  type Inspection,
  join,
  map,
  noopWaker,
  Pending,
  pending,
  pin,
  type Poll,
  pollFn,
  ready,
  retry,
  shared,
} from "../../../future/mod.ts";
import { Mutex, OnceCell } from "../../../future/sync/mod.ts";
import { held, Leaf, leaf } from "./_leaf.ts";
import { FUTURES } from "./_waiting_futures.ts";
import { STREAMS } from "./_waiting_streams.ts";
import { waitsOf } from "../../../executor/inspect/_waits.ts";

/** What a future says of itself once a task has polled it and it waits. */
function said(
  make: (executor: Executor) => Future<unknown>,
): WaitInfo {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock, unjoined: "ignore" });
  const { id } = executor.spawn(make(executor));
  clock.settle();
  const task = executor.snapshot().tasks.find((task) => task.id === id);
  return task!.waitsFor;
}

Deno.test("waits: each future and stream says what it waits for", async (t) => {
  for (
    const [name, [make, says]] of Object.entries({ ...FUTURES, ...STREAMS })
  ) {
    await t.step(name, () => assertEquals(said(make), says));
  }
});

Deno.test("waits: what was not polled yet says so", () => {
  const before = (future: Future<unknown>) => waitsOf(future).waits;
  assertEquals(before(new AsyncTimer(5)), "5 ms, not started");
  assertEquals(before(sleepUntil(5)), "not started");
  assertEquals(before(timeout(pending(), 5)), "5 ms, not started");
  assertEquals(before(fromPromise(() => Promise.resolve())), "not started");
  assertEquals(before(co(function* () {})), "not started");
  assertEquals(before(new Mutex(0).lock()), "for the lock, not polled yet");
});

Deno.test("waits: a timer that has fired is due until it is polled", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  using timer = new AsyncTimer(5);
  const seen: (string | undefined)[] = [];
  executor.spawn(pin(timer));
  executor.spawn(pollFn((cx) => {
    seen.push(waitsOf(timer).waits);
    cx.waker.wake();
    return seen.length < 2 ? Pending : undefined;
  }));
  clock.settle();
  assertEquals(seen, ["5 ms left", "5 ms left"]);
  clock.advance(5);
  assertEquals(waitsOf(timer).waits, "completed");
  assertEquals(waitsOf(fired()).waits, "due");
});

/** A timer whose time has come, and which was not polled since. */
function fired(): AsyncTimer {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const timer = new AsyncTimer(5);
  executor.spawn(pollFn(() => timer.poll({ waker: noopWaker })));
  clock.advance(5);
  return timer;
}

Deno.test("waits: a grant that was not taken yet is told apart from a place in line", () => {
  const mutex = new Mutex(0);
  const guard = mutex.tryLock()!;
  const lock = mutex.lock();
  pollOnce(lock);
  guard.release();
  assertEquals(
    waitsOf(lock).waits,
    "was granted the lock, not polled since",
  );
});

Deno.test("waits: yieldNow says that it means to wake itself", () => {
  assertEquals(waitsOf(yieldNow()), {
    type: "yieldNow",
    waits: "for the others",
    intent: "yield",
  });
});

Deno.test("waits: what has ended waits for nothing", () => {
  const ended: Future<unknown>[] = [
    map(ready(1), held),
    flatMap(ready(1), ready),
    join([ready(1)]),
    retry(() => ready(1), { schedule: [], delay: ready }),
    co(function* () {}),
    timeout(ready(1), Infinity),
    abortable(ready(1), new AbortController().signal),
    shared(ready(1)),
    new OnceCell<number>().getOrInit(() => ready(1)),
  ];
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  for (const future of ended) executor.spawn(pin(future));
  clock.settle();
  for (const future of ended) {
    assertEquals(waitsOf(future).children, undefined, future.constructor.name);
  }
});

/** Says what it is told to. */
function saying(inspect: () => unknown): Inspectable {
  return { inspect } as Inspectable;
}

Deno.test("waits: whatever a future says of itself, it is shown and nothing throws", () => {
  const says = (answer: unknown) => waitsOf(saying(() => answer));
  assertEquals(says(undefined), { type: "Object" });
  assertEquals(says({ name: 1, waits: 2 }), { type: "1", waits: "2" });
  assertEquals(
    says({ name: Symbol("x") }).waits?.slice(0, 15),
    "inspect() threw",
  );
  assertEquals(says({ children: 7 }).waits?.slice(0, 15), "inspect() threw");
  assertEquals(says({ children: [null] }).children, [{
    type: "?",
    waits:
      "inspect() threw TypeError: Cannot read properties of null (reading 'inspect')",
  }]);
  assertEquals(says(null).waits?.slice(0, 15), "inspect() threw");
  assertEquals(waitsOf(Object.create(null) as Inspectable).type, "?");
});

Deno.test("waits: what inspect throws is shown in its place, and beside it the others", () => {
  class Broken extends Future<never> {
    override poll(): Poll<never> {
      return Pending;
    }
    override inspect(): Inspection {
      throw new RangeError("out of words");
    }
  }
  assertEquals(said(() => join([new Broken(), new Leaf()])), {
    type: "Join",
    children: [{
      type: "Broken",
      waits: "inspect() threw RangeError: out of words",
    }, leaf],
  });
  const rude = saying(() => {
    throw {
      toString() {
        throw new Error("again");
      },
    };
  });
  assertEquals(waitsOf(rude).waits, "inspect() threw what cannot be shown");
});

function size(info: WaitInfo): number {
  return (info.children ?? []).reduce((sum, each) => sum + size(each), 1);
}

Deno.test("waits: a cycle, a deep chain and a wide group are cut, and it is said where", () => {
  const cycle = saying(() => ({ children: [cycle] }));
  assertEquals(size(waitsOf(cycle)), 33);

  let deep: Future<unknown> = new Leaf();
  for (let i = 0; i < 100; i++) deep = map(deep, held);
  let at = waitsOf(deep);
  let depth = 0;
  for (; at.children !== undefined; at = at.children[0]!) depth++;
  assertEquals([depth, at.more], [32, true]);

  const wide = waitsOf(join(Array.from({ length: 9 }, () => new Leaf())));
  assertEquals([wide.children?.length, wide.more], [8, true]);
  const full = waitsOf(join(Array.from({ length: 8 }, () => new Leaf())));
  assertEquals([full.children?.length, full.more], [8, undefined]);

  const bush: Inspectable = saying(() => ({ children: Array(8).fill(bush) }));
  assertEquals(size(waitsOf(bush)), 64);
});

Deno.test("waits: children are asked for one by one, and no more than are shown", () => {
  let asked = 0;
  let closed = false;
  function* endless(): Generator<Inspectable> {
    try {
      for (;;) {
        asked++;
        yield saying(() => ({}));
      }
    } finally {
      closed = true;
    }
  }
  waitsOf(saying(() => ({ children: endless() })));
  assertEquals([asked, closed], [9, true]);
});

Deno.test("waits: a handle says the number of a task without a name", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const handle: JoinHandle<never> = executor.spawn(new Leaf());
  assertEquals(handle.inspect(), { name: "JoinHandle", waits: "task 1" });
});
