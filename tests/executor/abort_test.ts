import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertThrows,
} from "@std/assert";
import { Executor, JoinError, type JoinHandle } from "../../executor/mod.ts";
import { pollOnce, wakeCounter } from "../../executor/sim/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import { CancelledError, co, Pending, pollFn } from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { LogHost } from "./_log_host.ts";
import { traced } from "./_traced.ts";

function setUp() {
  const host = new LogHost();
  const executor = new Executor({ host });
  const probe = new Probe();
  const task = executor.spawn(probe);
  return { host, executor, probe, task };
}

function assertAborted(task: JoinHandle<unknown>): void {
  assert(task.isFinished);
  const error = assertThrows(
    () => pollOnce(task),
    JoinError,
    "Task 1 was aborted",
  );
  assert(error.isCancelled);
  assertInstanceOf(error.cause, CancelledError);
}

Deno.test("abort: before the first poll, the future is dropped unpolled", () => {
  const { host, executor, probe, task } = setUp();
  task.abort();
  assertEquals(probe.drops, 1);
  assertEquals(executor.taskCount, 0);
  host.settle();
  assertEquals(probe.polls, 0);
  assertAborted(task);
});

Deno.test("abort: an idle task's future is dropped at once", () => {
  const { host, executor, probe, task } = setUp();
  host.settle();
  task.abort();
  assertEquals(probe.drops, 1);
  assertEquals(executor.taskCount, 0);
  assertAborted(task);
});

Deno.test("abort: a woken task is not polled any more", () => {
  const { host, probe, task } = setUp();
  host.settle();
  probe.complete("too late");
  task.abort();
  host.settle();
  assertEquals([probe.polls, probe.drops], [1, 1]);
  assertAborted(task);
});

Deno.test("abort: from inside its poll, the future is dropped after that poll", () => {
  for (const wakes of [false, true]) {
    const { host, executor, probe, task } = setUp();
    probe.onPoll = (cx) => {
      if (wakes) cx.waker.wake();
      task.abort();
      cx.waker.wake();
      assertEquals(probe.drops, 0);
      assertFalse(task.isFinished);
    };
    host.settle();
    assertEquals([probe.polls, probe.drops], [1, 1]);
    assertEquals(executor.taskCount, 0);
    assertAborted(task);
  }
});

Deno.test("abort: when the poll that aborts answers, the answer stands", () => {
  const { host, executor, probe, task } = setUp();
  probe.complete("answer");
  probe.onPoll = () => task.abort();
  host.settle();
  assertEquals(pollOnce(task), "answer");
  assertEquals(probe.drops, 0);
  assertEquals(executor.taskCount, 0);
});

Deno.test("abort: when the poll that aborts fails, the failure stands", () => {
  const { host, probe, task } = setUp();
  probe.fail(new Error("failure"));
  probe.onPoll = () => task.abort();
  host.settle();
  const error = assertThrows(() => pollOnce(task), JoinError, "failure");
  assertFalse(error.isCancelled);
  assertEquals(host.errors.length, 1, "and is reported");
});

Deno.test("abort: a task that has ended is left as it is", () => {
  const { host, probe, task } = setUp();
  probe.complete("done");
  host.settle();
  task.abort();
  assertEquals(probe.drops, 0);
  assertEquals(pollOnce(task), "done");
});

Deno.test("abort: aborting again does nothing", () => {
  const { executor, probe, task } = setUp();
  task.abort();
  task.abort();
  assertEquals(probe.drops, 1);
  assertEquals(executor.taskCount, 0);
});

Deno.test("abort: from inside the drop it causes it does nothing", () => {
  const { executor, probe, task } = setUp();
  probe.onDrop = () => {
    assert(task.isFinished);
    task.abort();
    task[Symbol.dispose]();
  };
  task.abort();
  assertEquals(probe.drops, 1);
  assertEquals(executor.taskCount, 0);
});

Deno.test("abort: from another task it takes effect before that poll ends", () => {
  const { host, executor, probe, task } = setUp();
  host.settle();
  const killer = new Probe();
  killer.onPoll = () => {
    task.abort();
    assertEquals(probe.drops, 1);
  };
  executor.spawn(killer);
  probe.wake();
  host.settle();
  assertEquals(killer.polls, 1);
});

Deno.test("abort: one that stands in line behind is skipped, the rest goes on", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  const killer = new Probe();
  executor.spawn(killer);
  const doomed = executor.spawn(traced(host.log, "doomed"));
  executor.spawn(traced(host.log, "next"));
  killer.onPoll = () => doomed.abort();
  host.take();
  host.settle();
  assertEquals(host.take(), ["drop doomed", "poll next"]);
});

Deno.test("abort: the joiner is woken, after the drop", () => {
  const { host, probe, task } = setUp();
  host.settle();
  const waker = wakeCounter();
  pollOnce(task, waker);
  probe.onDrop = () => assertEquals(waker.count, 0);
  task.abort();
  assertEquals(waker.count, 1);
  assertAborted(task);
});

Deno.test("abort: a drop that throws is reported, and stops nothing", () => {
  const { host, executor, probe, task } = setUp();
  host.settle();
  const waker = wakeCounter();
  pollOnce(task, waker);
  const error = new Error("a bad drop");
  probe.onDrop = () => {
    throw error;
  };
  const next = new Probe();
  executor.spawn(next);
  task.abort();
  assertEquals(host.errors, [error]);
  assertEquals(waker.count, 1);
  assertEquals(executor.taskCount, 1);
  host.settle();
  assertEquals(next.polls, 1);
});

Deno.test("abort: a bad drop after the task's own poll is reported as well", () => {
  const { host, executor, probe, task } = setUp();
  const error = new Error("a bad drop");
  probe.onPoll = () => task.abort();
  probe.onDrop = () => {
    throw error;
  };
  const next = new Probe();
  executor.spawn(next);
  host.settle();
  assertEquals(host.errors, [error]);
  assertEquals(next.polls, 1);
});

Deno.test("abort: it reaches the leaves, and runs what stands in finally", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  const log: string[] = [];
  const task = executor.spawn(co(function* () {
    try {
      yield* sleep(1000);
    } finally {
      log.push("finally");
    }
  }));
  host.settle();
  assertEquals(executor.timerCount, 1);
  task.abort();
  assertEquals(log, ["finally"]);
  assertEquals(executor.timerCount, 0);
});

Deno.test("abort: an aborted task is never reported", () => {
  const { host, task } = setUp();
  task.abort();
  host.settle();
  assertEquals(host.errors, []);
});

Deno.test("abort: a task that aborts itself and has woken itself leaves the line", () => {
  const host = new LogHost();
  using executor = new Executor({ host, turn: { polls: 1 } });
  const task: JoinHandle<unknown> = executor.spawn(pollFn((cx) => {
    cx.waker.wake();
    task.abort();
    return Pending;
  }));
  host.settle();
  assertAborted(task);
  assertEquals(host.log, ["microtask"], "no further turn was asked for");
});
