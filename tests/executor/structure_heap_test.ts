import { assertEquals, assertLess } from "@std/assert";
import {
  CancellationToken,
  Executor,
  JoinMap,
  JoinSet,
  scope,
  spawn,
  taskLocal,
  TaskTracker,
} from "../../executor/mod.ts";
import { pollOnce, VirtualClock } from "../../executor/sim/mod.ts";
import {
  co,
  Future,
  lazy,
  Pending,
  type Poll,
  ready,
} from "../../future/mod.ts";
import { Done } from "../../future/stream/mod.ts";
import { growth } from "./_heap.ts";

function setUp() {
  const clock = new VirtualClock();
  return { clock, executor: new Executor({ host: clock }) };
}

Deno.test("heap: a living task does not keep its ancestors", () => {
  const { clock, executor } = setUp();
  const generations = (left: number): Future<void> =>
    lazy(() => {
      spawn(left > 0 ? generations(left - 1) : new Forever()).detach();
    });
  // A chain of them would hold 10 × 5,000 tasks.
  assertLess(
    growth(() => {
      executor.spawn(generations(5_000));
      clock.settle();
    }),
    1,
  );
  assertEquals(executor.taskCount, 13, "one of each round lives on");
});

class Forever extends Future<never> {
  override poll(): Poll<never> {
    return Pending;
  }
}

Deno.test("heap: tokens that come and go under one that stays leave it as it was", () => {
  const root = new CancellationToken();
  assertLess(
    growth(() => {
      for (let i = 0; i < 3_000; i++) {
        const child = root.child();
        const waiting = child.cancelled();
        pollOnce(waiting);
        if (i % 3 === 0) child.cancel();
        else waiting[Symbol.dispose]();
        using _guard = root.child().dropGuard();
      }
    }),
    1,
  );
});

Deno.test("heap: scopes, sets and trackers leave it as it was", () => {
  const { clock, executor } = setUp();
  const tracker = new TaskTracker();
  const local = taskLocal<number>();
  const work = (i: number) =>
    co(function* () {
      yield* scope(function* (s) {
        for (let k = 0; k < 3; k++) s.spawn(local.with(i, ready(k)));
      });
      using set = new JoinSet<number>();
      for (let k = 0; k < 3; k++) set.spawn(tracker.track(ready(k)));
      while (set.size > 1) yield* set.joinNext();
    });
  assertLess(
    growth(() => {
      for (let i = 0; i < 1_000; i++) executor.spawn(work(i));
      clock.settle();
    }),
    1,
  );
  assertEquals([executor.taskCount, tracker.size], [0, 0]);
});

Deno.test("heap: a set and a map that stay leave it as it was", () => {
  const { clock, executor } = setUp();
  const set = new JoinSet<number>();
  const tasks = new JoinMap<string, number>();
  assertLess(
    growth(() => {
      executor.spawn(co(function* () {
        for (let i = 0; i < 3_000; i++) {
          set.spawn(ready(i));
          if ((yield* set.joinNext()) === Done) throw new Error("no value");
          tasks.spawn("always the same", ready(i));
        }
      }));
      clock.settle();
    }),
    1,
  );
  assertEquals([set.size, tasks.size], [0, 1]);
});
