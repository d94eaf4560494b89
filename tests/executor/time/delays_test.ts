// The delays of a turn begin to count together, at one reading of the clock.
import {
  assert,
  assertEquals,
  assertFalse,
  assertGreaterOrEqual,
  assertLess,
} from "@std/assert";
import { Executor } from "../../../executor/mod.ts";
import {
  pollOnce,
  VirtualClock,
  wakeCounter,
} from "../../../executor/sim/mod.ts";
import { AsyncTimer, sleep, sleepUntil } from "../../../executor/time/mod.ts";
import { co } from "../../../future/mod.ts";
import { inside } from "../_inside.ts";
import { LogHost } from "../_log_host.ts";

/** How often the time is read while a task does something. */
function looks(host: LogHost, executor: Executor, what: () => void): number {
  const before = host.looks;
  inside(executor, host, what);
  return host.looks - before;
}

Deno.test("delays: a hundred that are armed in a turn cost one look at the clock", () => {
  const count = (n: number) => {
    const host = new LogHost();
    using executor = new Executor({ host });
    inside(executor, host, () => pollOnce(sleep(1000)));
    return looks(host, executor, () => {
      for (let i = 0; i < n; i++) pollOnce(sleep(1000 + i));
    });
  };
  assertEquals(count(1) - count(0), 1);
  assertEquals(count(100), count(1));
});

Deno.test("delays: a thousand resets in a turn cost a look for every 256", () => {
  const count = (n: number) => {
    const host = new LogHost();
    using executor = new Executor({ host });
    const timer = new AsyncTimer(30_000);
    inside(executor, host, () => pollOnce(timer));
    return looks(host, executor, () => {
      for (let i = 0; i < n; i++) timer.reset(30_000);
    });
  };
  const none = count(0);
  assertEquals(count(1) - none, 1);
  assertEquals(count(255) - none, 1);
  assertEquals(count(1000) - none, 4);
});

Deno.test("delays: a poll that takes long uses up nobody's time", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  const waker = wakeCounter();
  const reset = new AsyncTimer(2000);
  inside(executor, host, () => pollOnce(reset, waker));
  inside(executor, host, () => {
    pollOnce(sleep(10), waker);
    reset.reset(10);
    host.spent += 50;
  });
  host.advance(9.5);
  assertEquals(waker.count, 0);
  host.advance(0.5);
  assertEquals(waker.count, 2);
});

Deno.test("delays: a moment stays where it is, however long the poll", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  const waker = wakeCounter();
  const moved = new AsyncTimer(20);
  inside(executor, host, () => {
    pollOnce(moved, waker);
    pollOnce(sleepUntil(10), waker);
    moved.resetAt(10);
    host.spent += 9;
  });
  host.advance(0.5);
  assertEquals(waker.count, 0);
  host.advance(0.5);
  assertEquals(waker.count, 2);
});

Deno.test("delays: cancelled before it begins to count, one leaves nothing", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  const waker = wakeCounter();
  inside(executor, host, () => {
    for (let i = 0; i < 1000; i++) {
      using timer = sleep(5);
      pollOnce(timer, waker);
      if (i % 2 === 0) timer.reset(7);
      assertEquals(executor.timerCount, 1);
    }
  });
  assertEquals([executor.timerCount, host.set.size], [0, 0]);
  host.advance(100);
  assertEquals(waker.count, 0);
});

Deno.test("delays: the row of one that was cancelled serves another, with a delay of its own", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  const wakers = [wakeCounter(), wakeCounter(), wakeCounter()] as const;
  inside(executor, host, () => {
    const gone = sleep(5);
    pollOnce(gone, wakers[0]);
    gone[Symbol.dispose]();
    pollOnce(sleepUntil(20), wakers[1]); // in the row of the first
    const also = sleep(5);
    pollOnce(also, wakers[0]);
    also.reset(6);
    also[Symbol.dispose]();
    pollOnce(sleep(30), wakers[2]);
  });
  const counts = () => wakers.map((waker) => waker.count);
  host.advance(19);
  assertEquals(counts(), [0, 0, 0]);
  host.advance(1);
  assertEquals(counts(), [0, 1, 0]);
  host.advance(10);
  assertEquals(counts(), [0, 1, 1]);
});

Deno.test("delays: the last word counts, of several in a turn", () => {
  const cases: [(timer: AsyncTimer) => void, number][] = [
    [(timer) => timer.reset(7), 7],
    [(timer) => (timer.reset(70), timer.reset(3)), 3],
    [(timer) => (timer.reset(3), timer.reset(70)), 70],
    [(timer) => (timer.resetAt(4), timer.reset(9)), 9],
    [(timer) => (timer.reset(9), timer.resetAt(4)), 4],
    [(timer) => (timer.reset(Infinity), timer.reset(2)), 2],
  ];
  for (const [i, [change, expected]] of cases.entries()) {
    for (const sameTurn of [true, false]) {
      const clock = new VirtualClock();
      using executor = new Executor({ host: clock });
      const waker = wakeCounter();
      const timer = new AsyncTimer(40);
      inside(executor, clock, () => {
        pollOnce(timer, waker);
        if (sameTurn) change(timer);
      });
      if (!sameTurn) inside(executor, clock, () => change(timer));
      clock.advance(expected - 0.25);
      assertEquals(waker.count, 0, `case ${i}`);
      clock.advance(0.25);
      assertEquals(waker.count, 1, `case ${i}`);
    }
  }
});

Deno.test("delays: put off for ever in the turn of its reset, it takes the host's timer along", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  const timer = new AsyncTimer(10);
  inside(executor, host, () => pollOnce(timer));
  inside(executor, host, () => timer.reset(Infinity));
  assertEquals([executor.timerCount, host.set.size], [1, 0]);
  inside(executor, host, () => timer.reset(10));
  assertEquals([executor.timerCount, host.set.size], [1, 1]);
});

Deno.test("delays: one reset outside of a turn begins to count before the host's timer fires", () => {
  // A turn that is to come through a macrotask, after the host's timers.
  const host = new LogHost();
  using executor = new Executor({ host, turn: { polls: 1 } });
  const timer = new AsyncTimer(10);
  const waker = wakeCounter();
  inside(executor, host, () => pollOnce(timer, waker));
  const [fire] = [...host.set.keys()] as { callback: () => void }[];
  timer.reset(10);
  host.spent += 10;
  fire!.callback();
  assertEquals(waker.count, 0);
  host.settle();
  host.advance(10);
  assertEquals(waker.count, 1);
});

Deno.test("deadline: known once a delay counts, or for a moment; not before, and not after", () => {
  const clock = new VirtualClock({ now: 100 });
  using executor = new Executor({ host: clock });
  const timer = new AsyncTimer(10);
  assertEquals(timer.deadline, undefined);
  assertEquals(sleepUntil(7).deadline, 7);
  inside(executor, clock, () => {
    pollOnce(timer);
    assertEquals(timer.deadline, 110);
    timer.reset(20);
    assertEquals(timer.deadline, 120);
    timer.resetAt(115);
    assertEquals(timer.deadline, 115);
  });
  clock.advance(15);
  assertEquals(timer.deadline, undefined);
  pollOnce(timer);
  assertEquals(timer.deadline, undefined);
  timer.reset(5);
  assertEquals(timer.deadline, 120);
  timer[Symbol.dispose]();
  assertEquals(timer.deadline, undefined);
});

Deno.test("delays: no timer is ever early, whatever polls cost, and none is lost", () => {
  let completed = 0;
  for (let seed = 1; seed <= 150; seed++) {
    const dice = new VirtualClock({ seed });
    const host = new LogHost();
    const time = () => host.now();
    const below = (n: number) => Math.floor(dice.random() * n);
    const spend = () => {
      if (below(3) === 0) host.spent += dice.random() * 20;
    };
    const polls = 1 + below(40);
    using executor = new Executor({ host, turn: { polls } });
    for (let t = 0; t < 30; t++) {
      executor.spawn(co(function* () {
        for (let i = 0; i < 10; i++) {
          const delay = dice.random() * 2 ** below(12);
          spend();
          const armed = time();
          const timer = new AsyncTimer(delay);
          let due = armed + delay;
          if (below(3) === 0) {
            pollOnce(timer, { wake() {}, willWake: () => false });
            spend();
            const again = dice.random() * 2 ** below(12);
            due = time() + again;
            timer.reset(again);
          }
          if (below(5) === 0) {
            timer[Symbol.dispose]();
            continue;
          }
          spend();
          yield* timer;
          assertGreaterOrEqual(time(), due, `seed ${seed}`);
          completed++;
        }
      }));
    }
    host.advance(50_000);
    assertEquals([executor.taskCount, executor.timerCount], [0, 0]);
    assertEquals(host.errors, [], `seed ${seed}`);
  }
  assertLess(20_000, completed);
});

Deno.test("delays: with nothing in between, each is kept to the very moment", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const delays = Array.from(
    { length: 600 },
    (_, i) => 1 + (i * 7919) % 977 / 4,
  );
  const tasks = delays.map((delay) => executor.spawn(sleep(delay)));
  for (const at of delays.toSorted((a, b) => a - b)) {
    clock.advance(Math.max(0, at - 0.125 - clock.now()));
    tasks.forEach((task, i) => assertEquals(task.isFinished, delays[i]! < at));
    clock.advance(0.125);
  }
  assert(tasks.every((task) => task.isFinished));
  assertFalse(executor.timerCount > 0);
});
