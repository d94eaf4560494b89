import { assertEquals } from "@std/assert";
import {
  type JoinHandle,
  type Scope,
  scope,
  yieldNow,
} from "../../executor/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import { type Future, lazy, pending, select } from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { chain, waiting } from "./_scope.ts";
import { World } from "./_world.ts";

Deno.test("scope: dropping it drops the children, then the body, at that moment", () => {
  using world = new World();
  const log: string[] = [];
  const task = world.executor.spawn(scope(function* (s) {
    s.spawn(waiting(log, "a"));
    s.spawn(scope(function* (inner) {
      inner.spawn(waiting(log, "inner"));
      yield* waiting(log, "inner body");
    }));
    yield* waiting(log, "body");
  }));
  world.host.settle();
  task.abort();
  assertEquals(log, [
    "inner cleaned up",
    "inner body cleaned up",
    "a cleaned up",
    "body cleaned up",
  ]);
  assertEquals(world.executor.taskCount, 0);
  world.assertClean();
});

Deno.test("scope: the loser of a select leaves no child", async () => {
  using world = new World();
  const probe = new Probe();
  await world.run(function* () {
    const { key } = yield* select({
      work: scope(function* (s) {
        s.spawn(probe);
        yield* pending();
      }),
      tick: sleep(5),
    });
    assertEquals(key, "tick");
    assertEquals(probe.drops, 1);
  });
  world.assertClean();
});

Deno.test("scope: what cleaning up throws when it is dropped is thrown by the drop", () => {
  using world = new World();
  const [a, b] = [new Error("a"), new Error("b")];
  const probes = [a, b].map((error) => {
    const probe = new Probe();
    probe.onDrop = () => {
      throw error;
    };
    return probe;
  });
  const task = world.executor.spawn(scope(function* (s) {
    probes.forEach((probe) => s.spawn(probe));
    yield* pending();
  }));
  world.host.settle();
  task.abort();
  assertEquals(probes.map((probe) => probe.drops), [1, 1]);
  assertEquals(world.host.errors.length, 1);
  assertEquals(chain(world.host.errors[0]), [a, b]);
});

Deno.test("scope: dropped from inside its poll it is dropped as soon as that returns", () => {
  using world = new World({ unjoined: "ignore" });
  const log: string[] = [];
  const self: Future<void> = scope(function* (s) {
    s.spawn(waiting(log, "child"));
    yield* yieldNow();
    self[Symbol.dispose]();
    log.push("goes on");
    yield* waiting(log, "body");
  });
  world.executor.spawn(self);
  world.host.settle();
  assertEquals(log, ["goes on", "child cleaned up", "body cleaned up"]);
  assertEquals(world.executor.taskCount, 0);
});

Deno.test("scope: dropped by a child, that child goes after its poll, and its failure is reported", () => {
  using world = new World();
  const bad = new Error("bad");
  const log: string[] = [];
  const task: JoinHandle<void> = world.executor.spawn(scope(function* (s) {
    s.spawn(waiting(log, "other"));
    s.spawn(
      lazy(() => {
        task.abort();
        assertEquals(s.size, 0);
        assertEquals(log, ["other cleaned up", "body cleaned up"]);
        throw bad;
      }),
      { name: "killer" },
    );
    yield* waiting(log, "body");
  }));
  world.host.settle();
  assertEquals(world.executor.taskCount, 0);
  assertEquals(world.host.errors.map((error) => (error as Error).cause), [bad]);
});

Deno.test("scope: a failure that was not thrown yet is dropped with it", () => {
  using world = new World();
  const probe = new Probe();
  const task = world.executor.spawn(scope(function* (s) {
    s.spawn(probe);
    yield* pending();
  }));
  world.host.settle();
  world.executor.spawn(lazy(() => task.abort()));
  probe.onPoll = () => {
    if (probe.polls === 2) throw new Error("no");
  };
  // The child fails, and before the scope is polled its task is aborted.
  probe.wake();
  world.executor.spawn(lazy(() => task.abort()));
  world.host.settle();
  world.assertClean();
});

Deno.test("scope: disposing of the executor leaves nothing of it", () => {
  using world = new World();
  const log: string[] = [];
  world.executor.run(scope(function* (s) {
    s.spawn(waiting(log, "a"));
    s.spawn(waiting(log, "b"));
    yield* waiting(log, "body");
  }, { timeout: 100 })).catch(() => {});
  world.host.settle();
  world.executor[Symbol.dispose]();
  assertEquals(log.toSorted(), [
    "a cleaned up",
    "b cleaned up",
    "body cleaned up",
  ]);
  world.assertClean();
});

Deno.test("scope: after its drop it has no children", () => {
  using world = new World();
  let kept: Scope;
  const task = world.executor.spawn(scope(function* (s) {
    kept = s;
    s.spawn(pending());
    yield* pending();
  }));
  world.host.settle();
  assertEquals(kept!.size, 1);
  task.abort();
  assertEquals(kept!.size, 0);
});
