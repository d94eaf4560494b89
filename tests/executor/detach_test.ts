import { assert, assertEquals, assertThrows } from "@std/assert";
import { Executor, JoinError } from "../../executor/mod.ts";
import { pollOnce, wakeCounter } from "../../executor/sim/mod.ts";
import { PolledAfterCompletionError } from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { LogHost } from "./_log_host.ts";

function setUp() {
  const host = new LogHost();
  const executor = new Executor({ host });
  const probe = new Probe();
  const task = executor.spawn(probe);
  host.settle();
  return { host, executor, probe, task };
}

Deno.test("detach: the task runs on when the handle is dropped", () => {
  const { host, executor, probe, task } = setUp();
  {
    using held = task;
    held.detach();
  }
  assertEquals(probe.drops, 0);
  assertEquals(executor.taskCount, 1);
  probe.complete("done");
  host.settle();
  assert(task.isFinished);
});

Deno.test("detach: detaching again does nothing", () => {
  const { host, probe, task } = setUp();
  task.detach();
  task.detach();
  probe.fail(new Error("unseen"));
  host.settle();
  task.detach();
  host.settle();
  assertEquals(host.errors.length, 1);
});

Deno.test("detach: a handle that was joined or dropped cannot be", () => {
  const { host, probe, task: joined } = setUp();
  probe.complete("done");
  host.settle();
  pollOnce(joined);
  assertThrows(
    () => joined.detach(),
    PolledAfterCompletionError,
    "it already completed",
  );
  const { task: dropped } = setUp();
  dropped[Symbol.dispose]();
  assertThrows(
    () => dropped.detach(),
    PolledAfterCompletionError,
    "it was dropped",
  );
});

Deno.test("detach: a detached task can still be aborted", () => {
  const { executor, probe, task } = setUp();
  task.detach();
  task.abort();
  assertEquals(probe.drops, 1);
  assertEquals(executor.taskCount, 0);
});

Deno.test("detach: the task's failure is reported, once", () => {
  const { host, probe, task } = setUp();
  task.detach();
  probe.fail(new Error("unseen"));
  host.settle();
  assertEquals(host.errors.length, 1);
  assert(host.errors[0] instanceof JoinError);
});

Deno.test("detach: the failure is reported also if somebody has waited before", () => {
  const { host, probe, task } = setUp();
  pollOnce(task); // somebody who has given up since
  task.detach();
  probe.fail(new Error("unseen"));
  host.settle();
  assertEquals(host.errors.length, 1);
});

Deno.test("detach: a failure that came before is reported, once", async (t) => {
  for (const waited of [true, false]) {
    await t.step(waited ? "somebody waited" : "nobody waited", () => {
      const { host, executor, probe, task } = setUp();
      if (waited) pollOnce(task);
      // Detached in the turn of the failure, before it could be reported.
      const detaching = new Probe();
      detaching.onPoll = () => task.detach();
      probe.fail(new Error("unseen"));
      executor.spawn(detaching);
      host.settle();
      assertEquals(host.errors.length, 1);
    });
    await t.step(waited ? "long ago, waited" : "long ago, not waited", () => {
      const { host, probe, task } = setUp();
      if (waited) pollOnce(task);
      probe.fail(new Error("unseen"));
      host.settle();
      task.detach();
      host.settle();
      assertEquals(host.errors.length, 1);
    });
  }
});

Deno.test("detach: whoever waits on a loan of the handle is not left asleep", () => {
  const { host, probe, task } = setUp();
  const waker = wakeCounter();
  pollOnce(task, waker);
  task.detach();
  probe.complete("done");
  host.settle();
  assertEquals(waker.count, 1);
});

Deno.test("detach: whoever waits on a loan of the handle is told at once, once", () => {
  const { host, probe, task } = setUp();
  const waker = wakeCounter();
  pollOnce(task, waker);
  task.detach();
  assertEquals(waker.count, 1);
  task.detach();
  probe.complete("done");
  host.settle();
  assertEquals(waker.count, 1);
});
