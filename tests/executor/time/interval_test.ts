import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { Executor } from "../../../executor/mod.ts";
import { pollOnce, VirtualClock } from "../../../executor/sim/mod.ts";
import {
  Interval,
  interval,
  type IntervalOptions,
  type MissedTicks,
  sleep,
  sleepUntil,
} from "../../../executor/time/mod.ts";
import {
  co,
  FutureMovedError,
  noopWaker,
  Pending,
  PolledAfterCompletionError,
  select,
} from "../../../future/mod.ts";
import { take } from "../../../future/stream/mod.ts";
import { inside } from "../_inside.ts";
import { LogHost } from "../_log_host.ts";

/**
 * When an interval ticked for a consumer that is busy from tick to time, and
 * when each tick was due.
 */
function ticks(
  period: number,
  options: IntervalOptions,
  busyUntil: Record<number, number> = {},
  until = 100,
  from = 0,
): { came: number[]; due: number[] } {
  const clock = new VirtualClock({ now: from });
  using executor = new Executor({ host: clock });
  const came: number[] = [];
  const due: number[] = [];
  executor.spawn(co(function* () {
    using beat = interval(period, options);
    for (;;) {
      due.push(yield* beat.tick());
      came.push(clock.now());
      const busy = busyUntil[came.length];
      if (busy !== undefined) yield* sleepUntil(busy);
    }
  }));
  clock.advance(until - from);
  return { came, due };
}

Deno.test("interval: the first tick comes at the first poll, the others a period apart", () => {
  const { came, due } = ticks(10, {}, {}, 40, 3.5);
  assertEquals(came, [3.5, 13.5, 23.5, 33.5]);
  assertEquals(due, came);
});

Deno.test("interval: with a start, the first tick comes then", () => {
  assertEquals(ticks(10, { start: 25 }, {}, 50).came, [25, 35, 45]);
});

Deno.test("interval: a start that has passed counts as ticks that were missed", () => {
  const { came, due } = ticks(10, { start: 5 }, {}, 50, 32);
  assertEquals(came, [32, 32, 32, 35, 45]);
  assertEquals(due, [5, 15, 25, 35, 45]);
});

// The table of the documentation.
const MISSED: Record<MissedTicks, { came: number[]; due: number[] }> = {
  burst: {
    came: [0, 10, 47, 47, 47, 50, 60, 70],
    due: [0, 10, 20, 30, 40, 50, 60, 70],
  },
  delay: { came: [0, 10, 47, 57, 67], due: [0, 10, 20, 57, 67] },
  skip: { came: [0, 10, 47, 50, 60, 70], due: [0, 10, 20, 50, 60, 70] },
};
for (const [missed, expected] of Object.entries(MISSED)) {
  Deno.test(`interval: ${missed} does with missed ticks what the documentation says`, () => {
    const options = { missed: missed as MissedTicks };
    assertEquals(ticks(10, options, { 2: 47 }, 75), expected);
  });
}

Deno.test("interval: by default it makes up for what was missed", () => {
  assertEquals(ticks(10, {}, { 2: 47 }, 75), MISSED.burst);
});

Deno.test("interval: a tick 5 ms late moves none after it, and one later still does", () => {
  const came = (missed: MissedTicks, busy: number) =>
    ticks(20, { missed }, { 1: busy }, 65).came;
  assertEquals(came("delay", 25), [0, 25, 40, 60]);
  assertEquals(came("delay", 25.25), [0, 25.25, 45.25]);
  assertEquals(came("skip", 25.25), [0, 25.25, 40, 60]);
  assertEquals(came("burst", 25.25), [0, 25.25, 40, 60]);
});

Deno.test("interval: with a short period, a tick that comes after the next one is a missed one", () => {
  const came = (missed: MissedTicks) => ticks(2, { missed }, { 1: 5 }, 9).came;
  assertEquals(came("burst"), [0, 5, 5, 6, 8]);
  assertEquals(came("skip"), [0, 5, 6, 8]);
  assertEquals(came("delay"), [0, 5, 7, 9]);
});

Deno.test("interval: skipping keeps the rhythm exactly, when a tick falls due too", () => {
  assertEquals(ticks(10, { missed: "skip" }, { 2: 40 }, 65), {
    came: [0, 10, 40, 50, 60],
    due: [0, 10, 20, 50, 60],
  });
});

Deno.test("interval: a period may be a fraction, or never come round", () => {
  assertEquals(ticks(0.25, {}, {}, 1).came, [0, 0.25, 0.5, 0.75, 1]);
  for (const missed of ["burst", "delay", "skip"] as const) {
    const options = { missed, start: 3 };
    assertEquals(ticks(Infinity, options, {}, 1000).came, [3]);
  }
  assertEquals(ticks(10, { start: Infinity }, {}, 1000).came, []);
});

Deno.test("interval: making up for many ticks lets other tasks run between any two", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const log: string[] = [];
  let count = 0;
  executor.spawn(co(function* () {
    using beat = interval(1, { start: -500 });
    while (count < 500) {
      yield* beat.tick();
      count++;
    }
  }));
  executor.spawn(co(function* () {
    for (let i = 0; i < 3; i++) {
      log.push(`${count}`);
      yield* sleep(0);
    }
  }));
  clock.settle();
  assertEquals(count, 500);
  assert(log.every((entry) => Number(entry) <= 3), log.join());
});

Deno.test("interval: a tick that was not waited for to the end is the next one's", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const log: string[] = [];
  executor.spawn(co(function* () {
    using beat = interval(10);
    while (log.length < 7) {
      const { key } = yield* select({ tick: beat.tick(), other: sleep(3) });
      log.push(`${key} at ${clock.now()}`);
    }
  }));
  clock.advance(50);
  assertEquals(log, [
    "tick at 0",
    "other at 3",
    "other at 6",
    "other at 9",
    "tick at 10",
    "other at 13",
    "other at 16",
  ]);
});

Deno.test("interval: dropped while a tick is due, the tick is the next one's all the same", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  using beat = interval(10, { start: 10 });
  inside(executor, clock, () => {
    const tick = beat.tick();
    assertEquals(pollOnce(tick), Pending);
    tick[Symbol.dispose]();
  });
  clock.advance(10);
  const task = executor.spawn(beat.tick());
  clock.settle();
  assertEquals(pollOnce(task), 10);
});

Deno.test("interval: it is a stream, and an operator that takes it drops it", () => {
  const beat = interval(10);
  assert(beat instanceof Interval);
  const taken = take(beat, 1);
  assertThrows(() => pollOnce(beat.tick()), FutureMovedError);
  taken[Symbol.dispose]();
  assertThrows(() => beat.reset(), PolledAfterCompletionError);
});

Deno.test("interval: its period and behavior can be read", () => {
  const beat = interval(10, { missed: "skip" });
  assertEquals([beat.period, beat.missed], [10, "skip"]);
  assertEquals(interval(1).missed, "burst");
});

/** An interval whose next tick a task waits for. */
function waiting(options: IntervalOptions = { start: 10 }) {
  const clock = new VirtualClock();
  const executor = new Executor({ host: clock });
  const beat = interval(10, options);
  let came: number[] = [];
  executor.spawn(co(function* () {
    for (;;) {
      yield* beat.tick();
      came.push(clock.now());
    }
  })).detach();
  clock.settle();
  const take = () => {
    const all = came;
    came = [];
    return all;
  };
  return { clock, executor, beat, take };
}

Deno.test("interval: reset counts a period from now, or the time it is given", () => {
  const { clock, beat, take } = waiting();
  clock.advance(7);
  beat.reset();
  clock.advance(23);
  assertEquals(take(), [17, 27]);
  beat.reset(1.5);
  clock.advance(20);
  assertEquals(take(), [31.5, 41.5]);
  beat.reset(0);
  clock.advance(15);
  assertEquals(take(), [50, 60]);
});

Deno.test("interval: reset before the first poll counts from that", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  using beat = interval(10, { start: 3 });
  beat.reset(4);
  clock.advance(50);
  const task = executor.spawn(beat.tick());
  clock.advance(3.5);
  assertFalse(task.isFinished);
  clock.advance(0.5);
  assertEquals(pollOnce(task), 54);
});

Deno.test("interval: reset while nobody asks, its ticks are missed from then on", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  using beat = interval(10);
  executor.spawn(beat.tick());
  clock.settle();
  clock.advance(5);
  beat.reset(20);
  clock.advance(30);
  assertEquals(executor.timerCount, 0, "nothing is armed while nobody asks");
  const task = executor.spawn(beat.tick());
  clock.settle();
  assertEquals(pollOnce(task), 25);
});

Deno.test("interval: a bad reset changes nothing", () => {
  const { clock, beat, take } = waiting();
  assertThrows(() => beat.reset(-1), RangeError, "negative, got -1");
  assertThrows(() => beat.reset(NaN), RangeError, "NaN");
  assertThrows(() => beat.reset("5" as unknown as number), TypeError);
  clock.advance(20);
  assertEquals(take(), [10, 20]);
});

Deno.test("interval: dropped, it leaves no timer, and says so when it is used", () => {
  for (const [polls, wait] of [[0, 5], [1, 0.5], [1, 5], [2, 0.5], [3, 5]]) {
    const host = new LogHost();
    using executor = new Executor({ host });
    const beat = interval(10, { start: 1 });
    inside(executor, host, () => {
      for (let i = 0; i < polls!; i++) beat.pollNext({ waker: noopWaker });
    });
    host.advance(wait!);
    beat[Symbol.dispose]();
    beat[Symbol.dispose]();
    host.settle();
    assertEquals([executor.timerCount, host.set.size], [0, 0]);
    const message = "Cannot poll Interval: it was dropped";
    for (const use of [() => pollOnce(beat.tick()), () => beat.reset()]) {
      assertThrows(use, PolledAfterCompletionError, message);
    }
  }
});

Deno.test("interval: while nobody asks, it holds nothing", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  using beat = interval(10);
  const first = executor.spawn(beat.tick());
  host.settle();
  assert(first.isFinished);
  assertEquals([executor.timerCount, host.set.size], [0, 0]);
});

Deno.test("interval: what makes no sense is refused before anything happens", () => {
  const bad = (period: unknown, options?: unknown) => () =>
    interval(period as number, options as IntervalOptions);
  for (const period of [0, -0, -1, -Infinity]) {
    assertThrows(
      bad(period),
      RangeError,
      `Cannot arm a timer: the period must be more than 0, got ${period}`,
    );
  }
  assertThrows(bad(NaN), RangeError, "the period must not be NaN");
  assertThrows(bad("10"), TypeError, "the period must be a number");
  assertThrows(bad(undefined), TypeError, "got undefined");
  assertThrows(bad(10, { start: NaN }), RangeError, "the start must not be");
  assertThrows(bad(10, { start: "soon" }), TypeError, "the start must be");
  assertThrows(
    bad(10, { missed: "hurry" }),
    TypeError,
    'Cannot make an interval: missed must be "burst", "delay" or "skip", got hurry',
  );
});

/** A plain account of what the ticks must be, by the words of the docs. */
function model(
  period: number,
  missed: MissedTicks,
  asks: number[],
): { came: number[]; due: number[] } {
  const came: number[] = [];
  const due: number[] = [];
  let next: number | null = null;
  let free = 0;
  for (const busy of asks) {
    const at: number = Math.max(free, next ?? free);
    const was: number = next ?? at;
    came.push(at);
    due.push(was);
    const late = at - was;
    next = was + period;
    if (late > Math.min(5, period)) {
      if (missed === "delay") next = at + period;
      if (missed === "skip") { while (next <= at) next += period; }
    }
    free = at + busy;
  }
  return { came, due };
}

Deno.test("interval: random consumers get the ticks that a plain account gives", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const dice = new VirtualClock({ seed });
    const draw = () => dice.random();
    // Quarters, so that sums are exact.
    const quarters = (below: number) => Math.floor(draw() * below * 4) / 4;
    const period = 0.25 + quarters(20);
    const missed = (["burst", "delay", "skip"] as const)[seed % 3]!;
    const asks = Array.from(
      { length: 30 },
      () => draw() < 0.5 ? 0 : quarters(60),
    );
    const clock = new VirtualClock();
    using executor = new Executor({ host: clock });
    const came: number[] = [];
    const due: number[] = [];
    executor.spawn(co(function* () {
      using beat = interval(period, { missed });
      for (const busy of asks) {
        due.push(yield* beat.tick());
        came.push(clock.now());
        if (busy > 0) yield* sleep(busy);
      }
    }));
    clock.advance(10_000);
    assertEquals({ came, due }, model(period, missed, asks), `seed ${seed}`);
  }
});
