import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Executor } from "../../executor/mod.ts";
import { VirtualClock } from "../../executor/sim/mod.ts";
import {
  type Budget,
  type Context,
  Pending,
  pollFn,
  type Waker,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { LogHost } from "./_log_host.ts";
import { traced } from "./_traced.ts";

Deno.test("task: it is polled in the next turn, not by spawn", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const probe = new Probe();
  executor.spawn(probe);
  assertEquals(probe.polls, 0);
  clock.settle();
  assertEquals(probe.polls, 1);
});

Deno.test("task: tasks are polled in the order they were spawned", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const log: string[] = [];
  for (const name of ["a", "b", "c"]) executor.spawn(traced(log, name));
  clock.settle();
  assertEquals(log, ["poll a", "poll b", "poll c"]);
});

Deno.test("task: tasks are polled in the order they were woken", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const log: string[] = [];
  const [a, b, c] = [traced(log, "a"), traced(log, "b"), traced(log, "c")];
  for (const probe of [a, b, c]) executor.spawn(probe);
  clock.settle();
  log.length = 0;
  c.wake();
  a.wake();
  b.wake();
  clock.settle();
  assertEquals(log, ["poll c", "poll a", "poll b"]);
});

Deno.test("task: a task that was not woken is not polled", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const log: string[] = [];
  const [a, b] = [traced(log, "a"), traced(log, "b")];
  executor.spawn(a);
  executor.spawn(b);
  clock.settle();
  b.wake();
  clock.settle();
  assertEquals(log, ["poll a", "poll b", "poll b"]);
});

Deno.test("task: wake only enqueues, it never polls", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const probe = new Probe();
  executor.spawn(probe);
  clock.settle();
  probe.wake();
  assertEquals(probe.polls, 1);
  clock.settle();
  assertEquals(probe.polls, 2);
});

Deno.test("task: waking many times before the poll is waking once", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const probe = new Probe();
  executor.spawn(probe);
  clock.settle();
  for (let i = 0; i < 5; i++) probe.wake();
  clock.settle();
  assertEquals(probe.polls, 2);
});

Deno.test("task: a second wake does not move it back in line", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const log: string[] = [];
  const [a, b] = [traced(log, "a"), traced(log, "b")];
  executor.spawn(a);
  executor.spawn(b);
  clock.settle();
  log.length = 0;
  a.wake();
  b.wake();
  a.wake();
  clock.settle();
  assertEquals(log, ["poll a", "poll b"]);
});

Deno.test("task: a wake during its own poll leads to exactly one more", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const probe = new Probe();
  probe.onPoll = (cx) => {
    if (probe.polls > 1) return;
    cx.waker.wake();
    cx.waker.wake();
    cx.waker.wake();
  };
  executor.spawn(probe);
  clock.settle();
  assertEquals(probe.polls, 2);
  probe.wake();
  clock.settle();
  assertEquals(probe.polls, 3, "and it can be woken as ever afterwards");
});

Deno.test("task: one that wakes itself goes behind those that are ready", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const log: string[] = [];
  const a = traced(log, "a");
  a.onPoll = (cx) => {
    log.push("poll a");
    if (a.polls <= 2) cx.waker.wake();
  };
  executor.spawn(a);
  executor.spawn(traced(log, "b"));
  clock.settle();
  assertEquals(log, ["poll a", "poll b", "poll a", "poll a"]);
});

Deno.test("task: what a poll wakes runs in the same turn", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  const [a, b] = [traced(host.log, "a"), traced(host.log, "b")];
  executor.spawn(b);
  executor.spawn(a);
  host.settle();
  host.take();
  a.onPoll = () => b.wake();
  a.wake();
  host.settle();
  assertEquals(host.take(), ["microtask", "poll b"]);
});

Deno.test("task: wakes after its end are nothing", async (t) => {
  const ends: Record<string, (probe: Probe) => void> = {
    "completed": (probe) => probe.complete("done"),
    "failed": (probe) => probe.fail(new Error("no")),
  };
  for (const [how, end] of Object.entries(ends)) {
    await t.step(how, () => {
      const host = new LogHost();
      using executor = new Executor({ host, unjoined: "ignore" });
      const probe = new Probe();
      executor.spawn(probe);
      host.settle();
      const waker = probe.waker!;
      end(probe);
      host.settle();
      const polls = probe.polls;
      host.take();
      waker.wake();
      host.settle();
      assertEquals(host.take(), []);
      assertEquals(probe.polls, polls);
    });
  }
  await t.step("aborted", () => {
    const host = new LogHost();
    using executor = new Executor({ host });
    const probe = new Probe();
    const task = executor.spawn(probe);
    host.settle();
    const waker = probe.waker!;
    task.abort();
    waker.wake();
    host.settle();
    assertEquals(host.take(), ["microtask"]);
    assertEquals(probe.polls, 1);
  });
});

Deno.test("task: it hands the same waker and budget to each of its polls", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const wakers = new Set<Waker>();
  const budgets = new Set<Budget | undefined>();
  const probe = new Probe();
  probe.onPoll = (cx) => {
    wakers.add(cx.waker);
    budgets.add(cx.budget);
  };
  executor.spawn(probe);
  clock.settle();
  probe.wake();
  clock.settle();
  assertEquals(wakers.size, 1);
  assertEquals(budgets.size, 1);
  assert(!budgets.has(undefined));
});

Deno.test("task: its waker knows itself, and no other", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const [a, b] = [new Probe(), new Probe()];
  executor.spawn(a);
  executor.spawn(b);
  clock.settle();
  assert(a.waker!.willWake(a.waker!));
  assert(!a.waker!.willWake(b.waker!));
});

Deno.test("task: a failure in mid-queue stops no other", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock, unjoined: "ignore" });
  const probes = [new Probe(), Probe.failing(new Error("no")), new Probe()];
  for (const probe of probes) executor.spawn<string>(probe);
  clock.settle();
  assertEquals(probes.map((probe) => probe.polls), [1, 1, 1]);
  assertEquals(executor.taskCount, 2);
});

Deno.test("task: a future that has ended is not dropped besides", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock, unjoined: "ignore" });
  const probes = [Probe.ready("x"), Probe.failing(new Error("no"))];
  for (const probe of probes) executor.spawn<string>(probe);
  clock.settle();
  executor[Symbol.dispose]();
  assertEquals(probes.map((probe) => probe.drops), [0, 0]);
});

Deno.test("task: a wake reaches it through a context kept too long", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  let kept: Context | undefined;
  let polls = 0;
  executor.spawn(pollFn((cx) => {
    polls++;
    kept = cx;
    return Pending;
  }));
  clock.settle();
  const waker = kept!.waker;
  clock.settle();
  assertStrictEquals(kept!.waker, waker);
  waker.wake();
  clock.settle();
  assertEquals(polls, 2);
});
