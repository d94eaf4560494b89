import { assertEquals, assertThrows } from "@std/assert";
import {
  Executor,
  type JoinHandle,
  JoinSet,
  scope,
  shield,
  spawn,
  taskLocal,
  yieldNow,
} from "../../executor/mod.ts";
import { pollOnce, VirtualClock } from "../../executor/sim/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import {
  co,
  type Future,
  join,
  lazy,
  pending,
  pin,
  select,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { gc } from "./_heap.ts";
import { World } from "./_world.ts";

Deno.test("task-local: there is the value of `with`, the default, or an error", () => {
  const plain = taskLocal<number>("request");
  assertThrows(() => plain.get(), TypeError, 'task-local "request"');
  assertThrows(() => taskLocal().get(), TypeError, "task-local: it has no");
  assertEquals(taskLocal<number>("x", 7).get(), 7);
  assertEquals(taskLocal<undefined>("x", undefined).get(), undefined);
  assertEquals(pollOnce(plain.with(3, lazy(() => plain.get()))), 3);
  assertThrows(() => plain.get(), TypeError);
});

Deno.test("task-local: tasks that take turns each see their own", async () => {
  using world = new World();
  const local = taskLocal("x", "none");
  const log: string[] = [];
  const user = (name: string) =>
    local.with(
      name,
      co(function* () {
        for (let i = 0; i < 3; i++) {
          log.push(local.get());
          yield* yieldNow();
        }
      }),
    );
  await world.run(function* () {
    const tasks = [spawn(user("a")), spawn(user("b"))];
    yield* join(tasks);
    log.push(local.get());
  });
  assertEquals(log, ["a", "b", "a", "b", "a", "b", "none"]);
});

Deno.test("task-local: futures within one task each see their own", async () => {
  using world = new World();
  const local = taskLocal("x", "none");
  const log: string[] = [];
  const user = (name: string) =>
    local.with(
      name,
      co(function* () {
        log.push(local.get());
        yield* sleep(name === "a" ? 2 : 1);
        log.push(local.get());
      }),
    );
  await world.run(function* () {
    yield* join([user("a"), user("b")]);
  });
  assertEquals(log, ["a", "b", "b", "a"]);
});

Deno.test("task-local: the innermost value counts, and the outer one comes back", async () => {
  using world = new World();
  const [one, two] = [taskLocal<number>(), taskLocal<number>()];
  await world.run(function* () {
    yield* one.with(
      1,
      co(function* () {
        yield* two.with(
          2,
          co(function* () {
            assertEquals([one.get(), two.get()], [1, 2]);
            yield* one.with(
              3,
              co(function* () {
                yield* yieldNow();
                assertEquals([one.get(), two.get()], [3, 2]);
              }),
            );
            assertEquals(one.get(), 1);
          }),
        );
      }),
    );
  });
});

Deno.test("task-local: a spawned task sees the values of its spawner as they were then", async (t) => {
  const local = taskLocal("x", "none");
  const seen: string[] = [];
  const note = () =>
    co(function* () {
      yield* yieldNow();
      seen.push(local.get());
    });
  const ways: Record<string, () => Future<unknown>> = {
    spawn: () => spawn(note()),
    scope: () =>
      scope(function* (s) {
        yield* s.spawn(note());
      }),
    JoinSet: () =>
      co(function* () {
        using set = new JoinSet<void>();
        set.spawn(note());
        yield* set.joinNext();
      }),
    "a task of a task": () =>
      co(function* () {
        yield* spawn(co(function* () {
          yield* spawn(note());
        }));
      }),
  };
  for (const [way, start] of Object.entries(ways)) {
    await t.step(way, async () => {
      seen.length = 0;
      using world = new World();
      await world.run(function* () {
        yield* local.with(
          "spawner's",
          co(function* () {
            yield* start();
          }),
        );
        yield* start();
      });
      assertEquals(seen, ["spawner's", "none"]);
    });
  }
});

Deno.test("task-local: what is dropped sees the value, and so does what it spawns then", () => {
  using world = new World();
  const local = taskLocal("x", "none");
  const seen: string[] = [];
  const task = world.executor.spawn(local.with(
    "own",
    co(function* () {
      try {
        yield* pending();
      } finally {
        seen.push(local.get());
        spawn(lazy(() => seen.push(local.get()))).detach();
      }
    }),
  ));
  world.host.settle();
  task.abort();
  world.host.settle();
  assertEquals(seen, ["own", "own"]);
});

Deno.test("task-local: what a shield hands over sees the value still", async () => {
  using world = new World();
  const local = taskLocal("x", "none");
  const seen: string[] = [];
  await world.run(function* () {
    yield* select({
      work: local.with(
        "own",
        shield(co(function* () {
          yield* sleep(10);
          seen.push(local.get());
        })),
      ),
      tick: sleep(1),
    });
  });
  assertEquals(seen, ["own"]);
});

Deno.test("task-local: after a failure and a drop from inside the outer value is back", () => {
  using world = new World({ unjoined: "ignore" });
  const local = taskLocal("x", "none");
  const seen: string[] = [];
  world.executor.spawn(co(function* () {
    try {
      yield* local.with("own", Probe.failing(new Error("no")));
    } catch {
      seen.push(local.get());
    }
    const probe = new Probe();
    const inner = local.with("own", probe);
    pollOnce(inner);
    probe.onDrop = () => {
      seen.push(local.get());
      throw new Error("bad drop");
    };
    assertThrows(() => inner[Symbol.dispose](), Error, "bad drop");
    seen.push(local.get());
  }));
  world.host.settle();
  assertEquals(seen, ["none", "own", "none"]);
});

Deno.test("task-local: an executor that runs inside of a task sees none of its values", () => {
  const outer = new VirtualClock();
  const inner = new VirtualClock();
  const [a, b] = [outer, inner].map((host) => new Executor({ host }));
  const local = taskLocal("x", "none");
  const seen: string[] = [];
  b!.spawn(lazy(() => seen.push(local.get())));
  a!.spawn(local.with(
    "own",
    lazy(() => {
      inner.settle();
      seen.push(local.get());
    }),
  ));
  outer.settle();
  assertEquals(seen, ["none", "own"]);
});

Deno.test("task-local: what is spawned by hand inside of `with` inherits, too", () => {
  const clock = new VirtualClock();
  const executor = new Executor({ host: clock });
  const local = taskLocal("x", "none");
  const seen: string[] = [];
  pollOnce(local.with(
    "own",
    lazy(() => executor.spawn(lazy(() => seen.push(local.get())))),
  ));
  executor.spawn(lazy(() => seen.push(local.get())));
  clock.settle();
  assertEquals(seen, ["own", "none"]);
});

Deno.test("task-local: a future that is lent around sees the values around it each time", () => {
  const [own, other] = [taskLocal<number>(), taskLocal<number>()];
  const seen: number[][] = [];
  const probe = new Probe();
  probe.onPoll = () => seen.push([own.get(), other.get()]);
  using lent = own.with(1, probe);
  for (const value of [2, 3]) {
    using around = other.with(value, pin(lent));
    pollOnce(around);
  }
  assertEquals(seen, [[1, 2], [1, 3]]);
});

Deno.test("task-local: a task that has ended lets go of the values that it saw", async () => {
  using world = new World({ unjoined: "ignore" });
  const local = taskLocal<object>("x");
  const seen: WeakRef<object>[] = [];
  const spawnAll = () =>
    [lazy(() => 1), lazy(() => fail("broken")), pending()].map((future) => {
      const value = {};
      seen.push(new WeakRef(value));
      const handles: JoinHandle<unknown>[] = [];
      world.executor.spawn(local.with(
        value,
        lazy(() => void handles.push(spawn(future))),
      ));
      world.host.settle();
      return handles[0]!;
    });
  const handles = spawnAll();
  handles[2]!.abort();
  world.host.settle();
  assertEquals(handles.map((handle) => handle.isFinished), [true, true, true]);
  await new Promise((resolve) => setImmediate(resolve));
  gc();
  assertEquals(seen.map((value) => value.deref()), [
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals(handles.length, 3); // they themselves are still held
});

function fail(message: string): never {
  throw new Error(message);
}
