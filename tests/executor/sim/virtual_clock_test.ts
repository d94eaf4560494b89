import {
  assertEquals,
  assertInstanceOf,
  assertNotEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Executor } from "../../../executor/mod.ts";
import { VirtualClock } from "../../../executor/sim/mod.ts";
import { sleep } from "../../../executor/time/mod.ts";
import { co } from "../../../future/mod.ts";
import { busy } from "../_traced.ts";

Deno.test("virtual clock: it stands still, from where it was set", () => {
  assertEquals(new VirtualClock().now(), 0);
  assertEquals(new VirtualClock({ now: 77.5 }).now(), 77.5);
  const clock = new VirtualClock({ now: 5 });
  clock.settle();
  assertEquals(clock.now(), 5);
});

Deno.test("virtual clock: advance moves the time by so much", () => {
  const clock = new VirtualClock({ now: 5 });
  clock.advance(2.5);
  clock.advance(0);
  assertEquals(clock.now(), 7.5);
});

Deno.test("virtual clock: advance goes from timer to timer, running what is ready in between", () => {
  const clock = new VirtualClock();
  const log: string[] = [];
  const note = (what: string) => () => log.push(`${what} at ${clock.now()}`);
  clock.setTimer(20, note("late"));
  clock.setTimer(10, () => {
    note("timer")();
    clock.microtask(note("microtask"));
    clock.macrotask(note("macrotask"));
    clock.setTimer(5, note("timer of a timer"));
  });
  clock.setTimer(10, note("second timer"));
  clock.microtask(note("ready"));
  clock.setTimer(30.5, note("not yet"));
  clock.advance(30);
  assertEquals(log, [
    "ready at 0",
    "timer at 10",
    "microtask at 10",
    "macrotask at 10",
    "second timer at 10",
    "timer of a timer at 15",
    "late at 20",
  ]);
  assertEquals(clock.now(), 30);
});

Deno.test("virtual clock: a cleared timer does not fire", () => {
  const clock = new VirtualClock();
  const log: string[] = [];
  const timer = clock.setTimer(10, () => log.push("cleared"));
  clock.setTimer(10, () => log.push("kept"));
  clock.clearTimer(timer);
  clock.clearTimer(timer);
  clock.advance(10);
  assertEquals(log, ["kept"]);
});

Deno.test("virtual clock: settle runs microtasks first, each in order", () => {
  const clock = new VirtualClock();
  const log: string[] = [];
  clock.macrotask(() => {
    log.push("macrotask 1");
    clock.microtask(() => log.push("microtask 3"));
  });
  clock.macrotask(() => log.push("macrotask 2"));
  clock.microtask(() => {
    log.push("microtask 1");
    clock.microtask(() => log.push("microtask 2"));
  });
  assertEquals(log, []);
  clock.settle();
  assertEquals(log, [
    "microtask 1",
    "microtask 2",
    "macrotask 1",
    "microtask 3",
    "macrotask 2",
  ]);
});

Deno.test("virtual clock: settle fires no timer, not even one that is due", () => {
  const clock = new VirtualClock();
  let fired = false;
  clock.setTimer(0, () => fired = true);
  clock.settle();
  assertEquals(fired, false);
  clock.advance(0);
  assertEquals(fired, true);
});

Deno.test("virtual clock: tasks that never rest are an error that says so", () => {
  const message =
    "Cannot settle: tasks are still ready after 100000 turns; do they wake themselves for ever?";
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock, turn: { polls: 1 } });
  let polls = 0;
  executor.spawn(busy(() => {
    polls++;
    return "go on";
  }));
  assertThrows(() => clock.settle(), Error, message);
  assertEquals(polls, 100_000);

  for (const queue of ["microtask", "macrotask"] as const) {
    const other = new VirtualClock();
    let left = 200_000;
    const again = () => {
      if (--left > 0) other[queue](again);
    };
    again();
    assertThrows(() => other.advance(1), Error, message);
  }
});

Deno.test("virtual clock: a hundred thousand turns are none too many", () => {
  const clock = new VirtualClock();
  let left = 100_000;
  const again = () => {
    if (--left > 0) clock.microtask(again);
  };
  clock.microtask(again);
  clock.settle();
  assertEquals(left, 0);
});

Deno.test("virtual clock: what is left unhandled is thrown, once all has run", () => {
  const clock = new VirtualClock();
  const [one, two] = [new Error("one"), new Error("two")];
  let ran = false;
  clock.microtask(() => clock.unhandled(one));
  clock.microtask(() => ran = true);
  assertStrictEquals(assertThrows(() => clock.settle()), one);
  assertEquals(ran, true);
  clock.settle(); // thrown once

  clock.unhandled(one);
  clock.unhandled(two);
  const both = assertThrows(() => clock.advance(1));
  assertInstanceOf(both, AggregateError);
  assertEquals(both.message, "2 errors were left unhandled");
  assertEquals(both.errors, [one, two]);
  assertEquals(clock.now(), 0, "at the time when it happened");
});

Deno.test("virtual clock: an error at a timer stops the clock there", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  // deno-lint-ignore require-yield
  const failing = co(function* () {
    throw new Error("at 5");
  });
  executor.spawn(co(function* () {
    yield* sleep(5);
    executor.spawn(failing);
  }));
  assertThrows(() => clock.advance(10), Error, "at 5");
  assertEquals(clock.now(), 5);
});

Deno.test("virtual clock: it goes forward only, by a finite time", () => {
  const clock = new VirtualClock({ now: 5 });
  for (
    const ms of [-1, -0.001, NaN, Infinity, -Infinity, "5" as unknown as number]
  ) {
    assertThrows(
      () => clock.advance(ms),
      RangeError,
      `Cannot advance the clock: got ${ms} ms`,
    );
  }
  assertEquals(clock.now(), 5);
});

Deno.test("virtual clock: the same seed gives the same numbers, another one others", () => {
  const draw = (clock: VirtualClock) =>
    Array.from({ length: 100 }, () => clock.random());
  const numbers = draw(new VirtualClock({ seed: 42 }));
  assertEquals(draw(new VirtualClock({ seed: 42 })), numbers);
  assertNotEquals(draw(new VirtualClock({ seed: 43 })), numbers);
  assertEquals(
    draw(new VirtualClock()),
    draw(new VirtualClock({ seed: 1 })),
    "the seed is 1 by default",
  );
});

Deno.test("virtual clock: its numbers are in [0, 1), and well spread", () => {
  const clock = new VirtualClock({ seed: 7 });
  const tenths = new Array(10).fill(0);
  for (let i = 0; i < 10_000; i++) tenths[Math.floor(clock.random() * 10)]++;
  assertEquals(tenths.length, 10);
  // 1000 each; beyond 150 off would be five standard deviations.
  assertEquals(tenths.filter((count) => Math.abs(count - 1000) > 150), []);
});
