import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  JoinError,
  JoinSet,
  type Scope,
  scope,
  shield,
  type Spawner,
  TaskTracker,
} from "../../executor/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import { now, sleep, timeout, TimeoutError } from "../../executor/time/mod.ts";
import {
  CancelledError,
  co,
  type Future,
  pending,
  PolledAfterCompletionError,
  ready,
  select,
  settle,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { inside } from "./_inside.ts";
import { World } from "./_world.ts";

/** Begins, takes 10 ms, ends. */
function commit(log: string[], name = "commit"): Future<string> {
  return co(function* () {
    log.push(`${name} begins`);
    try {
      yield* sleep(10);
      log.push(`${name} is done at ${now()}`);
      return name;
    } catch (error) {
      log.push("torn");
      throw error;
    }
  });
}

Deno.test("shield: as long as its owner waits it is the future itself", async () => {
  using world = new World();
  await world.run(function* () {
    assertEquals(yield* shield(ready("x")), "x");
    assertEquals(yield* shield(commit([])), "commit");
    const error = new Error("no");
    assertEquals(yield* settle(shield(Probe.failing(error))), {
      status: "rejected",
      reason: error,
    });
  });
  world.assertClean();
  const done = shield(ready(1));
  pollOnce(done);
  assertThrows(() => pollOnce(done), PolledAfterCompletionError);
  done[Symbol.dispose]();
});

Deno.test("shield: when its owner gives it up, it goes on as a task", async () => {
  using world = new World();
  const log: string[] = [];
  await world.run(function* () {
    yield* select({
      work: shield(commit(log), { name: "late" }),
      tick: sleep(1),
    });
    assertEquals(world.executor.taskCount, 2);
    const names = world.executor.snapshot().tasks.map((task) => task.name);
    assert(names.includes("late"));
  });
  assertEquals(log, ["commit begins", "commit is done at 10"]);
  world.assertClean();
});

Deno.test("shield: an aborted task and a timeout do not tear it", async () => {
  using world = new World();
  const log: string[] = [];
  const task = world.executor.spawn(shield(commit(log, "first")));
  world.host.settle();
  task.abort();
  const error = await world.fail(function* () {
    yield* timeout(shield(commit(log, "second")), 1);
  });
  assertInstanceOf(error, TimeoutError);
  assertEquals(log.filter((entry) => entry.includes("done")).length, 2);
  world.assertClean();
});

Deno.test("shield: what has not begun is dropped", () => {
  using world = new World();
  const probe = new Probe();
  const future = shield(probe);
  future[Symbol.dispose]();
  future[Symbol.dispose]();
  assertEquals([probe.polls, probe.drops], [0, 1]);
  assertEquals(world.executor.taskCount, 0);
  assertThrows(() => pollOnce(future), PolledAfterCompletionError);
});

Deno.test("shield: its failure after it was handed over is reported", async () => {
  using world = new World();
  const cause = new Error("no");
  const probe = new Probe();
  await world.run(function* () {
    yield* select({ work: shield(probe), tick: sleep(1) });
    probe.fail(cause);
  });
  assertEquals(world.host.errors.length, 1);
  assertInstanceOf(world.host.errors[0], JoinError);
  assertStrictEquals(world.host.errors[0].cause, cause);
});

Deno.test("shield: disposing of the executor drops it", () => {
  using world = new World();
  const probe = new Probe();
  world.executor.spawn(shield(probe));
  world.host.settle();
  world.executor[Symbol.dispose]();
  assertEquals(probe.drops, 1);
  world.assertClean();
});

Deno.test("shield: a scope that closes ends only when the work has", async (t) => {
  const cause = new Error("no");
  const closings: Record<string, (s: Scope) => void> = {
    "by a failure": (s) => {
      s.spawn(co(function* () {
        yield* sleep(1);
        throw cause;
      }));
    },
    "by cancel": (s) => {
      s.spawn(co(function* () {
        yield* sleep(1);
        s.cancel(cause);
      }));
    },
  };
  for (const [how, begin] of Object.entries(closings)) {
    for (const where of ["in the body", "in a child"]) {
      await t.step(`${how}, ${where}`, async () => {
        using world = new World();
        const log: string[] = [];
        const error = await world.fail(function* () {
          try {
            yield* scope(function* (s) {
              begin(s);
              const work = shield(commit(log), { into: s });
              if (where === "in the body") yield* work;
              else yield* s.spawn(work);
            });
          } finally {
            log.push(`scope has ended at ${now()}`);
          }
        });
        assertStrictEquals(error, cause);
        assertEquals(log, [
          "commit begins",
          "commit is done at 10",
          "scope has ended at 10",
        ]);
        world.assertClean();
      });
    }
  }
  await t.step("by its deadline", async () => {
    using world = new World();
    const log: string[] = [];
    const error = await world.fail(function* () {
      yield* scope(function* (s) {
        yield* shield(commit(log), { into: s });
        log.push("never");
      }, { timeout: 1 });
    });
    assertInstanceOf(error, TimeoutError);
    assertEquals(log, ["commit begins", "commit is done at 10"]);
  });
});

Deno.test("shield: a scope that is open waits for it, too, and fails with it", async () => {
  using world = new World();
  const cause = new Error("no");
  const probe = new Probe();
  const error = await world.fail(function* () {
    yield* scope(function* (s) {
      yield* select({ work: shield(probe, { into: s }), tick: sleep(1) });
      assertEquals(s.size, 1);
      probe.fail(cause);
    });
  });
  assertStrictEquals(error, cause);
  world.assertClean();
});

Deno.test("shield: work that fails while the scope closes is added to the failure", async () => {
  using world = new World();
  const [cause, late] = [new Error("cause"), new Error("late")];
  const error = await world.fail(function* () {
    yield* scope(function* (s) {
      s.spawn(shield(
        co(function* () {
          yield* sleep(5);
          throw late;
        }),
        { into: s },
      ));
      yield* sleep(1);
      throw cause;
    });
  });
  assertInstanceOf(error, SuppressedError);
  assertStrictEquals(error.error, late);
  assertStrictEquals(error.suppressed, cause);
  world.assertClean();
});

Deno.test("shield: abortAll of the scope does not end work that was handed over", async () => {
  using world = new World();
  const log: string[] = [];
  await world.run(function* () {
    yield* scope(function* (s) {
      s.spawn(shield(commit(log), { into: s }));
      yield* sleep(1);
      s.abortAll(); // hands it over
      s.abortAll();
      assertEquals(s.size, 1);
    });
  });
  assertEquals(log, ["commit begins", "commit is done at 10"]);
  world.assertClean();
});

Deno.test("shield: the drop of its scope drops it, in the body, in a child and handed over", () => {
  using world = new World();
  const probes = [new Probe(), new Probe(), new Probe()];
  const task = world.executor.spawn(scope(function* (s) {
    yield* select({
      work: shield(probes[0]!, { into: s }),
      tick: sleep(1),
    });
    s.spawn(shield(probes[1]!, { into: s }));
    yield* shield(probes[2]!, { into: s });
  }));
  world.host.advance(5);
  assertEquals(probes.map((probe) => probe.polls > 0), [true, true, true]);
  task.abort();
  assertEquals(probes.map((probe) => probe.drops), [1, 1, 1]);
  world.assertClean();
});

Deno.test("shield: an outer scope shelters it from the drop of an inner one", async () => {
  using world = new World();
  const log: string[] = [];
  await world.run(function* () {
    yield* scope(function* (outer) {
      yield* select({
        inner: scope(function* (inner) {
          inner.spawn(shield(commit(log), { into: outer }));
          yield* pending();
        }),
        tick: sleep(1),
      });
      log.push("inner is gone");
    });
    log.push(`outer has ended at ${now()}`);
  });
  assertEquals(log, [
    "commit begins",
    "inner is gone",
    "commit is done at 10",
    "outer has ended at 10",
  ]);
  world.assertClean();
});

Deno.test("shield: a scope that has ended cannot shelter it: it is dropped", async () => {
  using world = new World();
  const probe = new Probe();
  await world.run(function* () {
    let kept!: Scope;
    yield* scope(function* (s) {
      kept = s;
    });
    yield* select({ work: shield(probe, { into: kept }), tick: sleep(1) });
  });
  assertEquals(probe.drops, 1);
  world.assertClean();
});

Deno.test("shield: a tracker waits for what was handed over to it", async () => {
  using world = new World();
  const log: string[] = [];
  await world.run(function* () {
    const tracker = new TaskTracker();
    tracker.close();
    yield* select({
      work: shield(commit(log), { into: tracker, name: "commit" }),
      tick: sleep(1),
    });
    assertEquals(tracker.size, 1);
    yield* tracker.wait();
    log.push("drained");
  });
  assertEquals(log.at(-1), "drained");
  assertEquals(log.length, 3);
  world.assertClean();
});

Deno.test("shield: where it is refused, it is dropped, and the refusal is thrown", () => {
  using world = new World();
  const set = new JoinSet<string>();
  set[Symbol.dispose]();
  const probe = new Probe();
  const future = shield(probe, { into: set as Spawner });
  inside(world.executor, world.host, () => pollOnce(future));
  assertThrows(() => future[Symbol.dispose](), PolledAfterCompletionError);
  assertEquals(probe.drops, 1);
  const bad = new Error("bad drop");
  const second = new Probe();
  second.onDrop = () => {
    throw bad;
  };
  const other = shield(second, { into: set as Spawner });
  inside(world.executor, world.host, () => pollOnce(other));
  const error = assertThrows(() => other[Symbol.dispose](), SuppressedError);
  assertStrictEquals(error.error, bad);
});

Deno.test("shield: dropped from inside its poll it is handed over as soon as that returns", () => {
  using world = new World();
  const probe = new Probe();
  const self = shield(probe);
  probe.onPoll = () => {
    if (probe.polls === 1) self[Symbol.dispose]();
  };
  inside(
    world.executor,
    world.host,
    () => assertThrows(() => pollOnce(self), CancelledError),
  );
  assertEquals([probe.polls, probe.drops], [2, 0]);
  assertEquals(world.executor.taskCount, 1);
  probe.complete("x");
  world.assertClean();
});

Deno.test("shield: it goes on in the executor that polled it first, whoever drops it", () => {
  using world = new World();
  const probe = new Probe();
  using other = new World();
  const future = shield(probe);
  inside(world.executor, world.host, () => pollOnce(future));
  inside(other.executor, other.host, () => pollOnce(future));
  future[Symbol.dispose]();
  assertEquals([world, other].map((each) => each.executor.taskCount), [1, 0]);
  probe.complete("x");
  world.assertClean();
});

Deno.test("shield: while the scope waits for it, all else of the scope is gone", async () => {
  using world = new World();
  const log: string[] = [];
  const cause = new Error("no");
  let timers = 0;
  const error = await world.fail(function* () {
    yield* scope(function* (s) {
      yield* select({
        work: shield(commit(log), { into: s }),
        tick: sleep(1),
      });
      world.executor.spawn(co(function* () {
        yield* sleep(1);
        s.cancel(cause);
        yield* sleep(1);
        timers = world.executor.timerCount;
      }));
      try {
        yield* pending();
      } finally {
        log.push(`body cleaned up at ${now()}`);
      }
    }, { timeout: 100 });
  });
  assertStrictEquals(error, cause);
  assertEquals(log, [
    "commit begins",
    "body cleaned up at 2",
    "commit is done at 10",
  ]);
  assertEquals(timers, 1, "that of the work, not that of the limit");
  world.assertClean();
});
