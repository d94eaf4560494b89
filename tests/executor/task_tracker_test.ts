import {
  assert,
  assertEquals,
  assertFalse,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { TaskTracker } from "../../executor/mod.ts";
import { pollOnce, wakeCounter } from "../../executor/sim/mod.ts";
import { now, sleep } from "../../executor/time/mod.ts";
import {
  FutureMovedError,
  map,
  Pending,
  PolledAfterCompletionError,
  select,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { World } from "./_world.ts";

Deno.test("task tracker: it waits until it is closed and the last task has ended", async () => {
  using world = new World();
  await world.run(function* () {
    const tracker = new TaskTracker();
    for (const ms of [5, 20, 10]) tracker.spawn(sleep(ms)).detach();
    assertEquals(tracker.size, 3);
    const won = yield* select({ wait: tracker.wait(), tick: sleep(50) });
    assertEquals(won.key, "tick", "it is not closed");
    assertEquals(tracker.size, 0);
    tracker.spawn(sleep(20)).detach();
    tracker.close();
    assert(tracker.isClosed);
    yield* tracker.wait();
    assertEquals(now(), 70);
  });
  world.assertClean();
});

Deno.test("task tracker: close wakes those who wait for nothing else", () => {
  const tracker = new TaskTracker();
  const waker = wakeCounter();
  const waiting = tracker.wait();
  assertStrictEquals(pollOnce(waiting, waker), Pending);
  tracker.close();
  assertEquals(waker.count, 1);
  pollOnce(waiting, waker);
  assertThrows(() => pollOnce(waiting), PolledAfterCompletionError);
  tracker.reopen();
  assertFalse(tracker.isClosed);
  assertStrictEquals(pollOnce(tracker.wait()), Pending);
});

Deno.test("task tracker: a future counts from track to its end, whatever that is", async (t) => {
  const ends: Record<string, (probe: Probe, tracked: Disposable) => void> = {
    "completed": (probe) => probe.complete("x"),
    "failed": (probe) => probe.fail(new Error("no")),
    "dropped": (_, tracked) => tracked[Symbol.dispose](),
  };
  for (const [how, end] of Object.entries(ends)) {
    await t.step(how, () => {
      const tracker = new TaskTracker();
      tracker.close();
      const probe = new Probe();
      const tracked = tracker.track(probe);
      assertEquals(tracker.size, 1);
      const waker = wakeCounter();
      using waiting = tracker.wait();
      pollOnce(waiting, waker);
      pollOnce(tracked);
      end(probe, tracked);
      if (how === "completed") assertEquals(pollOnce(tracked), "x");
      if (how === "failed") assertThrows(() => pollOnce(tracked), Error, "no");
      assertEquals([tracker.size, waker.count], [0, 1]);
      assertEquals(probe.drops, how === "dropped" ? 1 : 0);
      tracked[Symbol.dispose]();
      assertEquals(tracker.size, 0);
      assertThrows(() => pollOnce(tracked), PolledAfterCompletionError);
    });
  }
});

Deno.test("task tracker: a future that is dropped counts until its cleanup is done", () => {
  const tracker = new TaskTracker();
  tracker.close();
  const probe = new Probe();
  const sizes: number[] = [];
  probe.onDrop = () => {
    sizes.push(tracker.size);
    throw new Error("bad drop");
  };
  const tracked = tracker.track(probe);
  assertThrows(() => tracked[Symbol.dispose](), Error, "bad drop");
  assertEquals([...sizes, tracker.size], [1, 0]);
});

Deno.test("task tracker: a future that cannot be adopted does not count", () => {
  const tracker = new TaskTracker();
  const owned = new Probe();
  using _owner = map(owned, () => {});
  assertThrows(() => tracker.track(owned), FutureMovedError);
  assertThrows(() => tracker.spawn(1 as never), TypeError);
  assertEquals(tracker.size, 0);
});

Deno.test("task tracker: an aborted task counts no more, a failed one is reported as ever", () => {
  using world = new World();
  const tracker = new TaskTracker();
  const probe = new Probe();
  const task = world.executor.spawn(tracker.track(probe));
  world.executor.spawn(tracker.track(Probe.failing(new Error("no"))));
  world.host.settle();
  assertEquals(tracker.size, 1);
  task.abort();
  assertEquals([tracker.size, probe.drops], [0, 1]);
  assertEquals(world.host.errors.length, 1);
});

Deno.test("task tracker: a wait that is dropped is not woken", () => {
  const tracker = new TaskTracker();
  const waker = wakeCounter();
  const waiting = tracker.wait();
  pollOnce(waiting, waker);
  waiting[Symbol.dispose]();
  tracker.close();
  assertEquals(waker.count, 0);
  assertThrows(() => pollOnce(waiting), PolledAfterCompletionError);
});

Deno.test("task tracker: a waker that throws fails no task that is tracked", async () => {
  using world = new World();
  const bad = new Error("bad waker");
  const value = await world.run(function* () {
    const tracker = new TaskTracker();
    tracker.close();
    const probe = new Probe();
    const task = tracker.spawn(probe);
    using waiting = tracker.wait();
    pollOnce(waiting, {
      wake() {
        throw bad;
      },
      willWake: () => false,
    });
    probe.complete("x");
    return yield* task;
  });
  assertEquals(value, "x");
  assertEquals(world.host.errors, [bad]);
});
