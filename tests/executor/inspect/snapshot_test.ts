import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  Executor,
  run,
  snapshot,
  spawn,
  type TaskInfo,
} from "../../../executor/mod.ts";
import { VirtualClock } from "../../../executor/sim/mod.ts";
import { sleep } from "../../../executor/time/mod.ts";
import {
  co,
  Future,
  type Inspection,
  join,
  Pending,
  pending,
  type Poll,
  pollFn,
} from "../../../future/mod.ts";
import { inspect as inspectOfNode } from "node:util";
import { Probe } from "../../_probe.ts";

function world(): { clock: VirtualClock; executor: Executor } {
  const clock = new VirtualClock();
  return { clock, executor: new Executor({ host: clock, unjoined: "ignore" }) };
}

const ids = (tasks: readonly TaskInfo[]) => tasks.map((task) => task.id);

Deno.test("snapshot: it has the tasks that have not ended, the oldest first", () => {
  const { clock, executor } = world();
  executor.spawn(new Probe());
  executor.spawn(Probe.ready(1));
  executor.spawn(Probe.failing(new Error("no")));
  executor.spawn(new Probe(), { name: "last" });
  const aborted = executor.spawn(new Probe());
  assertEquals(ids(executor.snapshot().tasks), [1, 2, 3, 4, 5]);
  clock.settle();
  aborted.abort();
  const seen = executor.snapshot();
  assertEquals(
    seen.tasks.map(({ id, name }) => [id, name]),
    [[1, null], [4, "last"]],
  );
  assertEquals(seen.tasksSpawned, 5);
});

Deno.test("snapshot: a task is ready until it was polled, running in its poll, and waiting after it", () => {
  const { clock, executor } = world();
  const states: string[] = [];
  const look = () => states.push(executor.snapshot().tasks[0]!.state);
  const probe = new Probe();
  probe.onPoll = () => {
    look();
    if (probe.polls === 1) return;
    probe.wake(); // woken in its poll, and still running
    look();
  };
  executor.spawn(probe);
  look();
  clock.settle();
  look();
  probe.wake();
  look();
  probe.complete("");
  clock.settle();
  assertEquals(states, [
    "ready",
    "running",
    "waiting",
    "ready",
    "running",
    "running",
  ]);
});

Deno.test("snapshot: a task has the number of the task that spawned it", () => {
  const { clock, executor } = world();
  executor.spawn(co(function* () {
    spawn(new Probe());
    yield* pending();
  }));
  clock.settle();
  assertEquals(
    executor.snapshot().tasks.map(({ id, parentId }) => [id, parentId]),
    [[1, null], [2, 1]],
  );
});

Deno.test("snapshot: it has the places of the spawns if the executor takes note of them", () => {
  const executor = new Executor({ host: new VirtualClock(), spawnSites: true });
  executor.spawn(new Probe());
  assertMatch(
    executor.snapshot().tasks[0]!.spawnedAt!,
    /snapshot_test\.ts:\d+:\d+$/,
  );
  const { executor: forgetful } = world();
  forgetful.spawn(new Probe());
  assertEquals(forgetful.snapshot().tasks[0]!.spawnedAt, null);
});

Deno.test("snapshot: it does not change when the executor goes on", () => {
  const { clock, executor } = world();
  const probe = new Probe();
  executor.spawn(probe);
  clock.settle();
  const seen = executor.snapshot();
  const before = JSON.stringify(seen);
  probe.complete("");
  clock.settle();
  executor.spawn(new Probe());
  assertEquals(JSON.stringify(seen), before);
});

/** Counts how often it is asked. */
class Asked extends Future<never> {
  static asked = 0;
  polls = 0;
  override poll(): Poll<never> {
    this.polls++;
    return Pending;
  }
  override inspect(): Inspection {
    Asked.asked++;
    return {};
  }
}

Deno.test("snapshot: it polls nothing, wakes nothing, and asks each future once", () => {
  const { clock, executor } = world();
  const futures = [new Asked(), new Asked(), new Asked()];
  executor.spawn(join(futures.slice(1)));
  executor.spawn(futures[0]!);
  clock.settle();
  Asked.asked = 0;
  executor.snapshot();
  clock.settle();
  assertEquals(Asked.asked, 3);
  assertEquals(futures.map((future) => future.polls), [1, 1, 1]);
});

Deno.test("snapshot: 10,000 tasks are asked once each, in far less than a second", () => {
  const { clock, executor } = world();
  for (let i = 0; i < 10_000; i++) executor.spawn(new Asked(), { name: "a" });
  clock.settle();
  Asked.asked = 0;
  const start = performance.now();
  const seen = executor.snapshot();
  const took = performance.now() - start;
  assertEquals(Asked.asked, 10_000);
  assertEquals(seen.tasks.length, 10_000);
  // The bench prints the figure; this is for what would be wrong in kind.
  assert(took < 500, `it took ${took} ms`);
});

Deno.test("snapshot: as JSON it is plain data under these names", () => {
  const { clock, executor } = world();
  clock.advance(7);
  executor.spawn(sleep(20), { name: "nap" });
  clock.settle();
  assertEquals(JSON.parse(JSON.stringify(executor.snapshot())), {
    takenAtMs: 7,
    tasks: [{
      id: 1,
      name: "nap",
      parentId: null,
      spawnedAt: null,
      state: "waiting",
      waitsFor: { type: "AsyncTimer", waits: "20 ms left" },
      metrics: null,
    }],
    tasksSpawned: 1,
    timersArmed: 1,
    metrics: null,
  });
});

Deno.test("snapshot: without an argument it is of the executor whose task asks, else of the default one", async () => {
  const { clock, executor } = world();
  let seen: number[] = [];
  executor.spawn(new Probe());
  executor.spawn(co(function* () {
    seen = ids(snapshot().tasks);
    yield* pending();
  }));
  clock.settle();
  assertEquals(seen, [1, 2]);
  assertEquals(ids(snapshot(executor).tasks), [1, 2]);
  const names = await run(co(function* () {
    using _other = spawn(pending(), { name: "of the default executor" });
    yield* sleep(0);
    return snapshot().tasks.map((task) => task.name);
  }));
  assertEquals(names.includes("of the default executor"), true);
});

Deno.test("snapshot: console.log of an executor says how it is, in one line", () => {
  const { clock, executor } = world();
  const line = "Executor (2 tasks (1 ready), 1 timer)";
  executor.spawn(sleep(1));
  clock.settle();
  executor.spawn(sleep(1));
  assertEquals(Deno.inspect(executor), line);
  assertEquals(inspectOfNode(executor), line);
  assertEquals(
    Deno.inspect(new Executor({ host: clock })),
    "Executor (0 tasks, 0 timers)",
  );
});

Deno.test("snapshot: as text it is a tree, each task under the one that spawned it", () => {
  const { clock, executor } = world();
  executor.spawn(
    co(function* main() {
      const left = spawn(
        co(function* reader() {
          spawn(new Probe(), { name: "grandchild" });
          yield* join([new Probe(), join([new Probe(), sleep(5)]), sleep(9)]);
        }),
        { name: "left" },
      );
      const right = spawn(sleep(3));
      yield* join([left, right]);
    }),
    { name: "main" },
  );
  const gone = executor.spawn(co(function* () {
    spawn(
      co(function* () {
        spawn(new Probe(), { name: "its child" });
        yield* pending();
      }),
      { name: "orphan" },
    );
    yield* pending();
  }));
  clock.settle();
  gone.abort();
  assertEquals(
    executor.snapshot().toString(),
    `\
6 tasks, 3 timers
task 1 "main" waiting: co main › Join
│  · JoinHandle (task 3 "left")
│  · JoinHandle (task 4)
├─ task 3 "left" waiting: co reader › Join
│  │  · Probe
│  │  · Join
│  │    · Probe
│  │    · AsyncTimer (5 ms left)
│  │  · AsyncTimer (9 ms left)
│  └─ task 6 "grandchild" waiting: Probe
└─ task 4 waiting: AsyncTimer (3 ms left)
task 5 "orphan" (of task 2, which has ended) waiting: co › pending (for ever)
└─ task 7 "its child" waiting: Probe`,
  );
});

Deno.test("snapshot: what is cut in a tree is marked", () => {
  const { clock, executor } = world();
  executor.spawn(join(Array.from({ length: 10 }, () => new Probe())));
  clock.settle();
  const text = executor.snapshot().toString();
  assertEquals(text.split("\n").length, 2 + 8 + 1);
  assertEquals(text.split("\n").at(-1), "   · …");
});

Deno.test("snapshot: the tree of ten thousand generations is written without deep recursion, at a bounded indent", () => {
  const { clock, executor } = world();
  const generations = 10_000;
  const generation = (n: number): Future<never> =>
    pollFn<never>(() => {
      if (n < generations) spawn(generation(n + 1));
      return Pending;
    });
  executor.spawn(generation(1));
  clock.settle();
  const lines = executor.snapshot().toString().split("\n");
  assertEquals(lines.length, generations + 1);
  assert(Math.max(...lines.map((line) => line.length)) < 120);
});
