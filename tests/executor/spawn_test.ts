import {
  assertEquals,
  assertFalse,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { Executor, run, spawn } from "../../executor/mod.ts";
import { VirtualClock } from "../../executor/sim/mod.ts";
import {
  co,
  type Future,
  FutureMovedError,
  pending,
  ready,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { traced } from "./_traced.ts";

Deno.test("spawn: what is no future throws at once, and nothing is started", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const promise = Promise.resolve(1) as unknown as Future<number>;
  for (const start of [executor.spawn.bind(executor), spawn]) {
    assertThrows(
      () => start(promise),
      TypeError,
      "Cannot adopt Promise: it is not a Future; wrap a promise with fromPromise()",
    );
  }
  assertEquals(executor.taskCount, 0);
});

Deno.test("spawn: a future that is held throws, and stays where it is", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const probe = new Probe();
  executor.spawn(probe);
  for (const start of [executor.spawn.bind(executor), spawn]) {
    assertThrows(
      () => start(probe),
      FutureMovedError,
      "Cannot move Probe: Task holds it",
    );
  }
  clock.settle();
  assertEquals(executor.taskCount, 1);
  assertEquals([probe.polls, probe.drops], [1, 0]);
});

Deno.test("spawn: tasks are numbered from 1 on, each executor for itself", () => {
  const clock = new VirtualClock();
  using one = new Executor({ host: clock });
  using two = new Executor({ host: clock });
  const ids = [one, one, two, one, two].map((it) => it.spawn(ready(0)).id);
  assertEquals(ids, [1, 2, 1, 3, 2]);
});

Deno.test("spawn: a task has the name it was given, or none", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  assertEquals(executor.spawn(ready(0)).name, undefined);
  assertEquals(executor.spawn(ready(0), { name: "reader" }).name, "reader");
  executor.spawn(co(function* () {
    const inner = spawn(ready(0), { name: "inner" });
    assertEquals(inner.name, "inner");
    yield* inner;
  }));
  clock.settle();
  assertEquals(executor.taskCount, 0);
});

Deno.test("spawn: inside a task it starts on the executor of that task", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const probe = new Probe();
  // deno-lint-ignore require-yield
  executor.spawn(co(function* () {
    spawn(probe);
    assertEquals(probe.polls, 0, "not before its own turn");
  }));
  clock.settle();
  assertEquals(probe.polls, 1);
  assertEquals(executor.taskCount, 1);
});

Deno.test("spawn: while a task is dropped it starts on the executor of that task", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const cleaning = new Probe();
  const task = executor.spawn(co(function* () {
    try {
      yield* pending();
    } finally {
      spawn(cleaning);
    }
  }));
  clock.settle();
  task.abort();
  assertEquals(executor.taskCount, 1);
  clock.settle();
  assertEquals(cleaning.polls, 1);
});

Deno.test("spawn: a drop that throws leaves no executor behind", async () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const probe = new Probe();
  probe.onDrop = () => {
    throw new Error("a bad drop");
  };
  executor.spawn(probe).abort();
  assertThrows(() => clock.settle(), Error, "a bad drop");
  assertEquals(
    await run(spawn(ready("on the default one"))),
    "on the default one",
  );
  assertEquals(executor.taskCount, 0);
});

Deno.test("spawn: outside of all tasks it starts on the default executor", async () => {
  using other = new Executor();
  const [one, two] = [spawn(ready("one")), spawn(ready("two"))];
  assertNotEquals(one.id, two.id);
  assertEquals(other.taskCount, 0);
  assertEquals(await run(one), "one");
  assertEquals(await run(two), "two");
});

Deno.test("spawn: an executor driven from inside another's task keeps to itself", () => {
  const log: string[] = [];
  const outerClock = new VirtualClock();
  const innerClock = new VirtualClock();
  using outer = new Executor({ host: outerClock });
  using inner = new Executor({ host: innerClock });
  // deno-lint-ignore require-yield
  outer.spawn(co(function* () {
    // deno-lint-ignore require-yield
    inner.spawn(co(function* () {
      spawn(traced(log, "inner"));
    }));
    innerClock.settle();
    assertEquals([outer.taskCount, inner.taskCount], [1, 1]);
    spawn(traced(log, "outer"));
    assertEquals([outer.taskCount, inner.taskCount], [2, 1]);
  }));
  outerClock.settle();
  assertEquals(log, ["poll inner", "poll outer"]);
});

Deno.test("spawn: two executors on one host do not mix", () => {
  const clock = new VirtualClock();
  using one = new Executor({ host: clock });
  using two = new Executor({ host: clock });
  const [a, b] = [new Probe(), new Probe()];
  const task = one.spawn(a);
  two.spawn(b);
  clock.settle();
  one[Symbol.dispose]();
  assertEquals([one.taskCount, two.taskCount], [0, 1]);
  assertEquals([a.drops, b.drops], [1, 0]);
  assertEquals(task.isFinished, true);
  b.wake();
  clock.settle();
  assertEquals(b.polls, 2);
});

Deno.test("spawn: the handle is there before the first poll", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const probe = Probe.ready("done");
  const task = executor.spawn(probe);
  assertFalse(task.isFinished);
  assertEquals(probe.polls, 0);
});
