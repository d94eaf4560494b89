import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { JoinError, JoinSet, spawn, yieldNow } from "../../executor/mod.ts";
import { pollOnce, wakeCounter } from "../../executor/sim/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import {
  co,
  FutureMovedError,
  lazy,
  map,
  nowOrNever,
  Pending,
  pending,
  PolledAfterCompletionError,
  ready,
  select,
  settle,
} from "../../future/mod.ts";
import { collect, Done } from "../../future/stream/mod.ts";
import { Probe } from "../_probe.ts";
import { inside } from "./_inside.ts";
import { World } from "./_world.ts";

const after = <T>(ms: number, value: T) => map(sleep(ms), () => value);

/** A set and probes that run in it. */
function setUp(count: number) {
  const world = new World({ unjoined: "ignore" });
  const set = new JoinSet<string>();
  const probes = Array.from({ length: count }, (_, i) => new Probe(`${i}`));
  inside(world.executor, world.host, () => {
    for (const probe of probes) set.spawn(probe, { name: probe.name });
  });
  world.host.settle();
  return { ...world, world, host: world.host, set, probes };
}

Deno.test("join set: values come in the order in which the tasks end", async () => {
  using world = new World();
  const seen = await world.run(function* () {
    using set = new JoinSet<number>();
    for (const ms of [30, 10, 20]) set.spawn(after(ms, ms));
    assertEquals(set.size, 3);
    return yield* collect(set);
  });
  assertEquals(seen, [10, 20, 30]);
  world.assertClean();
});

Deno.test("join set: its tasks run whether or not it is polled", () => {
  const { set, probes, host } = setUp(2);
  assertEquals(probes.map((probe) => probe.polls), [1, 1]);
  probes[1]!.complete("b");
  host.settle();
  probes[0]!.complete("a");
  host.settle();
  assertEquals(pollOnce(set.joinNext()), "b");
  assertEquals(pollOnce(set.joinNext()), "a");
  assertStrictEquals(pollOnce(set.joinNext()), Done);
});

Deno.test("join set: an empty one is at its end until the next spawn", async () => {
  using world = new World();
  await world.run(function* () {
    using set = new JoinSet<string>();
    assertStrictEquals(yield* set.joinNext(), Done);
    set.spawn(ready("x"));
    assertEquals(yield* set.joinNext(), "x");
    assertStrictEquals(yield* set.joinNext(), Done);
    assertEquals(set.size, 0);
  });
  world.assertClean();
});

Deno.test("join set: a failure is thrown as a JoinError, and the others go on", async () => {
  using world = new World();
  const cause = new RangeError("no");
  await world.run(function* () {
    using set = new JoinSet<string>();
    set.spawn(Probe.failing(cause), { name: "bad" });
    set.spawn(after(5, "good"));
    const first = yield* settle(set.joinNext());
    assert(first.status === "rejected");
    assertInstanceOf(first.reason, JoinError);
    assertStrictEquals(first.reason.cause, cause);
    assertEquals(first.reason.taskName, "bad");
    assertEquals(yield* set.joinNext(), "good");
  });
  world.assertClean(); // and nothing was reported besides
});

Deno.test("join set: waiting wakes once a task has ended, and not before", () => {
  const { set, probes, host } = setUp(2);
  const waker = wakeCounter();
  using next = set.joinNext();
  assertStrictEquals(pollOnce(next, waker), Pending);
  probes[0]!.wake();
  host.settle();
  assertEquals(waker.count, 0);
  probes[0]!.complete("a");
  probes[1]!.complete("b");
  host.settle();
  assertEquals(waker.count, 1);
  assertEquals(pollOnce(next, waker), "a");
});

Deno.test("join set: the last waker is the one that is woken", () => {
  const { set, probes, host } = setUp(1);
  const [first, last] = [wakeCounter(), wakeCounter()];
  using next = set.joinNext();
  pollOnce(next, first);
  pollOnce(next, last);
  probes[0]!.complete("a");
  host.settle();
  assertEquals([first.count, last.count], [0, 1]);
});

Deno.test("join set: a joinNext that loses a select loses no value", async () => {
  using world = new World();
  const seen = await world.run(function* () {
    using set = new JoinSet<number>();
    for (const ms of [5, 15, 25]) set.spawn(after(ms, ms));
    const seen: number[] = [];
    while (set.size > 0) {
      const won = yield* select({ next: set.joinNext(), tick: sleep(3) });
      if (won.key === "next" && won.value !== Done) seen.push(won.value);
    }
    return seen;
  });
  assertEquals(seen, [5, 15, 25]);
  world.assertClean();
});

Deno.test("join set: dropping it drops all futures at that moment", () => {
  const { set, probes, world, host } = setUp(3);
  probes[0]!.complete("a");
  host.settle();
  set[Symbol.dispose]();
  assertEquals(probes.map((probe) => probe.drops), [0, 1, 1]);
  assertEquals(set.size, 0);
  assertEquals(world.executor.taskCount, 0);
  set[Symbol.dispose]();
  assertEquals(probes.map((probe) => probe.drops), [0, 1, 1]);
});

Deno.test("join set: using it in a task that is aborted drops all", () => {
  using world = new World();
  const probe = new Probe();
  const task = world.executor.spawn(co(function* () {
    using set = new JoinSet<string>();
    set.spawn(probe);
    yield* set.joinNext();
  }));
  world.host.settle();
  assertEquals(world.executor.taskCount, 2);
  task.abort();
  assertEquals(probe.drops, 1);
  world.assertClean();
});

Deno.test("join set: after its drop it takes and gives nothing", () => {
  const { set } = setUp(0);
  set[Symbol.dispose]();
  const future = pending();
  assertThrows(() => set.spawn(future as Probe), PolledAfterCompletionError);
  nowOrNever(future); // it was not adopted
  assertThrows(() => pollOnce(set.joinNext()), PolledAfterCompletionError);
  assertThrows(() => set.abortAll(), PolledAfterCompletionError);
});

Deno.test("join set: a future that cannot be adopted is refused, and not counted", () => {
  const { set } = setUp(0);
  const held = new Probe();
  spawn(held)[Symbol.dispose]();
  using _owner = map(new Probe(), () => {});
  const owned = new Probe();
  using _other = map(owned, () => {});
  assertThrows(() => set.spawn(owned), FutureMovedError);
  assertThrows(() => set.spawn(Promise.resolve("x") as never), TypeError);
  assertEquals(set.size, 0);
});

Deno.test("join set: abortAll drops all at once and leaves them to be fetched", () => {
  const { set, probes, host } = setUp(2);
  probes[0]!.complete("a");
  host.settle();
  set.abortAll();
  assertEquals(probes.map((probe) => probe.drops), [0, 1]);
  assertEquals(set.size, 2);
  assertEquals(pollOnce(set.joinNext()), "a");
  const error = assertThrows(() => pollOnce(set.joinNext()), JoinError);
  assert(error.isCancelled);
  assertStrictEquals(pollOnce(set.joinNext()), Done);
});

Deno.test("join set: abortAll from one of its tasks drops that one after its poll", async () => {
  using world = new World();
  const log: string[] = [];
  await world.run(function* () {
    using set = new JoinSet<void>();
    set.spawn(co(function* () {
      try {
        set.abortAll();
        log.push("goes on to its end");
        yield* pending();
      } finally {
        log.push("dropped");
      }
    }));
    const { status } = yield* settle(set.joinNext());
    log.push(status);
  });
  assertEquals(log, ["goes on to its end", "dropped", "rejected"]);
  world.assertClean();
});

Deno.test("join set: abortAll spares what the drops spawn", async () => {
  using world = new World();
  await world.run(function* () {
    using set = new JoinSet<string>();
    set.spawn(co(function* () {
      try {
        yield* pending();
      } finally {
        set.spawn(ready("goodbye"));
      }
      return "";
    }));
    yield* yieldNow();
    set.abortAll();
    const { status } = yield* settle(set.joinNext());
    assertEquals(status, "rejected");
    assertEquals(yield* set.joinNext(), "goodbye");
  });
  world.assertClean();
});

Deno.test("join set: what drops throw is gathered, and thrown once all are dropped", () => {
  for (const how of ["abortAll", Symbol.dispose] as const) {
    const { set, probes, host } = setUp(3);
    const [first, second] = [new Error("first"), new Error("second")];
    probes[0]!.onDrop = () => {
      throw first;
    };
    probes[1]!.onDrop = () => {
      throw second;
    };
    const error = assertThrows(() => set[how](), SuppressedError);
    assertStrictEquals(error.error, second);
    assertStrictEquals(error.suppressed, first);
    assertEquals(probes.map((probe) => probe.drops), [1, 1, 1]);
    assertEquals(host.errors, []);
  }
});

Deno.test("join set: what a drop throws that the set has not caused is reported", () => {
  const world = new World();
  const set = new JoinSet<string>();
  const probe = new Probe();
  const bad = new Error("bad drop");
  probe.onDrop = () => {
    throw bad;
  };
  const task = inside(world.executor, world.host, () => set.spawn(probe));
  task.abort();
  assertEquals(world.host.errors, [bad]);
  assertThrows(() => pollOnce(set.joinNext()), JoinError);
});

Deno.test("join set: a failure that nobody fetched is reported when it is dropped, once", () => {
  for (const handle of ["kept", "detached", "dropped"]) {
    using world = new World();
    const set = new JoinSet<string>();
    const cause = new Error("no");
    const task = inside(
      world.executor,
      world.host,
      () => set.spawn(Probe.failing(cause), { name: "lost" }),
    );
    world.host.settle();
    if (handle === "detached") task.detach();
    else if (handle === "dropped") task[Symbol.dispose]();
    world.host.settle();
    assertEquals(world.host.errors, [], handle);
    set[Symbol.dispose]();
    world.host.settle();
    world.host.settle();
    assertEquals(world.host.errors.length, 1, handle);
    const [error] = world.host.errors;
    assertInstanceOf(error, JoinError);
    assertEquals(error.taskName, "lost");
    assertStrictEquals(error.cause, cause);
  }
});

Deno.test("join set: a failure that was joined, or is about to be, is not reported when it is dropped", () => {
  for (const when of ["before", "after", "within"]) {
    using world = new World();
    const set = new JoinSet<string>();
    const probe = new Probe();
    const task = inside(world.executor, world.host, () => {
      const inner = when === "within"
        ? map(probe, () => {
          set[Symbol.dispose](); // it is left to its joiner
          throw new Error("no");
        })
        : probe;
      return set.spawn(inner);
    });
    world.host.settle();
    assertStrictEquals(pollOnce(task), Pending);
    if (when === "within") probe.complete("go on");
    else probe.fail(new Error("no"));
    world.host.settle();
    if (when === "after") set[Symbol.dispose]();
    assertThrows(() => pollOnce(task), JoinError, "no");
    set[Symbol.dispose]();
    world.host.settle();
    assertEquals(world.host.errors, [], when);
  }
});

Deno.test("join set: dropped by one of its tasks, that one's failure is reported", () => {
  using world = new World();
  const set = new JoinSet<void>();
  const cause = new Error("no");
  inside(world.executor, world.host, () => {
    set.spawn(lazy(() => {
      set[Symbol.dispose]();
      throw cause;
    }));
  });
  world.host.settle();
  assertEquals(
    world.host.errors.map((error) => (error as JoinError).cause),
    [cause],
  );
});

Deno.test("join set: a handle joins, aborts and detaches, and the set has the task still", async () => {
  using world = new World();
  const cause = new Error("no");
  await world.run(function* () {
    using set = new JoinSet<string>();
    const joined = set.spawn(after(1, "a"));
    assertEquals(yield* joined, "a");
    assertEquals(yield* set.joinNext(), "a");
    set.spawn(Probe.failing(cause)).detach();
    yield* sleep(1);
    assertEquals((yield* settle(set.joinNext())).status, "rejected");
    using aborted = set.spawn(pending() as Probe);
    aborted.abort();
    assertEquals((yield* settle(set.joinNext())).status, "rejected");
  });
  world.assertClean(); // so the failure of the detached one was not reported
});

Deno.test("join set: a waker that throws is reported, and keeps no task from ending", () => {
  const { set, probes, host } = setUp(2);
  const bad = new Error("bad waker");
  using next = set.joinNext();
  pollOnce(next, {
    wake() {
      throw bad;
    },
    willWake: () => false,
  });
  probes[0]!.complete("a");
  probes[1]!.complete("b");
  host.settle();
  assertEquals(host.errors, [bad]);
  assertEquals(pollOnce(next), "a");
  assertEquals(pollOnce(set.joinNext()), "b");
});

Deno.test("join set: many values at hand let other tasks run in between", async () => {
  using world = new World({ taskBudget: 4 });
  const log: string[] = [];
  await world.run(function* () {
    using set = new JoinSet<number>();
    for (let i = 0; i < 10; i++) set.spawn(ready(i));
    yield* sleep(1);
    spawn(lazy(() => log.push("other")));
    for (let i = 0; i < 10; i++) {
      yield* set.joinNext();
      log.push("value");
    }
  });
  assert(log.indexOf("other") < 9, log.join(" "));
});

Deno.test("join set: once abortAll is done, what another drop throws is reported again", () => {
  const { set, probes, host } = setUp(1);
  set.abortAll();
  const bad = new Error("bad drop");
  const probe = new Probe();
  probe.onDrop = () => {
    throw bad;
  };
  assertEquals(probes[0]!.drops, 1);
  const world = new World();
  const task = inside(world.executor, world.host, () => set.spawn(probe));
  task.abort();
  assertEquals(world.host.errors, [bad]);
  assertEquals(host.errors, []);
});

Deno.test("join set: a drop that calls abortAll itself adds to the same errors", () => {
  const { set, probes, host } = setUp(3);
  const errors = [0, 1, 2].map((i) => new Error(`drop ${i}`));
  probes.forEach((probe, i) => {
    probe.onDrop = () => {
      if (i === 0) set.abortAll();
      throw errors[i];
    };
  });
  const error = assertThrows(() => set.abortAll(), SuppressedError);
  assertStrictEquals(error.error, errors[0]);
  assertStrictEquals(error.suppressed.error, errors[2]);
  assertStrictEquals(error.suppressed.suppressed, errors[1]);
  assertEquals(host.errors, []);
});

Deno.test("join set: dropping it wakes whoever waits for it, who is told", () => {
  const { set } = setUp(1);
  const waker = wakeCounter();
  const next = set.joinNext();
  pollOnce(next, waker);
  set[Symbol.dispose]();
  assertEquals(waker.count, 1);
  assertThrows(() => pollOnce(next), PolledAfterCompletionError);
});
