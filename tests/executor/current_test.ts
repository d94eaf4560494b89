import { assertEquals, assertStrictEquals } from "@std/assert";
import { activeTask } from "../../executor/_core.ts";
import { Executor, spawn, yieldNow } from "../../executor/mod.ts";
import { VirtualClock } from "../../executor/sim/mod.ts";
import { co, lazy, Pending, pending, pollFn } from "../../future/mod.ts";
import { Probe } from "../_probe.ts";

function setUp() {
  const clock = new VirtualClock();
  return { clock, executor: new Executor({ host: clock, unjoined: "ignore" }) };
}

/** A future that is `act` at its first poll. */
function doing(act: () => void) {
  return lazy(act);
}

Deno.test("current task: outside of all tasks there is none", () => {
  const { clock, executor } = setUp();
  assertStrictEquals(activeTask(), null);
  executor.spawn(Probe.failing(new Error("no")));
  executor.spawn(doing(() => {}));
  clock.settle();
  assertStrictEquals(activeTask(), null);
});

Deno.test("current task: it is the one being polled, poll by poll", () => {
  const { clock, executor } = setUp();
  const seen: (string | undefined)[] = [];
  for (const name of ["a", "b"]) {
    executor.spawn(
      co(function* () {
        seen.push(activeTask()?.name);
        yield* yieldNow();
        seen.push(activeTask()?.name);
      }),
      { name },
    );
  }
  clock.settle();
  assertEquals(seen, ["a", "b", "a", "b"]);
});

Deno.test("current task: it is the one being dropped, whoever aborts it", () => {
  const { clock, executor } = setUp();
  const seen: (string | undefined)[] = [];
  const probe = new Probe();
  probe.onDrop = () => seen.push(activeTask()?.name);
  const victim = executor.spawn(probe, { name: "victim" });
  executor.spawn(
    doing(() => {
      victim.abort();
      seen.push(activeTask()?.name);
    }),
    { name: "killer" },
  );
  clock.settle();
  executor.spawn(pending(), { name: "other" })[Symbol.dispose]();
  assertEquals(seen, ["victim", "killer"]);
  assertStrictEquals(activeTask(), null);
});

Deno.test("current task: an executor that runs inside of a task gives it back", () => {
  const { clock: outerClock, executor: outer } = setUp();
  const { clock: innerClock, executor: inner } = setUp();
  const seen: (string | undefined)[] = [];
  const note = () => seen.push(activeTask()?.name);
  inner.spawn(doing(note), { name: "inner" });
  outer.spawn(
    doing(() => {
      innerClock.settle();
      note();
    }),
    { name: "outer" },
  );
  outerClock.settle();
  assertEquals(seen, ["inner", "outer"]);
});

Deno.test("current task: a task knows the number of the one that spawned it", () => {
  const { clock, executor } = setUp();
  const { clock: otherClock, executor: other } = setUp();
  const parents: Record<string, number | undefined> = {};
  const note = (name: string) =>
    doing(() => {
      parents[name] = activeTask()?.parent;
    });
  const parent = executor.spawn(co(function* () {
    spawn(note("child"));
    yield* yieldNow();
    spawn(note("late child"));
    other.spawn(note("elsewhere"));
  }));
  executor.spawn(note("orphan"));
  clock.settle();
  otherClock.settle();
  assertEquals(parents, {
    "child": parent.id,
    "late child": parent.id,
    "orphan": 0,
    "elsewhere": 0, // numbers of another executor mean nothing there
  });
});

Deno.test("current task: what a drop spawns is a child of the task that is dropped", () => {
  const { clock, executor } = setUp();
  let parent: number | undefined;
  const task = executor.spawn(co(function* () {
    try {
      yield* pending();
    } finally {
      spawn(doing(() => {
        parent = activeTask()!.parent;
      })).detach();
    }
  }));
  clock.settle();
  task.abort();
  clock.settle();
  assertEquals(parent, task.id);
});

Deno.test("current task: a poll that throws leaves none behind", () => {
  const { clock, executor } = setUp();
  let seen: string | undefined;
  executor.spawn(Probe.failing(new Error("no")), { name: "bad" });
  executor.spawn(
    pollFn(() => {
      seen = activeTask()?.name;
      return Pending;
    }),
    { name: "good" },
  );
  clock.settle();
  assertEquals(seen, "good");
  assertStrictEquals(activeTask(), null);
});

Deno.test("current task: it is the one that is polled, also while a drop drives the clock", () => {
  const { clock, executor } = setUp();
  const seen: (string | undefined)[] = [];
  const dropping = executor.spawn(
    co(function* () {
      try {
        yield* pending();
      } finally {
        executor.spawn(doing(() => seen.push(activeTask()?.name)), {
          name: "polled",
        }).detach();
        clock.settle();
        seen.push(activeTask()?.name);
      }
    }),
    { name: "dropped" },
  );
  clock.settle();
  dropping.abort();
  assertEquals(seen, ["polled", "dropped"]);
});

Deno.test("current task: it is the one that is dropped again, after it has dropped another", () => {
  const { clock, executor } = setUp();
  let seen: string | undefined;
  const inner = executor.spawn(pending(), { name: "inner" });
  const outer = executor.spawn(
    co(function* () {
      try {
        yield* pending();
      } finally {
        inner.abort();
        seen = activeTask()?.name;
      }
    }),
    { name: "outer" },
  );
  clock.settle();
  outer.abort();
  assertEquals(seen, "outer");
});
