import { assertEquals, assertThrows } from "@std/assert";
import { yieldNow } from "../../../executor/mod.ts";
import { type Lint, observe } from "../../../executor/observe/mod.ts";
import {
  co,
  type Context,
  Future,
  map,
  Pending,
  type Poll,
  pollFn,
} from "../../../future/mod.ts";
import { forEach, unfold } from "../../../future/stream/mod.ts";
import { Probe } from "../../_probe.ts";
import { observed } from "./_world.ts";

const kinds = (lints: readonly Lint[]) => lints.map((lint) => lint.kind);

/** Wakes itself a number of times, and then waits. */
function busy(times: number): Future<never> {
  const waiting = new Probe<never>();
  return pollFn<never>((cx) => {
    if (times-- === 0) return waiting.poll(cx);
    cx.waker.wake();
    return Pending;
  });
}

Deno.test("lints: a poll that takes longer than the limit is reported, with how long it took", () => {
  const told: Lint[] = [];
  using world = observed({
    lints: { pollMs: 30 },
    onLint: (lint) => told.push(lint),
  });
  const { clock, executor, observation } = world;
  const probe = new Probe();
  executor.spawn(probe, { name: "slow" });
  probe.onPoll = () => clock.spend(30);
  clock.settle();
  assertEquals(observation.lints(), []);
  probe.onPoll = () => clock.spend(30.5);
  probe.wake();
  clock.settle();
  assertEquals(told, [{
    kind: "never-yields",
    reason: "one poll took 30.5 ms, and nothing else could run meanwhile",
    task: { id: 1, name: "slow", parentId: null, spawnedAt: null },
    waitsFor: { type: "Probe" },
    foundAtMs: 60.5,
  }]);
  assertEquals(observation.lints(), told);
});

Deno.test("lints: the last poll of a task is reported too, when it was long", () => {
  using world = observed();
  const { clock, executor, observation } = world;
  executor.spawn(pollFn(() => clock.spend(51)));
  executor.spawn(pollFn(() => {
    clock.spend(51);
    throw new Error("no");
  }));
  clock.settle();
  assertEquals(
    observation.lints().map(({ kind, task, waitsFor }) => [
      kind,
      task?.id,
      waitsFor,
    ]),
    [["never-yields", 1, null], ["never-yields", 2, null]],
  );
});

Deno.test("lints: a task that does nothing but wake itself is reported once, at the limit", () => {
  using world = observed({ lints: { selfWakes: 10 } });
  const { clock, executor, observation } = world;
  executor.spawn(busy(9));
  clock.settle();
  assertEquals(observation.lints(), []);
  executor.spawn(busy(50), { name: "storm" });
  clock.settle();
  const [lint, ...more] = observation.lints();
  assertEquals(more, []);
  assertEquals([lint?.kind, lint?.task?.name, lint?.reason], [
    "self-wake-storm",
    "storm",
    "10 polls in a row have done nothing but ask for the next",
  ]);
});

Deno.test("lints: a poll that does not wake itself ends the row", () => {
  using world = observed({ lints: { selfWakes: 10 } });
  const { clock, executor, observation } = world;
  const probe = new Probe();
  let left = 9;
  probe.onPoll = (cx) => {
    if (left-- > 0) cx.waker.wake();
  };
  executor.spawn(probe);
  clock.settle();
  left = 9;
  probe.wake();
  clock.settle();
  assertEquals([probe.polls, observation.lints()], [20, []]);
});

Deno.test("lints: yieldNow in a loop is meant, however often", () => {
  using world = observed({ lints: { selfWakes: 10 } });
  world.executor.spawn(map(
    co(function* () {
      for (let i = 0; i < 100; i++) yield* yieldNow();
    }),
    () => {},
  ));
  world.clock.settle();
  assertEquals(world.observation.metrics().polls, 101);
  assertEquals(world.observation.lints(), []);
});

Deno.test("lints: a task that has spent its budget has made progress, and may wake itself", () => {
  using world = observed({ lints: { selfWakes: 10 } }, { taskBudget: 1 });
  world.executor.spawn(forEach(
    unfold(0, (n) => [n, n + 1] as const),
    (n) => {
      if (n === 100) throw new Error("enough");
    },
  ));
  world.clock.settle();
  assertEquals(world.observation.metrics().tasksFailed, 1);
  assertEquals(world.observation.metrics().polls > 100, true);
  assertEquals(world.observation.lints(), []);
});

Deno.test("lints: they can be left out", () => {
  using world = observed({ lints: false });
  const { clock, executor, observation } = world;
  executor.spawn(pollFn(() => {
    clock.spend(1000);
    return Pending;
  }));
  clock.settle();
  assertEquals(observation.lints(), []);
});

Deno.test("lints: what onLint throws is reported as unhandled, and stops nothing", () => {
  using world = observed({
    onLint: () => {
      throw new Error("from onLint");
    },
  });
  const { clock, executor, observation } = world;
  executor.spawn(pollFn(() => clock.spend(51)));
  executor.spawn(Probe.ready(1));
  assertThrows(() => clock.settle(), Error, "from onLint");
  assertEquals(observation.metrics().tasksCompleted, 2);
  assertEquals(kinds(observation.lints()), ["never-yields"]);
});

Deno.test("lints: onLint may spawn, abort and look", () => {
  using world = observed({
    onLint: ({ task }) => {
      if (task?.name === "stopped") handle.abort();
      executor.spawn(Probe.ready(1));
      executor.snapshot();
      observation.lints();
    },
  });
  const { clock, executor, observation } = world;
  const handle = executor.spawn(pollFn(() => Pending), { name: "stopped" });
  executor.spawn(pollFn(() => Pending), { name: "goes on" });
  clock.settle();
  assertEquals(kinds(observation.lints()), ["lost-waker", "lost-waker"]);
  const { tasksCancelled, tasksCompleted } = observation.metrics();
  assertEquals([tasksCancelled, tasksCompleted], [1, 2]);
});

/** Takes its time at each poll. */
class Slow extends Future<never> {
  constructor(readonly spend: () => void, public left: number) {
    super();
  }
  override poll(cx: Context): Poll<never> {
    this.spend();
    if (--this.left > 0) cx.waker.wake();
    return Pending;
  }
}

Deno.test("lints: the last 256 are kept, and stay when the observation has ended", () => {
  using world = observed();
  const { clock, executor, observation } = world;
  executor.spawn(new Slow(() => clock.spend(51), 300));
  clock.settle();
  const lints = observation.lints();
  assertEquals([lints.length, lints[0]?.foundAtMs], [256, 45 * 51]);
  lints.length = 0; // a copy
  observation[Symbol.dispose]();
  assertEquals(observation.lints().length, 256);
});

Deno.test("lints: a limit that is out of range is refused, and nothing is observed then", () => {
  using world = observed();
  const { executor, observation } = world;
  observation[Symbol.dispose]();
  for (const limits of [{ pollMs: -1 }, { selfWakes: NaN }, { grantMs: -5 }]) {
    const [name, limit] = Object.entries(limits)[0]!;
    assertThrows(
      () => observe({ lints: limits }, executor),
      RangeError,
      `Cannot observe the executor: lints.${name} must not be negative, got ${limit}`,
    );
  }
  assertEquals(executor.snapshot().metrics, null);
});
