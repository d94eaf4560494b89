import { assertEquals } from "@std/assert";
import { Executor } from "../../executor/mod.ts";
import { VirtualClock } from "../../executor/sim/mod.ts";
import {
  co,
  type Future,
  join,
  Pending,
  pollFn,
  proceed,
} from "../../future/mod.ts";

/** A leaf that always has an answer at hand, as a socket with a full buffer. */
function answer(): Future<void> {
  return pollFn((cx) => proceed(cx) ? undefined : Pending);
}

/** A task that takes `answers` answers in a row and logs each. */
function greedy(log: string[], name: string, answers: number): Future<void> {
  return co(function* () {
    for (let i = 0; i < answers; i++) {
      yield* answer();
      log.push(name);
    }
  });
}

/** `["a", "a", "b"]` as `"a2 b1"`. */
function runs(log: string[]): string {
  return log.join("").replaceAll(
    /(.)\1*/g,
    (run, name) => `${name}${run.length} `,
  ).trim();
}

Deno.test("budget: a leaf that is always ready lets the others run", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock, taskBudget: 4 });
  const log: string[] = [];
  executor.spawn(greedy(log, "a", 12));
  executor.spawn(greedy(log, "b", 6));
  clock.settle();
  assertEquals(runs(log), "a4 b4 a4 b2 a4");
  assertEquals(executor.taskCount, 0);
});

Deno.test("budget: it is 128 answers a poll by default", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const log: string[] = [];
  executor.spawn(greedy(log, "a", 300));
  executor.spawn(greedy(log, "b", 1));
  clock.settle();
  assertEquals(runs(log), "a128 b1 a172");
});

Deno.test("budget: each poll starts with a full one, whoever spent it before", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock, taskBudget: 4 });
  const log: string[] = [];
  executor.spawn(greedy(log, "a", 3));
  executor.spawn(greedy(log, "b", 4));
  executor.spawn(greedy(log, "c", 4));
  clock.settle();
  assertEquals(runs(log), "a3 b4 c4");
});

Deno.test("budget: the children of a join share their task's", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock, taskBudget: 4 });
  const log: string[] = [];
  const both = executor.spawn(join([greedy(log, "x", 6), greedy(log, "y", 6)]));
  executor.spawn(pollFn((cx) => {
    if (both.isFinished) return;
    log.push("|");
    cx.waker.wake();
    return Pending;
  }));
  clock.settle();
  const polls = log.join("").split("|").map((poll) => poll.length);
  assertEquals(polls.filter((answers) => answers > 0), [4, 4, 4]);
});

Deno.test("budget: an infinite one never interrupts", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock, taskBudget: Infinity });
  const log: string[] = [];
  executor.spawn(greedy(log, "a", 1000));
  executor.spawn(greedy(log, "b", 1));
  clock.settle();
  assertEquals(runs(log), "a1000 b1");
});
