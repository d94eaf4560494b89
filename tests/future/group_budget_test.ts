// How groups share the budget of the task that polls them.
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Executor } from "../../executor/mod.ts";
import { VirtualClock, wakeCounter } from "../../executor/sim/mod.ts";
import {
  Budget,
  type Future,
  join,
  joinSettled,
  Pending,
  pollFn,
  proceed,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { groups } from "./_groups.ts";

/** A leaf that is ready at once, if there is budget for it. */
function hungry(name: string, log: string[]): Future<string> {
  return pollFn((cx) => {
    log.push(name);
    return proceed(cx) ? name : Pending;
  });
}

/** A leaf that is never done and always busy: it spends one unit a poll. */
function spinner(name: string, log: string[]): Future<never> {
  return pollFn<never>((cx) => {
    log.push(name);
    if (proceed(cx)) cx.waker.wake();
    return Pending;
  });
}

for (const [name, combine] of Object.entries({ join, joinSettled })) {
  Deno.test(`budget: ${name} stops in the middle of a batch, and goes on there`, () => {
    const log: string[] = [];
    const names = ["a", "b", "c", "d", "e", "f", "g"];
    const future: Future<unknown> = combine(
      names.map((each) => hungry(each, log)),
    );
    const budget = new Budget(3);
    const waker = wakeCounter();
    const rounds: string[] = [];
    for (;;) {
      budget.refill();
      log.length = 0;
      const value = future.poll({ waker, budget });
      rounds.push(log.join(""));
      if (value !== Pending) break;
      assertEquals(waker.count, rounds.length, "it asks for more at once");
    }
    assertEquals(rounds, ["abc", "def", "g"]);
  });
}

Deno.test("budget: what was woken meanwhile stands behind the rest of the batch", () => {
  const log: string[] = [];
  const late = new Probe<string>("late");
  late.onPoll = () => log.push("late");
  const budget = new Budget(2);
  const cx = { waker: wakeCounter(), budget };
  using future = join([
    late,
    ...["a", "b", "c", "d"].map((each) => hungry(each, log)),
  ]);
  assertStrictEquals(future.poll(cx), Pending);
  assertEquals(log, ["late", "a", "b"]);
  late.wake();
  budget.refill();
  future.poll(cx);
  assertEquals(log, ["late", "a", "b", "c", "d"]);
  budget.refill();
  future.poll(cx);
  assertEquals(log, ["late", "a", "b", "c", "d", "late"]);
});

Deno.test("budget: a child woken by a sibling before the budget ran out is not lost", () => {
  const log: string[] = [];
  const first = new Probe<string>("first");
  const waker = wakeCounter();
  const budget = new Budget(1);
  using future = join([
    first,
    pollFn((cx) => {
      first.wake();
      return proceed(cx) ? "waked" : Pending;
    }),
    hungry("c", log),
  ]);
  future.poll({ waker, budget });
  assertEquals([first.polls, log], [1, []]);
  assert(waker.isWoken);
  budget.refill();
  future.poll({ waker, budget });
  assertEquals(log, ["c"]);
  budget.refill();
  future.poll({ waker, budget });
  assertEquals(first.polls, 2);
});

for (const { name, combine } of groups) {
  Deno.test(`budget: ${name} polls nobody once the budget is spent, and asks to be polled again`, () => {
    const leaves = [new Probe(), new Probe()];
    const budget = new Budget(1);
    budget.spend();
    const waker = wakeCounter();
    using future = combine(leaves);
    assertStrictEquals(future.poll({ waker, budget }), Pending);
    assertEquals([waker.count, leaves[0]!.polls, leaves[1]!.polls], [1, 0, 0]);
    budget.refill();
    assertStrictEquals(future.poll({ waker, budget }), Pending);
    assertEquals([waker.count, leaves[0]!.polls, leaves[1]!.polls], [1, 1, 1]);
  });

  if (name.startsWith("biased")) continue;
  Deno.test(`budget: ${name} lets busy children starve nobody, whatever the budget`, () => {
    for (const units of [1, 2, 3, 5, Infinity]) {
      const log: string[] = [];
      const budget = new Budget(units);
      using future = combine([
        ...["a", "b", "c", "d"].map((each) => spinner(each, log)),
      ]);
      for (let poll = 0; poll < 400; poll++) {
        budget.refill();
        future.poll({ waker: wakeCounter(), budget });
      }
      const counts = ["a", "b", "c", "d"].map((each) =>
        log.filter((one) => one === each).length
      );
      const fair = log.length / 4;
      for (const count of counts) {
        assert(Math.abs(count - fair) <= fair / 4, `${units}: ${counts}`);
      }
      // No more polls than there is budget for, and none to no purpose.
      assertEquals(log.length, 400 * Math.min(units, 4));
    }
  });
}

Deno.test("budget: biased select may starve those that come later, as it says", () => {
  const log: string[] = [];
  const budget = new Budget(1);
  const biased = groups.find(({ name }) => name === "biased select")!;
  using future = biased.combine([spinner("a", log), spinner("b", log)]);
  for (let poll = 0; poll < 10; poll++) {
    budget.refill();
    future.poll({ waker: wakeCounter(), budget });
  }
  assertEquals(log.join(""), "aaaaaaaaaa");
});

Deno.test("budget: nested groups share one budget, and nothing is lost or polled in vain", () => {
  const log: string[] = [];
  const rows = Array.from(
    { length: 10 },
    (_, row) =>
      join(
        Array.from(
          { length: 10 },
          (_, column) => hungry(`${row}${column}`, log),
        ),
      ),
  );
  const future = join(rows);
  const budget = new Budget(7);
  let polls = 0;
  for (;;) {
    budget.refill();
    polls++;
    const before = log.length;
    const value = future.poll({ waker: wakeCounter(), budget });
    assert(log.length - before <= 7);
    if (value === Pending) continue;
    assertEquals(value[3]![4], "34");
    break;
  }
  assertEquals(log.length, 100, "each leaf was polled once");
  assertEquals(polls, Math.ceil(100 / 7));
});

Deno.test("budget: without one there is no limit", () => {
  const log: string[] = [];
  const all = Array.from({ length: 1000 }, (_, i) => hungry(`${i}`, log));
  const value = join(all).poll({ waker: wakeCounter() });
  assert(value !== Pending);
  assertEquals(log.length, 1000);
});

Deno.test("budget: a task with a small budget finishes a large join in as many polls as it takes", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock, taskBudget: 10 });
  const log: string[] = [];
  let polls = 0;
  const all = join(Array.from({ length: 95 }, (_, i) => hungry(`${i}`, log)));
  const task = executor.spawn(pollFn((cx) => {
    polls++;
    return all.poll(cx);
  }));
  clock.settle();
  assert(task.isFinished);
  assertEquals([polls, log.length], [10, 95]);
});
