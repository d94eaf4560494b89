import { assertEquals, assertThrows } from "@std/assert";
import { spawn, unconstrained, yieldNow } from "../../executor/mod.ts";
import { pollOnce, wakeCounter } from "../../executor/sim/mod.ts";
import {
  type Context,
  FuturesUnordered,
  lazy,
  Pending,
  PolledAfterCompletionError,
  pollFn,
  ready,
} from "../../future/mod.ts";
import { collect, iter } from "../../future/stream/mod.ts";
import { Probe } from "../_probe.ts";
import { World } from "./_world.ts";

/** How often others were polled before `collect` was done. */
async function roundsFor(
  wrap: (numbers: ReturnType<typeof numbersOf>) => ReturnType<typeof numbersOf>,
): Promise<number> {
  using world = new World({ taskBudget: 10 });
  let rounds = 0;
  let done = false;
  const length = await world.run(function* () {
    spawn(pollFn((cx) => {
      if (done) return;
      rounds++;
      cx.waker.wake();
      return Pending;
    })).detach();
    const items = yield* wrap(numbersOf());
    done = true;
    return items.length;
  });
  assertEquals(length, 100);
  return rounds;
}

function numbersOf() {
  return collect(iter(Array.from({ length: 100 }, (_, i) => i)));
}

Deno.test("unconstrained: it takes all that is ready in one poll, where a task's budget would stop it", async () => {
  const bounded = await roundsFor((numbers) => numbers);
  const unbounded = await roundsFor(unconstrained);
  assertEquals(unbounded, 0);
  assertEquals(bounded >= 9, true, `${bounded} rounds`);
});

Deno.test("unconstrained: it hides the budget from all inside, and hands the waker on", () => {
  const seen: Context[] = [];
  const probe = new Probe();
  probe.onPoll = (cx) => seen.push({ waker: cx.waker, budget: cx.budget });
  const future = unconstrained(probe);
  const [first, last] = [wakeCounter(), wakeCounter()];
  pollOnce(future, first);
  pollOnce(future, last);
  assertEquals(seen.map(({ budget }) => budget), [undefined, undefined]);
  probe.complete("x");
  assertEquals([first.count, last.count], [0, 1]);
  assertEquals(pollOnce(future), "x");
  assertThrows(() => pollOnce(future), PolledAfterCompletionError);
});

Deno.test("unconstrained: a set of futures inside is polled to its end", async () => {
  using world = new World({ taskBudget: 1 });
  let others = 0;
  const items = await world.run(function* () {
    spawn(lazy(() => others++)).detach();
    const set = new FuturesUnordered([1, 2, 3, 4].map((n) => ready(n)));
    const items = yield* unconstrained(collect(set));
    assertEquals(others, 0);
    yield* yieldNow();
    return items;
  });
  assertEquals(items, [1, 2, 3, 4]);
});

Deno.test("unconstrained: it passes on failure and drop", () => {
  const error = new Error("no");
  assertThrows(
    () => pollOnce(unconstrained(Probe.failing(error))),
    Error,
    "no",
  );
  const probe = new Probe();
  const future = unconstrained(probe);
  pollOnce(future);
  future[Symbol.dispose]();
  assertEquals(probe.drops, 1);
});
