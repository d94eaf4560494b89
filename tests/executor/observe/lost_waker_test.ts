import { assert, assertEquals } from "@std/assert";
import { Executor } from "../../../executor/mod.ts";
import { type Lint, observe } from "../../../executor/observe/mod.ts";
import {
  co,
  type Context,
  Future,
  join,
  map,
  Pending,
  pending,
  type Poll,
  pollFn,
  select,
  type Waker,
} from "../../../future/mod.ts";
import { Probe } from "../../_probe.ts";
import { FUTURES } from "../inspect/_waiting_futures.ts";
import { STREAMS } from "../inspect/_waiting_streams.ts";
import { collectGarbage, observed, StepClock } from "./_world.ts";

/** Keeps its waker, and lets go of it when told to. */
class Keeper extends Future<never> {
  waker: Waker | null = null;
  override poll(cx: Context): Poll<never> {
    this.waker = cx.waker;
    return Pending;
  }
}

const losers = (lints: readonly Lint[]) =>
  lints.map(({ kind, task }) => `${kind} ${task?.id}`);

Deno.test("lost waker: a task that waits without ever having asked for its waker is reported when the executor is idle", () => {
  const told: Lint[] = [];
  using world = observed({ onLint: (lint) => told.push(lint) });
  const { clock, executor } = world;
  executor.spawn(co(function* () {
    yield* map(pollFn(() => Pending), () => {});
  }));
  executor.spawn(new Keeper());
  clock.settle();
  assertEquals(losers(told), ["lost-waker 1"]);
  assertEquals(
    told[0]?.reason,
    "it waits, and none of its polls has asked for the waker, so nobody can wake it",
  );
});

Deno.test("lost waker: it is reported once", () => {
  using world = observed();
  const { clock, executor, observation } = world;
  executor.spawn(pollFn(() => Pending));
  clock.settle();
  executor.spawn(Probe.ready(1));
  clock.settle();
  observation.lints();
  assertEquals(losers(observation.lints()), ["lost-waker 1"]);
});

Deno.test("lost waker: a task that all who had its waker have let go of is reported once the garbage is collected", async () => {
  using world = observed();
  const { clock, executor, observation } = world;
  const keeper = new Keeper();
  executor.spawn(keeper);
  clock.settle();
  await collectGarbage();
  assertEquals(observation.lints(), []); // it is kept still
  keeper.waker = null;
  await collectGarbage();
  assertEquals(losers(observation.lints()), ["lost-waker 1"]);
  assertEquals(
    observation.lints()[0]?.reason,
    "it waits, and all who had its waker have let go of it, so nobody can wake it",
  );
  assertEquals(observation.lints().length, 1); // once
});

Deno.test("lost waker: a task that is aborted before the executor is idle is not reported", () => {
  using world = observed();
  const { clock, executor, observation } = world;
  const task = executor.spawn(pollFn(() => Pending));
  executor.spawn(pollFn(() => task.abort()));
  clock.settle();
  assertEquals(observation.lints(), []);
});

Deno.test("lost waker: an executor that is idle now and then looks by itself, once a second", async () => {
  const told: Lint[] = [];
  using world = observed({ onLint: (lint) => told.push(lint) });
  const { clock, executor } = world;
  const keeper = new Keeper();
  executor.spawn(keeper);
  clock.settle();
  keeper.waker = null;
  await collectGarbage();
  clock.advance(999);
  executor.spawn(Probe.ready(1));
  clock.settle();
  assertEquals(told, []);
  clock.advance(1);
  executor.spawn(Probe.ready(1));
  clock.settle();
  assertEquals(losers(told), ["lost-waker 1"]);
});

Deno.test("lost waker: whoever keeps the waker anywhere keeps the task from being reported", async () => {
  using world = observed();
  const { clock, executor, observation } = world;
  const kept: Waker[] = [];
  executor.spawn(pollFn((cx) => {
    kept.push(cx.waker);
    return Pending;
  }));
  clock.settle();
  kept[0]!.wake();
  clock.settle();
  await collectGarbage();
  assertEquals(observation.lints(), []);
  assertEquals(kept.length, 2);
  assert(kept[0] === kept[1], "the waker changed while it was in use");
  assert(kept[0]!.willWake(kept[1]!));
});

Deno.test("lost waker: a waker whose task goes on is replaced, and the task wakes as ever", async () => {
  using world = observed();
  const { clock, executor } = world;
  const keeper = new Keeper();
  executor.spawn(keeper);
  clock.settle();
  const wake = keeper.waker!.wake.bind(keeper.waker);
  keeper.waker = null;
  wake();
  clock.settle();
  assert(keeper.waker !== null);
  (keeper.waker as Waker).wake();
  clock.settle();
  await collectGarbage();
  assertEquals(executor.snapshot().tasks[0]!.metrics!.polls, 3);
  assertEquals(world.observation.lints(), []);
});

Deno.test("lost waker: pending() is meant to wait for ever, alone and below others", () => {
  using world = observed();
  const { clock, executor, observation } = world;
  executor.spawn(pending());
  executor.spawn(co(function* () {
    yield* map(pending(), () => {});
  }));
  executor.spawn(select({ a: pending() }));
  clock.settle();
  assertEquals(observation.lints(), []);
});

Deno.test("lost waker: a task from before the observation may have an older waker, and is left alone", async () => {
  const clock = new StepClock();
  using executor = new Executor({ host: clock });
  const keeper = new Keeper();
  const forgetful = pollFn(() => Pending);
  const first: Waker[] = [];
  executor.spawn(keeper);
  executor.spawn(forgetful);
  executor.spawn(pollFn((cx) => {
    if (first.length === 0) first.push(cx.waker); // and asks no more
    return Pending;
  }));
  clock.settle();
  using observation = observe({}, executor);
  keeper.waker!.wake();
  first[0]!.wake();
  clock.settle();
  keeper.waker = null;
  await collectGarbage();
  assertEquals(observation.lints(), []);
});

Deno.test("lost waker: a waker that a child of a join has lost is not found", async () => {
  // A limit that the docs state; if it falls, the docs are to be changed.
  using world = observed();
  const { clock, executor, observation } = world;
  executor.spawn(join([pollFn(() => Pending)]));
  clock.settle();
  await collectGarbage();
  assertEquals(observation.lints(), []);
});

Deno.test("lost waker: none of our own futures is taken for one that has lost it", async () => {
  using world = observed();
  const { clock, executor, observation } = world;
  for (const [make] of Object.values({ ...FUTURES, ...STREAMS })) {
    executor.spawn(make(executor), { name: "ours" });
  }
  clock.settle();
  for (let round = 0; round < 3; round++) {
    await collectGarbage();
    clock.settle();
    const ours = observation.lints()
      .filter(({ task }) => task?.name === "ours")
      .map(({ kind, waitsFor }) => [kind, waitsFor?.type]);
    assertEquals(ours, []);
  }
});
