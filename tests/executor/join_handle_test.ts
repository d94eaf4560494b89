import {
  assert,
  assertEquals,
  assertFalse,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  Executor,
  JoinError,
  JoinHandle,
  JoinSet,
} from "../../executor/mod.ts";
import { pollOnce, VirtualClock, wakeCounter } from "../../executor/sim/mod.ts";
import {
  co,
  type Future,
  FutureMovedError,
  join,
  lazy,
  Pending,
  pin,
  PolledAfterCompletionError,
  pollFn,
  ReentrantPollError,
  select,
  type Waker,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { LogHost } from "./_log_host.ts";

/** An executor with one task of a probe on it, polled once. */
function setUp(name?: string) {
  const host = new LogHost();
  const executor = new Executor({ host });
  const probe = new Probe();
  const task = executor.spawn(probe, name === undefined ? {} : { name });
  host.settle();
  return { host, executor, probe, task };
}

Deno.test("join handle: joining gives the value, before and after the end", () => {
  const { host, executor, probe, task } = setUp();
  const early = executor.run(task);
  probe.complete("value");
  host.settle();
  const late = executor.spawn(Probe.ready("late"));
  host.settle();
  assertEquals(pollOnce(late), "late");
  return early.then((value) => assertEquals(value, "value"));
});

Deno.test("join handle: a failed task throws a JoinError with its error as cause", () => {
  const { host, probe, task } = setUp("reader");
  assertStrictEquals(pollOnce(task), Pending);
  const cause = new RangeError("out of tea");
  probe.fail(cause);
  host.settle();
  const error = assertThrows(
    () => pollOnce(task),
    JoinError,
    'Task 1 "reader" failed: RangeError: out of tea',
  );
  assertStrictEquals(error.cause, cause);
  assertFalse(error.isCancelled);
});

Deno.test("join handle: the joiner is woken once, at the end", () => {
  const { host, probe, task } = setUp();
  const waker = wakeCounter();
  pollOnce(task, waker);
  probe.wake();
  host.settle();
  assertEquals(waker.count, 0);
  probe.complete("done");
  assertEquals(waker.count, 0);
  host.settle();
  assertEquals(waker.count, 1);
  assertEquals(pollOnce(task, waker), "done");
});

Deno.test("join handle: whoever was woken by the end is not woken by what becomes of the handle", () => {
  for (const end of ["detach", "drop"]) {
    const { host, probe, task } = setUp();
    const waker = wakeCounter();
    pollOnce(task, waker);
    probe.complete("done");
    host.settle();
    if (end === "detach") task.detach();
    else task[Symbol.dispose]();
    host.settle();
    assertEquals(waker.count, 1, end);
  }
});

Deno.test("join handle: whoever waits is woken also if the task's end itself joins", () => {
  const { host, probe, task } = setUp();
  const waker = wakeCounter();
  pollOnce(task, waker);
  probe.onDrop = () => void assertThrows(() => pollOnce(task), JoinError);
  task.abort();
  assertEquals([probe.drops, waker.count, host.errors], [1, 1, []]);
  assertThrows(() => pollOnce(task), PolledAfterCompletionError);
});

Deno.test("join handle: whoever is woken by a set is not the only one that is told of the end", () => {
  const host = new LogHost();
  const executor = new Executor({ host });
  const waker = wakeCounter();
  const probe = new Probe();
  executor.spawn(lazy(() => {
    const set = new JoinSet<string>();
    const task = set.spawn(probe);
    assertStrictEquals(pollOnce(task, waker), Pending);
    pollOnce(set.joinNext(), {
      wake: () => assertEquals(pollOnce(task), "done"),
      willWake: () => false,
    });
  }));
  host.settle();
  probe.complete("done");
  host.settle();
  assertEquals([waker.count, host.errors], [1, []]);
});

Deno.test("join handle: the waker of the last poll is the one that is woken", () => {
  const { host, probe, task } = setUp();
  const [first, second] = [wakeCounter(), wakeCounter()];
  pollOnce(task, first);
  pollOnce(task, second);
  probe.complete("done");
  host.settle();
  assertEquals([first.count, second.count], [0, 1]);
});

Deno.test("join handle: a waker that will wake the same is not stored anew", () => {
  const { host, probe, task } = setUp();
  let woken = "";
  const named = (name: string): Waker => ({
    wake: () => woken += name,
    willWake: () => true,
  });
  pollOnce(task, named("first"));
  pollOnce(task, named("second"));
  probe.complete("done");
  host.settle();
  assertEquals(woken, "first");
});

Deno.test("join handle: a waker that throws stops nothing", () => {
  const { host, executor, probe, task } = setUp();
  const error = new Error("a bad waker");
  pollOnce(task, {
    wake() {
      throw error;
    },
    willWake: () => false,
  });
  const next = new Probe();
  probe.complete("done");
  executor.spawn(next);
  host.settle();
  assertEquals(next.polls, 1);
  assertEquals(host.errors, [error]);
  assertEquals(pollOnce(task), "done");
});

Deno.test("join handle: after joining it throws when polled", async (t) => {
  const ends: Record<string, (probe: Probe) => void> = {
    "a value": (probe) => probe.complete("done"),
    "a failure": (probe) => probe.fail(new Error("no")),
  };
  for (const [how, end] of Object.entries(ends)) {
    await t.step(how, () => {
      const { host, probe, task } = setUp();
      pollOnce(task);
      end(probe);
      host.settle();
      try {
        pollOnce(task);
      } catch (error) {
        assert(error instanceof JoinError);
      }
      for (let i = 0; i < 2; i++) {
        assertThrows(
          () => pollOnce(task),
          PolledAfterCompletionError,
          "Cannot poll JoinHandle: it already completed",
        );
      }
    });
  }
});

Deno.test("join handle: dropped or detached it throws when polled", () => {
  const { task: dropped } = setUp();
  dropped[Symbol.dispose]();
  assertThrows(
    () => pollOnce(dropped),
    PolledAfterCompletionError,
    "Cannot poll JoinHandle: it was dropped",
  );
  const { task: detached } = setUp();
  detached.detach();
  assertThrows(
    () => pollOnce(detached),
    PolledAfterCompletionError,
    "Cannot poll JoinHandle: it was detached",
  );
});

Deno.test("join handle: dropping it aborts the task, once", () => {
  const { host, executor, probe, task } = setUp();
  {
    using _held = task;
  }
  assertEquals(probe.drops, 1);
  assert(task.isFinished);
  assertEquals(executor.taskCount, 0);
  task[Symbol.dispose]();
  host.settle();
  assertEquals([probe.polls, probe.drops], [1, 1]);
});

Deno.test("join handle: whoever waits on a loan of it is told when it is dropped", () => {
  const { host, task } = setUp();
  const waker = wakeCounter();
  const loan = pin(task);
  assertStrictEquals(pollOnce(loan, waker), Pending);
  task[Symbol.dispose]();
  host.settle();
  assertEquals(waker.count, 1);
  assertThrows(
    () => pollOnce(loan),
    PolledAfterCompletionError,
    "Cannot poll JoinHandle: it was dropped",
  );
});

Deno.test("join handle: dropped from inside its task's poll, it wakes its joiner then", () => {
  const host = new LogHost();
  const executor = new Executor({ host });
  const waker = wakeCounter();
  const seen: number[] = [];
  const task = executor.spawn(pollFn(() => {
    task[Symbol.dispose]();
    seen.push(waker.count);
    return Pending;
  }));
  pollOnce(task, waker);
  host.settle();
  assertEquals([seen, waker.count, task.isFinished], [[1], 1, true]);
});

Deno.test("join handle: a waker that throws as the handle is given up is reported", () => {
  for (const end of ["detach", "drop"]) {
    const { host, task } = setUp();
    pollOnce(task, {
      wake() {
        throw new Error("bad waker");
      },
      willWake: () => false,
    });
    if (end === "detach") task.detach();
    else task[Symbol.dispose]();
    assertEquals(host.errors.map(String), ["Error: bad waker"]);
  }
});

Deno.test("join handle: a console shows the task, not all that it is made of", () => {
  const { executor, task } = setUp("reader");
  assertEquals(Deno.inspect(task), 'JoinHandle (task 1 "reader")');
  assertEquals(
    Deno.inspect({ handle: executor.spawn(new Probe()) }),
    "{ handle: JoinHandle (task 2) }",
  );
});

Deno.test("join handle: it is an instance of JoinHandle, and other futures are none", () => {
  assert(setUp().task instanceof JoinHandle);
  assertFalse(new Probe() instanceof JoinHandle);
});

Deno.test("join handle: dropping it after the end does nothing", () => {
  const { host, probe, task } = setUp();
  probe.complete("done");
  host.settle();
  task[Symbol.dispose]();
  assertEquals(probe.drops, 0);
});

Deno.test("join handle: isFinished tells whether the task has ended", () => {
  const { host, probe, task } = setUp();
  assertFalse(task.isFinished);
  probe.complete("done");
  assertFalse(task.isFinished);
  host.settle();
  assert(task.isFinished);
});

Deno.test("join handle: a task that joins itself fails, and that is reported", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  const task: Future<string> = executor.spawn(
    co(function* (): Generator<Future<unknown>, string> {
      return yield* pin(task);
    }),
    { name: "narcissus" },
  );
  host.settle();
  const [report] = host.errors;
  assert(report instanceof JoinError);
  assert(report.cause instanceof ReentrantPollError);
  assertEquals(
    report.cause.message,
    'Cannot poll task 1 "narcissus": it is being polled right now, further up',
  );
});

Deno.test("join handle: after a poll from inside its own task it can still be joined", () => {
  const { host, probe, task } = setUp();
  probe.onPoll = () => assertThrows(() => pollOnce(task), ReentrantPollError);
  probe.complete("done");
  host.settle();
  assertEquals(probe.polls, 2);
  assertEquals(pollOnce(task), "done");
});

Deno.test("join handle: lent with pin it loses a round and goes on", async () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const slow = new Probe();
  const rounds = executor.run(co(function* () {
    using task = executor.spawn(slow);
    const keys: string[] = [];
    for (let round = 0; round < 3; round++) {
      const other = new Probe();
      if (round < 2) other.complete("other");
      else slow.complete("slow");
      const { key } = yield* select({ task: pin(task), other });
      keys.push(key);
    }
    return keys;
  }));
  clock.settle();
  assertEquals(await rounds, ["other", "other", "task"]);
  assertEquals(slow.drops, 0);
});

Deno.test("join handle: it has one owner, as every future", () => {
  const { executor, task } = setUp();
  executor.spawn(task);
  assertThrows(
    () => join([task]),
    FutureMovedError,
    "Cannot move JoinHandle: Task holds it",
  );
});

Deno.test("join handle: a task of one executor can be joined on another", async () => {
  const [here, there] = [new VirtualClock(), new VirtualClock()];
  using one = new Executor({ host: here });
  using two = new Executor({ host: there });
  const probe = new Probe();
  const joined = two.run(one.spawn(probe));
  there.settle();
  here.settle();
  probe.complete("across");
  here.settle();
  there.settle();
  assertEquals(await joined, "across");
});

Deno.test("join handle: many of them are joined by one join", async () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const probes = [new Probe(), new Probe(), new Probe()];
  const all = executor.run(join(probes.map((probe) => executor.spawn(probe))));
  clock.settle();
  [2, 0, 1].forEach((i) => probes[i]!.complete(`${i}`));
  clock.settle();
  assertEquals(await all, ["0", "1", "2"]);
});
