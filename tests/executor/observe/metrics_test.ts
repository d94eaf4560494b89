import { assert, assertEquals, assertThrows } from "@std/assert";
import { Executor, run, yieldNow } from "../../../executor/mod.ts";
import { type Observation, observe } from "../../../executor/observe/mod.ts";
import { VirtualClock } from "../../../executor/sim/mod.ts";
import { sleep } from "../../../executor/time/mod.ts";
import { co, Pending, pollFn } from "../../../future/mod.ts";
import { Histogram } from "../../../executor/observe/_histogram.ts";
import { Probe } from "../../_probe.ts";
import { observed, StepClock } from "./_world.ts";

Deno.test("metrics: an executor that is observed counts what it does", () => {
  using world = observed();
  const { clock, executor, observation } = world;
  const waiting = new Probe();
  executor.spawn(waiting);
  executor.spawn(Probe.ready(1));
  executor.spawn(Probe.failing(new Error("no")));
  executor.spawn(new Probe()).abort();
  executor.spawn(yieldNow());
  clock.settle();
  waiting.wake();
  waiting.wake(); // woken twice, in line once
  clock.settle();
  const { pollTimes, ...counts } = observation.metrics();
  assertEquals(counts, {
    tasksSpawned: 5,
    tasksCompleted: 2,
    tasksFailed: 1,
    tasksCancelled: 1,
    polls: 6,
    wakes: 2,
    turns: 2,
    hostYields: 0,
    busyMs: 0,
  });
  assertEquals(pollTimes, { lessThanUs: [1], counts: [6] });
});

Deno.test("metrics: a turn that is cut short counts as one that the host was given", () => {
  using world = observed({}, { turn: { polls: 2 } });
  for (let i = 0; i < 4; i++) world.executor.spawn(new Probe());
  world.clock.settle();
  // After the second cut nothing was left in line.
  const { turns, hostYields } = world.observation.metrics();
  assertEquals([turns, hostYields], [2, 1]);
});

Deno.test("metrics: a task's time is busy, in line or idle, and adds up", () => {
  using world = observed();
  const { clock, executor } = world;
  const seen = () => executor.snapshot().tasks[0]!.metrics!;
  const probe = new Probe();
  executor.spawn(probe);
  clock.spend(1); // in line
  probe.onPoll = () => {
    clock.spend(2);
    assertEquals(seen().busyMs, 2);
  };
  clock.settle();
  clock.spend(4); // idle
  assertEquals(seen(), {
    polls: 1,
    wakes: 0,
    busyMs: 2,
    readyMs: 1,
    idleMs: 4,
    sinceLastPollMs: 4,
  });
  probe.wake();
  clock.spend(8); // in line again
  assertEquals(seen().readyMs, 9);
  probe.onPoll = () => {
    clock.spend(16);
    if (probe.polls === 2) probe.wake();
    clock.spend(32); // woken, and still busy
  };
  clock.settle();
  assertEquals(seen(), {
    polls: 3,
    wakes: 2,
    busyMs: 2 + 2 * 48,
    readyMs: 9,
    idleMs: 4,
    sinceLastPollMs: 0,
  });
  assertEquals(world.observation.metrics().busyMs, 98);
});

Deno.test("metrics: a task that wakes itself stands in line until its next poll", () => {
  using world = observed();
  const { clock, executor } = world;
  const probe = new Probe();
  probe.onPoll = (cx) => {
    if (probe.polls === 1) cx.waker.wake();
  };
  executor.spawn(probe);
  let seen: number[] = [];
  executor.spawn(pollFn(() => {
    clock.spend(8);
    const { readyMs, idleMs } = executor.snapshot().tasks[0]!.metrics!;
    seen = [readyMs, idleMs];
  }));
  clock.settle();
  assertEquals(seen, [8, 0]);
});

Deno.test("metrics: tasks from before the observation are counted from its beginning", () => {
  const clock = new StepClock();
  using executor = new Executor({ host: clock });
  const idle = new Probe();
  const queued = new Probe();
  executor.spawn(idle);
  clock.settle();
  executor.spawn(queued);
  clock.spend(100);
  using observation = observe({}, executor);
  clock.spend(1);
  const [a, b] = executor.snapshot().tasks.map((task) => task.metrics!);
  assertEquals([a!.idleMs, a!.readyMs, a!.sinceLastPollMs], [1, 0, 1]);
  assertEquals([b!.idleMs, b!.readyMs, b!.sinceLastPollMs], [0, 1, 1]);
  idle.complete("");
  queued.complete("");
  clock.settle();
  const { tasksSpawned, tasksCompleted, polls } = observation.metrics();
  assertEquals([tasksSpawned, tasksCompleted, polls], [0, 2, 2]);
});

Deno.test("metrics: an observation may begin and end inside a poll", () => {
  const clock = new StepClock();
  using executor = new Executor({ host: clock });
  const probe = new Probe();
  let observation: Observation | undefined;
  probe.onPoll = () => {
    if (probe.polls === 1) observation = observe({ trace: true }, executor);
    if (probe.polls === 2) observation![Symbol.dispose]();
  };
  executor.spawn(probe);
  clock.settle();
  clock.spend(4);
  const { idleMs, polls, wakes } = executor.snapshot().tasks[0]!.metrics!;
  assertEquals([idleMs, polls, wakes], [4, 0, 0]);
  probe.complete(""); // its last poll, in which the observation ends
  clock.settle();
  const metrics = observation!.metrics();
  assertEquals([metrics.polls, metrics.wakes], [1, 1]);
  assertEquals(executor.taskCount, 0);
});

Deno.test("metrics: they are there while the executor is observed, and only then", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const probe = new Probe();
  executor.spawn(probe);
  clock.settle();
  const observation = observe({}, executor);
  assertEquals(executor.snapshot().metrics, observation.metrics());
  probe.wake();
  clock.settle();
  observation[Symbol.dispose]();
  observation[Symbol.dispose]();
  const seen = executor.snapshot();
  assertEquals([seen.metrics, seen.tasks[0]!.metrics], [null, null]);
  probe.wake(); // by the waker that the observation gave it
  clock.settle();
  assertEquals([probe.polls, observation.metrics().polls], [3, 1]);
  probe.complete("");
  clock.settle();
  assertEquals(executor.taskCount, 0);
});

Deno.test("metrics: an executor is observed by one at a time", () => {
  using executor = new Executor({ host: new VirtualClock() });
  const first = observe({}, executor);
  assertThrows(
    () => observe({}, executor),
    TypeError,
    "Cannot observe the executor: it is observed already; dispose of that observation first",
  );
  first[Symbol.dispose]();
  using _second = observe({}, executor);
  first[Symbol.dispose](); // which is not its own to end
  assertThrows(() => observe({}, executor), TypeError);
});

Deno.test("metrics: observe() is of the default executor, or of the one it is given", async () => {
  using executor = new Executor({ host: new VirtualClock() });
  using given = observe({}, executor);
  executor.spawn(new Probe());
  assertEquals(given.metrics().tasksSpawned, 1);
  using observation = observe();
  await run(co(function* () {
    yield* sleep(0);
  }));
  assertEquals(observation.metrics().tasksCompleted, 1);
});

Deno.test("metrics: a task that spawns, wakes and aborts others from its poll is counted right", () => {
  using world = observed();
  const { clock, executor, observation } = world;
  const other = new Probe();
  const handle = executor.spawn(other);
  executor.spawn(pollFn(() => {
    other.wake();
    handle.abort(); // it stands in line
    executor.spawn(Probe.ready(1));
  }));
  executor.spawn(pollFn(() => {
    executor[Symbol.dispose](); // aborts the one that is being polled, after it
    return Pending;
  }));
  clock.settle();
  const { tasksSpawned, tasksCompleted, tasksCancelled, polls, wakes } =
    observation.metrics();
  assertEquals(
    { tasksSpawned, tasksCompleted, tasksCancelled, polls, wakes },
    {
      tasksSpawned: 4,
      tasksCompleted: 1,
      tasksCancelled: 3,
      polls: 3,
      wakes: 1,
    },
  );
});

Deno.test("histogram: a duration counts for the first power of two of microseconds above it", () => {
  const bucketOf = (us: number) => {
    const histogram = new Histogram();
    histogram.add(us / 1000);
    const { lessThanUs, counts } = histogram.toJSON();
    assertEquals(counts.at(-1), 1);
    return lessThanUs.at(-1);
  };
  assertEquals([0, 0.9, 1, 1.9, 2, 3, 4, 1023, 1024].map(bucketOf), [
    1,
    1,
    2,
    2,
    4,
    4,
    8,
    1024,
    2048,
  ]);
  assertEquals([2 ** 29, 2 ** 30, 2 ** 40, Infinity].map(bucketOf), [
    2 ** 30,
    2 ** 31,
    2 ** 31,
    2 ** 31,
  ]);
});

Deno.test("histogram: it counts, and shows no bounds beyond the longest", () => {
  const histogram = new Histogram();
  assertEquals(histogram.toJSON(), { lessThanUs: [], counts: [] });
  for (const ms of [0, 0.003, 0.003]) histogram.add(ms);
  assertEquals(histogram.toJSON(), {
    lessThanUs: [1, 2, 4],
    counts: [1, 0, 2],
  });
});

Deno.test("metrics: while polls follow each other, the clock is read once for each", () => {
  let looks = 0;
  class Looked extends StepClock {
    override now(): number {
      looks++;
      return super.now();
    }
  }
  const clock = new Looked();
  using executor = new Executor({ host: clock });
  using observation = observe({}, executor);
  for (let task = 0; task < 3; task++) {
    let left = 400;
    executor.spawn(pollFn((cx) => {
      if (left-- === 0) return;
      cx.waker.wake();
      return Pending;
    }));
  }
  const before = looks;
  clock.settle();
  const { polls } = observation.metrics();
  assertEquals(polls, 1203);
  // The executor itself reads it after each 64 polls, for its turns.
  assert(looks - before < polls * 1.05, `${looks - before}`);
});

Deno.test("metrics: what the code of others takes between two polls is no poll's time", () => {
  // A lint's, which the first poll gives rise to.
  {
    using world = observed({
      lints: { pollMs: 5 },
      onLint: () => world.clock.spend(100),
    });
    world.executor.spawn(pollFn(() => world.clock.spend(6)));
    world.executor.spawn(pollFn(() => world.clock.spend(3)));
    world.clock.settle();
    assertEquals(world.observation.metrics().busyMs, 9);
  }
  // A host's that chooses.
  {
    class Choosing extends StepClock {
      choose(): number {
        this.spend(100);
        return 0;
      }
    }
    const clock = new Choosing();
    using executor = new Executor({ host: clock });
    using observation = observe({}, executor);
    for (let i = 0; i < 3; i++) executor.spawn(pollFn(() => clock.spend(2)));
    clock.settle();
    assertEquals(observation.metrics().busyMs, 6);
  }
});
