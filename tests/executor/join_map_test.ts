import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { JoinError, JoinMap, yieldNow } from "../../executor/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import {
  co,
  map,
  pending,
  PolledAfterCompletionError,
  ready,
} from "../../future/mod.ts";
import { collect, Done } from "../../future/stream/mod.ts";
import { Probe } from "../_probe.ts";
import { inside } from "./_inside.ts";
import { World } from "./_world.ts";

const after = <T>(ms: number, value: T) => map(sleep(ms), () => value);

Deno.test("join map: keys and values come in the order in which the tasks end", async () => {
  using world = new World();
  const seen = await world.run(function* () {
    using tasks = new JoinMap<string, number>();
    tasks.spawn("slow", after(20, 1));
    tasks.spawn("fast", after(10, 2));
    assertEquals(tasks.keys(), ["slow", "fast"]);
    return yield* collect(tasks);
  });
  assertEquals(seen, [
    ["fast", { status: "fulfilled", value: 2 }],
    ["slow", { status: "fulfilled", value: 1 }],
  ]);
  world.assertClean();
});

Deno.test("join map: a failure and an abort come with their key", async () => {
  using world = new World();
  const cause = new Error("no");
  await world.run(function* () {
    using tasks = new JoinMap<number, string>();
    tasks.spawn(1, Probe.failing(cause), { name: "one" });
    tasks.spawn(2, pending() as Probe);
    yield* yieldNow();
    assert(tasks.abort(2));
    const first = yield* tasks.joinNext();
    assert(first !== Done && first[1].status === "rejected");
    assertEquals(first[0], 1);
    assertInstanceOf(first[1].reason, JoinError);
    assertStrictEquals(first[1].reason.cause, cause);
    assertEquals(first[1].reason.taskName, "one");
    const second = yield* tasks.joinNext();
    assert(second !== Done && second[1].status === "rejected");
    assertEquals(second[0], 2);
    assert(second[1].reason.isCancelled);
    assertStrictEquals(yield* tasks.joinNext(), Done);
  });
  world.assertClean();
});

Deno.test("join map: a key is there until its outcome was fetched", async () => {
  using world = new World();
  await world.run(function* () {
    using tasks = new JoinMap<string, number>();
    assertEquals(tasks.has("a"), false);
    assertEquals(tasks.abort("a"), false);
    tasks.spawn("a", ready(1));
    yield* sleep(1);
    assert(tasks.has("a"));
    assertEquals(tasks.size, 1);
    yield* tasks.joinNext();
    assertEquals(tasks.has("a"), false);
    assertEquals([tasks.size, tasks.keys()], [0, []]);
  });
});

Deno.test("join map: a second task under a key drops the first and takes its place", async () => {
  using world = new World();
  const old = new Probe();
  const seen = await world.run(function* () {
    using tasks = new JoinMap<string, string>();
    tasks.spawn("a", old);
    yield* yieldNow();
    tasks.spawn("a", ready("new"));
    assertEquals(old.drops, 1);
    assertEquals(tasks.size, 1);
    return yield* collect(tasks);
  });
  assertEquals(seen, [["a", { status: "fulfilled", value: "new" }]]);
  world.assertClean();
});

Deno.test("join map: of an outcome whose place was taken only a failure is heard of", async () => {
  using world = new World();
  const cause = new Error("no");
  const seen = await world.run(function* () {
    using tasks = new JoinMap<string, string>();
    tasks.spawn("a", ready("old"));
    tasks.spawn("b", Probe.failing(cause));
    yield* sleep(1);
    tasks.spawn("a", ready("new"));
    tasks.spawn("b", ready("new"));
    assertEquals(tasks.size, 2);
    return yield* collect(tasks);
  });
  assertEquals(seen.map(([key]) => key), ["a", "b"]);
  assertEquals(
    world.host.errors.map((error) => (error as JoinError).cause),
    [cause],
  );
});

Deno.test("join map: what a replaced task spawns under its key while it is dropped comes later", async () => {
  using world = new World();
  const middle = new Probe();
  const seen = await world.run(function* () {
    using tasks = new JoinMap<string, string>();
    tasks.spawn(
      "a",
      co(function* () {
        try {
          yield* pending();
        } finally {
          tasks.spawn("a", ready("last"));
        }
        return "";
      }),
    );
    yield* yieldNow();
    tasks.spawn("a", middle);
    assertEquals([tasks.size, tasks.keys()], [1, ["a"]]);
    return yield* collect(tasks);
  });
  assertEquals(middle.drops, 1);
  assertEquals(seen, [["a", { status: "fulfilled", value: "last" }]]);
  world.assertClean();
});

Deno.test("join map: what a replaced task throws while it is dropped is reported", () => {
  const world = new World();
  const tasks = new JoinMap<string, string>();
  const probe = new Probe();
  const bad = new Error("bad drop");
  probe.onDrop = () => {
    throw bad;
  };
  inside(world.executor, world.host, () => {
    tasks.spawn("a", probe);
    tasks.spawn("a", ready("new"));
  });
  assertEquals(world.host.errors, [bad]);
  assertEquals(pollOnce(tasks.joinNext()), [
    "a",
    { status: "fulfilled", value: "new" },
  ]);
});

Deno.test("join map: replacing without fetching does not pile up", async () => {
  using world = new World();
  await world.run(function* () {
    using tasks = new JoinMap<string, number>();
    for (let i = 0; i < 100; i++) {
      tasks.spawn("a", ready(i));
      yield* yieldNow();
    }
    assertEquals(tasks.size, 1);
    const last = yield* tasks.joinNext();
    assertEquals(last, ["a", { status: "fulfilled", value: 99 }]);
    assertStrictEquals(yield* tasks.joinNext(), Done);
  });
});

Deno.test("join map: dropping it drops all futures, and it takes no more", () => {
  const world = new World();
  const tasks = new JoinMap<number, string>();
  const probes = [new Probe(), new Probe()];
  inside(world.executor, world.host, () => {
    probes.forEach((probe, i) => tasks.spawn(i, probe));
  });
  tasks[Symbol.dispose]();
  assertEquals(probes.map((probe) => probe.drops), [1, 1]);
  assertEquals([tasks.size, tasks.keys()], [0, []]);
  assertThrows(() => tasks.spawn(1, new Probe()), PolledAfterCompletionError);
  assertThrows(() => pollOnce(tasks.joinNext()), PolledAfterCompletionError);
  world.assertClean();
});

Deno.test("join map: abortAll leaves all keys to be fetched", () => {
  const world = new World();
  const tasks = new JoinMap<number, string>();
  const probes = [new Probe(), new Probe()];
  inside(world.executor, world.host, () => {
    probes.forEach((probe, i) => tasks.spawn(i, probe));
  });
  tasks.abortAll();
  assertEquals(probes.map((probe) => probe.drops), [1, 1]);
  const keys = [0, 1].map(() => {
    const next = pollOnce(tasks.joinNext()) as [number, unknown];
    return next[0];
  });
  assertEquals(keys, [0, 1]);
});
