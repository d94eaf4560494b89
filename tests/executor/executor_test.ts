import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertThrows,
} from "@std/assert";
import { Executor, type ExecutorOptions, spawn } from "../../executor/mod.ts";
import { pollOnce, VirtualClock } from "../../executor/sim/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import {
  CancelledError,
  co,
  type Context,
  Future,
  join,
  Pending,
  pending,
  type Poll,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { LogHost } from "./_log_host.ts";

Deno.test("executor: bad options throw, and say what is wrong", () => {
  const bad: [ExecutorOptions, typeof Error, string][] = [
    [
      { turn: { polls: 0 } },
      RangeError,
      "turn.polls must be at least 1, got 0",
    ],
    [{ turn: { polls: NaN } }, RangeError, "turn.polls must be at least 1"],
    [{ turn: { ms: 0 } }, RangeError, "turn.ms must be positive, got 0"],
    [{ turn: { ms: -1 } }, RangeError, "turn.ms must be positive, got -1"],
    [{ turn: { ms: NaN } }, RangeError, "turn.ms must be positive, got NaN"],
    [{ taskBudget: 0 }, RangeError, "at least 1, got 0"],
    [{ taskBudget: 1.5 }, RangeError, "whole number"],
    [
      { unjoined: "shout" as "ignore" },
      TypeError,
      'unjoined must be "report", "ignore" or a function, got shout',
    ],
    [
      { clock: 1 } as ExecutorOptions,
      TypeError,
      "Cannot use the option clock: there is none; there are host, taskBudget",
    ],
    [
      { turn: { milliseconds: 1 } } as ExecutorOptions,
      TypeError,
      "Cannot use the option turn.milliseconds: there is none",
    ],
  ];
  for (const [options, errorClass, message] of bad) {
    assertThrows(() => new Executor(options), errorClass, message);
  }
});

Deno.test("executor: limits may be infinite", () => {
  const clock = new VirtualClock();
  using executor = new Executor({
    host: clock,
    taskBudget: Infinity,
    turn: { polls: Infinity, ms: Infinity },
  });
  executor.spawn(Probe.ready("done"));
  clock.settle();
  assertEquals(executor.taskCount, 0);
});

Deno.test("executor: one that rests asks nothing of its host", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  assertEquals(host.take(), []);
  executor.spawn(pending());
  host.settle();
  assertEquals(host.take(), ["microtask"]);
  host.settle();
  host.advance(1000);
  assertEquals(host.take(), []);
});

Deno.test("executor: taskCount counts the tasks that have not ended", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock, unjoined: "ignore" });
  const probes = [new Probe(), new Probe(), new Probe(), new Probe()];
  const tasks = probes.map((probe) => executor.spawn(probe));
  assertEquals(executor.taskCount, 4);
  clock.settle();
  assertEquals(executor.taskCount, 4);
  probes[1]!.complete("done");
  clock.settle();
  assertEquals(executor.taskCount, 3);
  probes[0]!.fail(new Error("no"));
  clock.settle();
  assertEquals(executor.taskCount, 2);
  tasks[3]!.abort();
  assertEquals(executor.taskCount, 1);
  tasks[2]!.detach();
  assertEquals(executor.taskCount, 1);
  executor[Symbol.dispose]();
  assertEquals(executor.taskCount, 0);
});

Deno.test("executor: dispose reaches every task, whichever ended before", () => {
  // Every subset of five tasks ends by itself, from either side; the others
  // are disposed of.
  for (let at = 0; at < 2 ** 6; at++) {
    const [ended, backwards] = [at >> 1, at % 2 === 1];
    const clock = new VirtualClock();
    const executor = new Executor({ host: clock });
    const probes = Array.from({ length: 5 }, () => new Probe());
    for (const probe of probes) executor.spawn(probe);
    clock.settle();
    const ends = (i: number) => (ended >> i) % 2 === 1;
    const order = [0, 1, 2, 3, 4].filter(ends);
    if (backwards) order.reverse();
    for (const i of order) probes[i]!.complete("done");
    clock.settle();
    executor[Symbol.dispose]();
    assertEquals(
      probes.map((probe) => probe.drops),
      probes.map((_, i) => ends(i) ? 0 : 1),
    );
    assertEquals(executor.taskCount, 0);
  }
});

Deno.test("executor: dispose drops tasks that are queued, idle and woken", () => {
  const clock = new VirtualClock();
  const executor = new Executor({ host: clock });
  const [idle, woken, queued] = [new Probe(), new Probe(), new Probe()];
  executor.spawn(idle);
  executor.spawn(woken);
  clock.settle();
  woken.wake();
  executor.spawn(queued);
  executor[Symbol.dispose]();
  assertEquals([idle, woken, queued].map((probe) => probe.drops), [1, 1, 1]);
  clock.settle();
  assertEquals([idle, woken, queued].map((probe) => probe.polls), [1, 1, 0]);
});

Deno.test("executor: disposed of from inside a task, that one goes after its poll", () => {
  const clock = new VirtualClock();
  const executor = new Executor({ host: clock });
  const [self, other] = [new Probe(), new Probe()];
  self.onPoll = () => {
    executor[Symbol.dispose]();
    assertEquals([self.drops, other.drops], [0, 1]);
  };
  executor.spawn(self);
  executor.spawn(other);
  clock.settle();
  assertEquals([self.drops, other.drops], [1, 1]);
  assertEquals(executor.taskCount, 0);
});

Deno.test("executor: dispose also ends what the drops have spawned", () => {
  const clock = new VirtualClock();
  const executor = new Executor({ host: clock });
  const spawned = [new Probe(), new Probe(), new Probe()];
  executor.spawn(co(function* () {
    try {
      yield* pending();
    } finally {
      spawn(spawned[0]!);
      executor.spawn(spawned[1]!);
    }
  }));
  spawned[0]!.onDrop = () => executor.spawn(spawned[2]!);
  clock.settle();
  executor[Symbol.dispose]();
  assertEquals(executor.taskCount, 0);
  assertEquals(spawned.map((probe) => probe.drops), [1, 1, 1]);
  clock.settle();
  assertEquals(spawned.map((probe) => probe.polls), [0, 0, 0]);
});

Deno.test("executor: dispose gives up on drops that spawn without end, and says so", () => {
  const host = new LogHost();
  const executor = new Executor({ host });
  let made = 0;
  class Hydra extends Future<void> {
    #dropped = false;
    constructor() {
      super();
      made++;
    }
    override poll(_cx: Context): Poll<void> {
      return Pending;
    }
    override [Symbol.dispose](): void {
      if (this.#dropped) return;
      this.#dropped = true;
      if (made < 1000) executor.spawn(new Hydra());
    }
  }
  executor.spawn(new Hydra());
  executor[Symbol.dispose]();
  assertEquals(made, 101);
  const [error] = host.errors;
  assertInstanceOf(error, CancelledError);
  assertEquals(
    error.message,
    "Cannot abort all tasks: their drops have spawned others 100 times",
  );
  made = 1000;
  executor[Symbol.dispose]();
  assertEquals(executor.taskCount, 0);
});

Deno.test("executor: a bad drop does not keep the other tasks alive", () => {
  const host = new LogHost();
  const executor = new Executor({ host });
  const probes = [new Probe(), new Probe(), new Probe()];
  probes.forEach((probe, i) =>
    probe.onDrop = () => {
      throw i;
    }
  );
  for (const probe of probes) executor.spawn(probe);
  executor[Symbol.dispose]();
  assertEquals(probes.map((probe) => probe.drops), [1, 1, 1]);
  assertEquals(host.errors.toSorted(), [0, 1, 2]);
});

Deno.test("executor: disposed of, it still runs what is spawned later", () => {
  const clock = new VirtualClock();
  const executor = new Executor({ host: clock });
  executor[Symbol.dispose]();
  executor[Symbol.dispose]();
  const task = executor.spawn(Probe.ready("as ever"));
  clock.settle();
  assertEquals(pollOnce(task), "as ever");
});

Deno.test("executor: dispose leaves no timer, on the wheel or in the host", () => {
  const host = new LogHost();
  const executor = new Executor({ host });
  executor.spawn(join([sleep(10), sleep(20), sleep(Infinity)]));
  executor.spawn(sleep(5));
  host.settle();
  assertEquals(executor.timerCount, 4);
  executor[Symbol.dispose]();
  assertEquals(executor.timerCount, 0);
  host.take();
  host.settle();
  assertEquals(host.take(), ["clear 5"]);
});

Deno.test("executor: after thousands of tasks of all fates nothing is left", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock, unjoined: "ignore" });
  for (let i = 0; i < 5000; i++) {
    const probe = new Probe();
    const task = executor.spawn(
      join(i % 2 === 0 ? [probe] : [sleep(i), probe]),
    );
    if (i % 3 === 0) clock.settle();
    if (i % 5 === 0) probe.complete("done");
    else if (i % 5 === 1) probe.fail(i);
    else if (i % 5 === 2) task.abort();
    else task[Symbol.dispose]();
  }
  clock.advance(5000);
  assertEquals(executor.taskCount, 0);
  assertEquals(executor.timerCount, 0);
  assert(clock.now() === 5000);
});
