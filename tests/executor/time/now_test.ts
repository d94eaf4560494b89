import { assert, assertEquals } from "@std/assert";
import { Executor } from "../../../executor/mod.ts";
import { VirtualClock } from "../../../executor/sim/mod.ts";
import { type Clock, now, sleep } from "../../../executor/time/mod.ts";
import { co, pending } from "../../../future/mod.ts";

Deno.test("now: outside of all tasks it is the platform's time", () => {
  const before = performance.now();
  const time = now();
  assert(before <= time && time <= performance.now());
});

Deno.test("now: inside a task it is the time of the task's executor", () => {
  const clock = new VirtualClock({ now: 500 });
  using executor = new Executor({ host: clock });
  const times: number[] = [];
  executor.spawn(co(function* () {
    times.push(now());
    yield* sleep(20.5);
    times.push(now());
  }));
  clock.advance(100);
  assertEquals(times, [500, 520.5]);
});

Deno.test("now: while a task is dropped it is the time of the task's executor", () => {
  const clock = new VirtualClock({ now: 500 });
  using executor = new Executor({ host: clock });
  let time: number | undefined;
  const task = executor.spawn(co(function* () {
    try {
      yield* pending();
    } finally {
      time = now();
    }
  }));
  clock.settle();
  clock.advance(7);
  task.abort();
  assertEquals(time, 507);
});

Deno.test("now: any host's time will do for a Clock", () => {
  const virtual = new VirtualClock({ now: 3 });
  const clock: Clock = virtual;
  assertEquals(clock.now(), 3);
});
