import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { Executor } from "../../executor/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import { co, noopWaker, Pending, pollFn } from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { LogHost } from "./_log_host.ts";
import { busy } from "./_traced.ts";

/** A task that logs each of its polls and wakes itself `polls` times. */
function looping(host: LogHost, polls: number, msPerPoll = 0) {
  let left = polls;
  return busy(() => {
    host.log.push("poll");
    host.spent += msPerPoll;
    return --left === 0 ? "stop" : "go on";
  });
}

Deno.test("turn: after so many polls the host gets a turn", () => {
  const host = new LogHost();
  using executor = new Executor({ host, turn: { polls: 10 } });
  executor.spawn(looping(host, 25));
  host.settle();
  assertEquals(host.takeRuns(), [
    "microtask",
    "poll x 10",
    "macrotask",
    "poll x 10",
    "macrotask",
    "poll x 5",
  ]);
});

Deno.test("turn: the limit of polls is kept to the poll", () => {
  for (const polls of [1, 2, 3, 7, 8, 9, 63, 64, 65, 100, 129]) {
    const host = new LogHost();
    using executor = new Executor({ host, turn: { polls } });
    executor.spawn(looping(host, 3 * polls));
    host.settle();
    const each = polls === 1 ? "poll" : `poll x ${polls}`;
    assertEquals(
      host.takeRuns(),
      ["microtask", each, "macrotask", each, "macrotask", each],
    );
  }
});

Deno.test("turn: the limit is 8192 polls by default", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  executor.spawn(looping(host, 8193));
  host.settle();
  assertEquals(
    host.takeRuns(),
    ["microtask", "poll x 8192", "macrotask", "poll"],
  );
});

Deno.test("turn: the polls of all tasks count together", () => {
  const host = new LogHost();
  using executor = new Executor({ host, turn: { polls: 10 } });
  for (let i = 0; i < 25; i++) executor.spawn(looping(host, 1));
  host.settle();
  assertEquals(host.takeRuns(), [
    "microtask",
    "poll x 10",
    "macrotask",
    "poll x 10",
    "macrotask",
    "poll x 5",
  ]);
});

Deno.test("turn: after so much time the host gets a turn", () => {
  const host = new LogHost();
  using executor = new Executor({ host, turn: { ms: 3 } });
  executor.spawn(looping(host, 20, 1));
  host.settle();
  // Measured after 1, 2 and 4 polls; 3 ms have gone by then since the first.
  assertEquals(host.takeRuns(), [
    "microtask",
    "poll x 4",
    "macrotask",
    "poll x 4",
    "macrotask",
    "poll x 4",
    "macrotask",
    "poll x 4",
    "macrotask",
    "poll x 4",
  ]);
});

Deno.test("turn: the limit of time is 1 ms by default, and two slow polls are enough", () => {
  for (const [slow, expected] of [[0.999, 4], [1, 2], [50, 2]] as const) {
    const host = new LogHost();
    using executor = new Executor({ host });
    executor.spawn(looping(host, 5, slow));
    host.settle();
    assertEquals(
      host.takeRuns().slice(0, 3),
      ["microtask", `poll x ${expected}`, "macrotask"],
    );
  }
});

Deno.test("turn: polls that become slow late are noticed within 64", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  let polls = 0;
  executor.spawn(busy(() => {
    host.log.push("poll");
    if (++polls > 300) host.spent += 5;
    return polls === 500 ? "stop" : "go on";
  }));
  host.settle();
  assertEquals(
    host.takeRuns().slice(0, 3),
    ["microtask", "poll x 320", "macrotask"],
  );
});

Deno.test("turn: polls that are slow from a turn's beginning on are noticed at once", () => {
  const host = new LogHost();
  using executor = new Executor({ host, turn: { polls: 100 } });
  let polls = 0;
  executor.spawn(busy(() => {
    host.log.push("poll");
    if (++polls > 100) host.spent += 5;
    return polls === 106 ? "stop" : "go on";
  }));
  host.settle();
  assertEquals(host.takeRuns(), [
    "microtask",
    "poll x 100",
    "macrotask",
    "poll x 2",
    "macrotask",
    "poll x 2",
    "macrotask",
    "poll x 2",
  ]);
});

Deno.test("turn: polls that are slow from a timer on are noticed at once, too", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  executor.spawn(looping(host, 100)); // the next look would be after 128
  executor.spawn(co(function* () {
    yield* sleep(10);
    yield* looping(host, 3, 5);
  }));
  host.settle();
  host.take();
  host.advance(10);
  assertEquals(
    host.takeRuns(),
    ["microtask", "poll x 2", "macrotask", "poll"],
  );
});

Deno.test("turn: a thousand short polls hardly look at the clock", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  executor.spawn(looping(host, 1024));
  host.looks = 0;
  host.settle();
  assertLessOrEqual(host.looks, 22);
});

Deno.test("turn: a ping-pong over microtasks counts as one turn", () => {
  const host = new LogHost();
  using executor = new Executor({ host, turn: { polls: 10 } });
  let left = 35;
  executor.spawn(pollFn((cx) => {
    host.log.push("poll");
    if (--left === 0) return;
    host.microtask(() => cx.waker.wake());
    return Pending;
  }));
  host.settle();
  const polls: number[] = [0];
  for (const entry of host.take()) {
    if (entry === "poll") polls[polls.length - 1]!++;
    else if (entry === "macrotask") polls.push(0);
  }
  assertEquals(polls, [10, 10, 10, 5]);
});

Deno.test("turn: a slow ping-pong over microtasks is noticed by the time it takes", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  let left = 8;
  executor.spawn(pollFn((cx) => {
    host.log.push("poll");
    host.spent += 2;
    if (--left === 0) return;
    host.microtask(() => cx.waker.wake());
    return Pending;
  }));
  host.settle();
  assertEquals(
    host.take().filter((entry) => entry !== "microtask").join(" "),
    "poll poll macrotask poll poll macrotask poll poll macrotask poll poll",
  );
});

Deno.test("turn: at the limit with nothing left to do, the next wake waits for the host", () => {
  const host = new LogHost();
  using executor = new Executor({ host, turn: { polls: 2 } });
  const probe = new Probe();
  executor.spawn(probe);
  host.settle();
  probe.wake();
  host.settle();
  assertEquals(host.take(), ["microtask", "microtask"]);
  probe.wake();
  assertEquals(host.take(), ["macrotask"]);
  host.settle();
  probe.wake();
  assertEquals(host.take(), ["microtask"], "and the count starts anew");
});

Deno.test("turn: a timer that fires is a turn of the host's", () => {
  const host = new LogHost();
  using executor = new Executor({ host, turn: { polls: 2 } });
  // Each lap is two polls: the one that arms and the one that completes.
  executor.spawn(co(function* () {
    for (let lap = 0; lap < 20; lap++) yield* sleep(1);
  }));
  host.advance(20);
  assert(!host.take().includes("macrotask"));
  assertEquals(executor.taskCount, 0);
});

Deno.test("turn: however many wakes, the host is asked once", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  const probes = Array.from({ length: 10 }, () => new Probe());
  for (const probe of probes) executor.spawn(probe);
  assertEquals(host.take(), ["microtask"]);
  host.settle();
  for (const probe of probes) probe.wake();
  assertEquals(host.take(), ["microtask"]);
  host.settle();
  assertEquals(host.take(), []);
});

Deno.test("turn: of a thousand busy tasks none waits longer than a round", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  const tasks = 1000;
  const order: number[] = [];
  for (let i = 0; i < tasks; i++) {
    let polls = 0;
    executor.spawn(busy(() => {
      order.push(i);
      return ++polls === 10 ? "stop" : "go on";
    }));
  }
  host.settle();
  assertEquals(order.length, 10 * tasks);
  assertEquals(order, order.map((_, at) => at % tasks));
});

Deno.test("turn: a newcomer waits for one round of the busy ones, no more", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  const late = new Probe();
  let started = -1;
  let polls = 0;
  for (let i = 0; i < 1000; i++) {
    let left = 5;
    executor.spawn(busy(() => {
      polls++;
      if (polls === 1500) {
        late.onPoll = () => started = polls;
        executor.spawn(late);
      }
      return --left === 0 ? "stop" : "go on";
    }));
  }
  host.settle();
  assertEquals(started, 1500 + 999);
});

/** Notes for how long the executor says that it was busy. */
class BusyHost extends LogHost {
  readonly busy: (number | undefined)[] = [];

  override macrotask(callback: () => void, busy?: number): void {
    this.busy.push(busy);
    super.macrotask(callback);
  }
}

Deno.test("turn: one that is cut short says for how long it went on", () => {
  const cut = (polls: number, msPerPoll: number) => {
    const host = new BusyHost();
    using executor = new Executor({ host, turn: { polls: 10, ms: 3 } });
    executor.spawn(looping(host, polls, msPerPoll));
    host.settle();
    return host.busy;
  };
  assertEquals(cut(9, 1), [3, 3], "by its time, from its first poll on");
  assertEquals(cut(21, 0.25), [2.25, 2.25], "by its polls");
});

Deno.test("turn: after a rest nobody knows for how long the executor was busy", () => {
  const host = new BusyHost();
  using executor = new Executor({ host, turn: { polls: 10 } });
  executor.spawn(looping(host, 5));
  host.settle();
  host.spent += 50;
  executor.spawn(looping(host, 8));
  host.settle();
  assertEquals(host.busy, [0]);
});

Deno.test("turn: one that is cut short says whether tasks were woken in the host's turn before", () => {
  let waker = noopWaker;
  const news: (boolean | undefined)[] = [];
  class NewsHost extends LogHost {
    override macrotask(
      callback: () => void,
      _busy?: number,
      hasNews?: boolean,
    ): void {
      const turn = news.push(hasNews);
      super.macrotask(() => {
        if (turn === 2) waker.wake(); // as a socket would
        callback();
      });
    }
  }
  const host = new NewsHost();
  using executor = new Executor({ host, turn: { polls: 10 } });
  executor.spawn(pollFn((cx) => {
    waker = cx.waker;
    return Pending;
  }));
  for (let i = 0; i < 3; i++) executor.spawn(looping(host, 16));
  host.settle();
  assertEquals(news, [false, false, true, false]);
});
