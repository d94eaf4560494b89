import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { Executor, yieldNow } from "../../executor/mod.ts";
import { pollOnce, VirtualClock, wakeCounter } from "../../executor/sim/mod.ts";
import {
  co,
  join,
  Pending,
  PolledAfterCompletionError,
} from "../../future/mod.ts";

Deno.test("yieldNow: it is pending once, and has woken by then", () => {
  const waker = wakeCounter();
  const future = yieldNow();
  assertEquals(waker.count, 0);
  assertStrictEquals(pollOnce(future, waker), Pending);
  assertEquals(waker.count, 1);
  assertStrictEquals(pollOnce(future, waker), undefined);
  assertEquals(waker.count, 1);
});

Deno.test("yieldNow: all tasks that are ready run first", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const log: string[] = [];
  for (const name of ["a", "b", "c"]) {
    executor.spawn(co(function* () {
      log.push(`${name}1`);
      yield* yieldNow();
      log.push(`${name}2`);
    }));
  }
  clock.settle();
  assertEquals(log, ["a1", "b1", "c1", "a2", "b2", "c2"]);
});

Deno.test("yieldNow: inside a join the siblings run first", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const log: string[] = [];
  executor.spawn(join(["a", "b"].map((name) =>
    co(function* () {
      for (let i = 1; i <= 2; i++) {
        log.push(name + i);
        yield* yieldNow();
      }
    })
  )));
  clock.settle();
  assertEquals(log, ["a1", "b1", "a2", "b2"]);
  assertEquals(executor.taskCount, 0);
});

Deno.test("yieldNow: it throws when polled after its end", () => {
  const completed = yieldNow();
  pollOnce(completed);
  pollOnce(completed);
  for (let i = 0; i < 2; i++) {
    assertThrows(
      () => pollOnce(completed),
      PolledAfterCompletionError,
      "Cannot poll yieldNow: it already completed",
    );
    completed[Symbol.dispose](); // nothing
  }
  for (const polls of [0, 1]) {
    const dropped = yieldNow();
    if (polls === 1) pollOnce(dropped);
    dropped[Symbol.dispose]();
    dropped[Symbol.dispose]();
    assertThrows(
      () => pollOnce(dropped),
      PolledAfterCompletionError,
      "Cannot poll yieldNow: it was dropped",
    );
  }
});
