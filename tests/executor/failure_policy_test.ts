// What is thrown where nobody can catch it: it is reported, and it stops neither
// the executor nor any other task.
import {
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertStrictEquals,
} from "@std/assert";
import {
  CancellationToken,
  JoinError,
  JoinSet,
  scope,
  TaskTracker,
} from "../../executor/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import {
  co,
  type Future,
  join,
  pending,
  type Waker,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { inside } from "./_inside.ts";
import { World } from "./_world.ts";

const bad = new Error("bad");

const badWaker: Waker = {
  wake() {
    throw bad;
  },
  willWake: () => false,
};

function throwing(): Probe {
  const probe = new Probe();
  probe.onDrop = () => {
    throw bad;
  };
  return probe;
}

/** Whether the executor and a task that was there before still work. */
async function assertAlive(world: World, task: Probe): Promise<void> {
  task.complete("alive");
  assertEquals(
    await world.run(function* () {
      yield* sleep(5);
      return "alive";
    }),
    "alive",
  );
  assertEquals(task.isAlive, false);
  assertEquals(world.executor.taskCount, 0);
  assertEquals(world.executor.timerCount, 0);
}

/** What goes wrong, and what is reported then. */
const cases: Record<string, (world: World) => unknown[]> = {
  "a joiner's waker": (world) => {
    const probe = new Probe();
    const task = world.executor.spawn(probe);
    world.host.settle();
    pollOnce(task, badWaker);
    probe.complete("x");
    return [bad];
  },
  "the waker of a timer": (world) => {
    inside(world.executor, world.host, () => pollOnce(sleep(5), badWaker));
    world.host.advance(5);
    return [bad];
  },
  "the waker of a set": (world) => {
    const set = new JoinSet<string>();
    const probe = new Probe();
    inside(world.executor, world.host, () => set.spawn(probe));
    pollOnce(set.joinNext(), badWaker);
    probe.complete("x");
    return [bad];
  },
  "the waker of a scope": (world) => {
    const probe = new Probe();
    const body = scope(function* (s) {
      s.spawn(probe);
      yield* pending();
    });
    inside(world.executor, world.host, () => pollOnce(body, badWaker));
    probe.fail(new Error("the scope's own"));
    return [bad];
  },
  "the waker of a tracker": (world) => {
    const tracker = new TaskTracker();
    tracker.close();
    const probe = new Probe();
    world.executor.spawn(tracker.track(probe));
    world.host.settle();
    pollOnce(tracker.wait(), badWaker);
    probe.complete("x");
    return [bad];
  },
  "the drop of an aborted task": (world) => {
    const task = world.executor.spawn(throwing());
    world.host.settle();
    task.abort();
    return [bad];
  },
  "the drops of a scope that is aborted": (world) => {
    const task = world.executor.spawn(scope(function* (s) {
      s.spawn(throwing());
      yield* pending();
    }));
    world.host.settle();
    task.abort();
    return [bad];
  },
  "the drop of a task that is aborted by the disposal of a set": (world) => {
    const set = new JoinSet<string>();
    world.executor.spawn(co(function* () {
      using _set = set;
      set.spawn(throwing());
      yield* sleep(1);
    }));
    world.host.advance(1);
    const [error] = world.host.errors as JoinError[];
    assertInstanceOf(error, JoinError);
    return [error];
  },
};

for (const [what, act] of Object.entries(cases)) {
  Deno.test(`failure policy: ${what} throws: it is reported, and all goes on`, async () => {
    using world = new World();
    const bystander = new Probe();
    world.executor.spawn(bystander);
    world.host.settle();
    const reported = act(world);
    await assertAlive(world, bystander);
    assertEquals(world.host.errors.length, reported.length);
    for (const [i, error] of reported.entries()) {
      assertStrictEquals(world.host.errors[i], error);
    }
  });
}

Deno.test("failure policy: the waker of a token throws: whoever cancels hears of it, as do all who wait", async () => {
  using world = new World();
  const token = new CancellationToken();
  pollOnce(token.cancelled(), badWaker);
  const told: Future<unknown> = token.cancelled();
  const task = world.executor.spawn(told);
  world.host.settle();
  const error = await world.fail(function* () {
    yield* sleep(1);
    token.cancel();
  });
  assertStrictEquals(error, bad);
  assertEquals(task.isFinished, true);
  world.assertClean();
});

Deno.test("failure policy: a policy that throws is reported itself, for each failure", () => {
  using world = new World({
    unjoined: () => {
      throw bad;
    },
  });
  for (let i = 0; i < 3; i++) world.executor.spawn(Probe.failing(i));
  const next = new Probe();
  world.executor.spawn(next);
  world.host.settle();
  assertEquals(world.host.errors, [bad, bad, bad]);
  assertEquals(next.polls, 1);
});

Deno.test("failure policy: a report names the task, its number and where it was spawned", () => {
  const reports: JoinError[] = [];
  using world = new World({
    spawnSites: true,
    unjoined: (error) => reports.push(error),
  });
  world.executor.spawn(Probe.failing(bad), { name: "lost" });
  const set = new JoinSet<string>();
  inside(world.executor, world.host, () => {
    set.spawn(Probe.failing(bad), { name: "of a set" });
  });
  world.host.settle();
  set[Symbol.dispose]();
  world.host.settle();
  world.host.settle();
  assertEquals(reports.map((error) => error.taskName), ["lost", "of a set"]);
  for (const error of reports) {
    assertStrictEquals(error.cause, bad);
    assertMatch(error.taskSite!, /failure_policy_test\.ts:\d+:\d+$/);
    assertMatch(
      error.message,
      /^Task \d+ ".*" \(spawned at .*failure_policy_test\.ts:\d+:\d+\) failed: bad$/,
    );
  }
});

Deno.test("failure policy: several drops of one owner that throw are one error, the first innermost", () => {
  using world = new World();
  const errors = [1, 2, 3].map((n) => new Error(`drop ${n}`));
  const probes = errors.map((error) => {
    const probe = new Probe();
    probe.onDrop = () => {
      throw error;
    };
    return probe;
  });
  const task = world.executor.spawn(join(probes));
  world.host.settle();
  task.abort();
  assertEquals(probes.map((probe) => probe.drops), [1, 1, 1]);
  assertEquals(world.host.errors.length, 1);
  const outer = world.host.errors[0] as SuppressedError;
  assertStrictEquals(outer.error, errors[2]);
  assertStrictEquals(outer.suppressed.error, errors[1]);
  assertStrictEquals(outer.suppressed.suppressed, errors[0]);
});

Deno.test("failure policy: a failure is reported once, however it is looked at afterwards", () => {
  using world = new World();
  const task = world.executor.spawn(Probe.failing(bad));
  world.host.settle();
  assertEquals(world.host.errors.length, 1);
  try {
    pollOnce(task);
  } catch { // joined too late
  }
  task[Symbol.dispose]();
  world.executor[Symbol.dispose]();
  world.host.settle();
  assertEquals(world.host.errors.length, 1);
});
