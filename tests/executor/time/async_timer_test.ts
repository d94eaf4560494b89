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
import { AsyncTimer, sleep, sleepUntil } from "../../../executor/time/mod.ts";
import {
  co,
  Pending,
  PolledAfterCompletionError,
} from "../../../future/mod.ts";
import { inside } from "../_inside.ts";

function setUp(now = 0) {
  const clock = new VirtualClock({ now });
  return { clock, executor: new Executor({ host: clock }) };
}

Deno.test("timer: it completes at its time, not before", () => {
  for (const delay of [0.25, 1, 31.75, 32, 33.5, 1000.125, 86_400_000]) {
    const { clock, executor } = setUp();
    const task = executor.spawn(sleep(delay));
    clock.advance(delay - 0.125);
    assertFalse(task.isFinished);
    clock.advance(0.125);
    assert(task.isFinished);
    assertEquals(executor.timerCount, 0);
  }
});

Deno.test("timer: it is exact wherever the clock stands", () => {
  for (const start of [0.5, 31.25, 1023.875, 2 ** 31 - 1.5, 1.7e12]) {
    for (const delay of [0.25, 0.75, 1, 5.5, 40.25, 5000.75]) {
      const { clock, executor } = setUp(start);
      const task = executor.spawn(sleep(delay));
      clock.advance(delay - 0.125);
      assertFalse(task.isFinished, `${delay} ms from ${start}`);
      clock.advance(0.125);
      assert(task.isFinished, `${delay} ms from ${start}`);
    }
  }
});

Deno.test("timer: the delay counts from the first poll", () => {
  const { clock, executor } = setUp();
  const timer = sleep(10);
  clock.advance(100);
  const task = executor.spawn(timer);
  clock.advance(9);
  assertFalse(task.isFinished);
  clock.advance(1);
  assert(task.isFinished);
});

Deno.test("timer: nothing is armed before the first poll", () => {
  const { clock, executor } = setUp();
  executor.spawn(sleep(10));
  assertEquals(executor.timerCount, 0);
  clock.settle();
  assertEquals(executor.timerCount, 1);
});

Deno.test("timer: those due together wake by deadline, then as they were armed", () => {
  const { clock, executor } = setUp();
  const log: string[] = [];
  const start = (delay: number) =>
    executor.spawn(co(function* () {
      yield* sleep(delay);
      log.push(`${delay} at ${clock.now()}`);
    }));
  for (const delay of [3.5, 1, 3.25, 2, 1, 3.5]) start(delay);
  clock.advance(3.5);
  assertEquals(log, [
    "1 at 1",
    "1 at 1",
    "2 at 2",
    "3.25 at 3.25",
    "3.5 at 3.5",
    "3.5 at 3.5",
  ]);
});

Deno.test("timer: when the host is late, they still wake in order", () => {
  const { clock, executor } = setUp();
  const log: number[] = [];
  const delays = [40, 7.5, 33, 7.25, 7.5, 2000, 1];
  const wakers = delays.map((delay) => ({
    wake: () => void log.push(delay),
    willWake: () => false,
  }));
  inside(executor, clock, () => {
    delays.forEach((delay, i) => pollOnce(sleep(delay), wakers[i]!));
  });
  const late = new VirtualClock({ now: 5000 });
  clock.now = () => late.now();
  clock.advance(5000);
  assertEquals(log, [1, 7.25, 7.5, 7.5, 33, 40, 2000]);
});

Deno.test("timer: a waker changed between two polls is the one that is woken", () => {
  const { clock, executor } = setUp();
  const [first, second, third] = [wakeCounter(), wakeCounter(), wakeCounter()];
  const timer = sleep(10);
  inside(executor, clock, () => {
    pollOnce(timer, first);
    pollOnce(timer, second);
  });
  assertStrictEquals(pollOnce(timer, third), Pending);
  clock.advance(10);
  assertEquals([first.count, second.count, third.count], [0, 0, 1]);
  assertStrictEquals(pollOnce(timer, third), undefined);
});

Deno.test("timer: a waker that will wake the same is not stored anew", () => {
  const { clock, executor } = setUp();
  let woken = "";
  const named = (name: string) => ({
    wake: () => void (woken += name),
    willWake: () => true,
  });
  inside(executor, clock, () => {
    const timer = sleep(10);
    pollOnce(timer, named("first"));
    pollOnce(timer, named("second"));
  });
  clock.advance(10);
  assertEquals(woken, "first");
});

Deno.test("timer: a waker that throws stops no other timer", () => {
  const { clock, executor } = setUp();
  const bad = {
    wake() {
      throw new Error("a bad waker");
    },
    willWake: () => false,
  };
  const good = wakeCounter();
  inside(executor, clock, () => {
    pollOnce(sleep(10), bad);
    pollOnce(sleep(10), good);
  });
  assertThrows(() => clock.advance(10), Error, "a bad waker");
  assertEquals(good.count, 1);
  assertEquals(executor.timerCount, 0);
});

Deno.test("timer: it belongs to the executor that polls it first", () => {
  const { clock, executor } = setUp();
  const { clock: otherClock, executor: other } = setUp();
  const waker = wakeCounter();
  const timer = sleep(10);
  inside(executor, clock, () => pollOnce(timer, waker));
  inside(other, otherClock, () => pollOnce(timer, waker));
  assertEquals([executor.timerCount, other.timerCount], [1, 0]);
  otherClock.advance(10);
  assertEquals(waker.count, 0);
  clock.advance(10);
  assertEquals(waker.count, 1);
});

Deno.test("timer: polls in between neither hasten it nor put it off", () => {
  const { clock, executor } = setUp();
  const waker = wakeCounter();
  const timer = sleep(10);
  inside(executor, clock, () => pollOnce(timer, waker));
  for (let i = 0; i < 9; i++) {
    clock.advance(1);
    assertStrictEquals(pollOnce(timer, waker), Pending);
  }
  assertEquals(waker.count, 0);
  clock.advance(1);
  assertEquals(waker.count, 1);
});

Deno.test("sleepUntil: it completes at the moment, whenever it is polled first", () => {
  const { clock, executor } = setUp(100);
  const timer = sleepUntil(150);
  clock.advance(20);
  const task = executor.spawn(timer);
  clock.advance(29.5);
  assertFalse(task.isFinished);
  clock.advance(0.5);
  assert(task.isFinished);
});

Deno.test("sleepUntil: a moment that has passed is ready after a yield", () => {
  for (const deadline of [100, 99.5, 0, -1, -Infinity]) {
    const { clock, executor } = setUp(100);
    const waker = wakeCounter();
    inside(executor, clock, () => {
      const timer = sleepUntil(deadline);
      assertStrictEquals(pollOnce(timer, waker), Pending);
      assertEquals(waker.count, 1);
      assertStrictEquals(pollOnce(timer, waker), undefined);
      assertEquals(waker.count, 1);
    });
    assertEquals(executor.timerCount, 0);
  }
});

Deno.test("sleep: a delay of 0 lets the others that are ready run first, once", () => {
  const { clock, executor } = setUp();
  const log: string[] = [];
  for (const name of ["a", "b"]) {
    executor.spawn(co(function* () {
      for (let i = 0; i < 2; i++) {
        log.push(name);
        yield* sleep(0);
      }
    }));
  }
  clock.settle();
  assertEquals(log, ["a", "b", "a", "b"]);
  assertEquals(executor.taskCount, 0);
});

Deno.test("timer: Infinity never comes, and can be dropped", () => {
  for (const timer of [sleep(Infinity), sleepUntil(Infinity)]) {
    const { clock, executor } = setUp();
    const task = executor.spawn(timer);
    clock.advance(2 ** 49);
    assertFalse(task.isFinished);
    assertEquals(executor.timerCount, 1);
    task.abort();
    assertEquals(executor.timerCount, 0);
  }
});

Deno.test("timer: after its end it throws when polled", () => {
  const { clock, executor } = setUp();
  const armed = new AsyncTimer(5);
  const due = new AsyncTimer(0);
  executor.spawn(armed);
  executor.spawn(due);
  clock.advance(5);
  for (const timer of [armed, due]) {
    assertThrows(
      () => pollOnce(timer),
      PolledAfterCompletionError,
      "Cannot poll AsyncTimer: it already completed",
    );
  }
});

Deno.test("timer: dropped in whichever state, it leaves nothing and throws when polled", async (t) => {
  const states: Record<
    string,
    [number, (timer: AsyncTimer, clock: VirtualClock) => void]
  > = {
    "before the first poll": [5, () => {}],
    "armed": [5, (timer) => pollOnce(timer)],
    "armed for ever": [Infinity, (timer) => pollOnce(timer)],
    "due": [0, (timer) => pollOnce(timer)],
    "fired, not yet polled": [5, (timer, clock) => {
      pollOnce(timer);
      clock.advance(5);
    }],
    "completed": [0, (timer) => {
      pollOnce(timer);
      pollOnce(timer);
    }],
    "reset before the first poll": [5, (timer) => timer.reset(9)],
    "reset while armed": [5, (timer) => {
      pollOnce(timer);
      timer.reset(9);
    }],
    "reset after its end": [0, (timer) => {
      pollOnce(timer);
      pollOnce(timer);
      timer.reset(9);
    }],
  };
  for (const [state, [delay, reach]] of Object.entries(states)) {
    await t.step(state, () => {
      const { clock, executor } = setUp();
      const timer = new AsyncTimer(delay);
      inside(executor, clock, () => reach(timer, clock));
      clock.settle();
      timer[Symbol.dispose]();
      assertEquals(executor.timerCount, 0);
      timer[Symbol.dispose]();
      assertEquals(executor.timerCount, 0);
      assertThrows(
        () => pollOnce(timer),
        PolledAfterCompletionError,
        "Cannot poll AsyncTimer: it was dropped",
      );
    });
  }
});

Deno.test("timer: dropping one leaves another alone that has its place on the wheel by now", () => {
  const { clock, executor } = setUp();
  const old = sleep(5);
  const young = sleep(5);
  inside(executor, clock, () => pollOnce(old));
  clock.advance(5); // fired: its place is free
  inside(executor, clock, () => pollOnce(young));
  assertEquals(executor.timerCount, 1);
  old[Symbol.dispose]();
  assertEquals(executor.timerCount, 1);
});
