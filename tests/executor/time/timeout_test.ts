import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertLess,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Executor, JoinError, type JoinHandle } from "../../../executor/mod.ts";
import { pollOnce, VirtualClock } from "../../../executor/sim/mod.ts";
import {
  sleep,
  timeout,
  timeoutAt,
  TimeoutError,
} from "../../../executor/time/mod.ts";
import {
  adopt,
  type Future,
  FutureMovedError,
  join,
  Pending,
  pin,
  PolledAfterCompletionError,
  pollFn,
  proceed,
  race,
} from "../../../future/mod.ts";
import { Probe } from "../../_probe.ts";
import { LoopHost } from "../_loop_host.ts";
import { busy } from "../_traced.ts";

function setUp(now = 0) {
  const clock = new VirtualClock({ now });
  return { clock, executor: new Executor({ host: clock }) };
}

/** What a task failed with. */
function causeOf(task: JoinHandle<unknown>): unknown {
  return assertThrows(() => pollOnce(task), JoinError).cause;
}

function assertTimeout(task: JoinHandle<unknown>, message: string): void {
  const error = causeOf(task);
  assertInstanceOf(error, TimeoutError);
  assertEquals(error.message, message);
  assertEquals(error.name, "TimeoutError");
}

Deno.test("timeout: a value that comes in time is the value", () => {
  const { clock, executor } = setUp();
  const probe = new Probe();
  const task = executor.spawn(timeout(probe, 10));
  clock.advance(9.5);
  assertEquals(executor.timerCount, 1);
  probe.complete("in time");
  clock.settle();
  assertEquals(pollOnce(task), "in time");
  assertEquals(executor.timerCount, 0);
  assertEquals(probe.drops, 0);
});

Deno.test("timeout: one that is there at the first poll arms no timer", () => {
  const { clock, executor } = setUp();
  const task = executor.spawn(timeout(Probe.ready("at once"), 10));
  clock.settle();
  assertEquals(pollOnce(task), "at once");
  assertEquals(executor.timerCount, 0);
});

Deno.test("timeout: it fails at its time, not before", () => {
  const { clock, executor } = setUp();
  const probe = new Probe();
  const task = executor.spawn(timeout(probe, 10.5));
  pollOnce(task);
  clock.advance(10.25);
  assertFalse(task.isFinished);
  clock.advance(0.25);
  assertTimeout(
    task,
    "Cannot wait any longer: it was not done within 10.5 ms",
  );
  assertEquals(probe.drops, 1);
  assertEquals(executor.timerCount, 0);
});

Deno.test("timeout: the time counts from the first poll", () => {
  const { clock, executor } = setUp();
  const limited = timeout(new Probe(), 10);
  clock.advance(100);
  const task = executor.spawn(limited);
  pollOnce(task);
  clock.advance(9);
  assertFalse(task.isFinished);
  clock.advance(1);
  assert(task.isFinished);
});

Deno.test("timeout: the future is dropped before the error is out", () => {
  const { clock, executor } = setUp();
  const probe = new Probe();
  const limited = timeout(probe, 10);
  const task = executor.spawn(pollFn((cx) => {
    try {
      return limited.poll(cx);
    } catch (error) {
      assert(error instanceof TimeoutError);
      return `${probe.drops} drop, ${executor.timerCount} timers`;
    }
  }));
  clock.advance(10);
  assertEquals(pollOnce(task), "1 drop, 0 timers");
});

Deno.test("timeout: a value that is there beside the timer wins", () => {
  const { clock, executor } = setUp();
  const probe = new Probe();
  const task = executor.spawn(timeout(probe, 10));
  clock.settle();
  probe.onPoll = () => clock.now() === 10 && probe.complete("just in time");
  clock.advance(10);
  assertEquals(pollOnce(task), "just in time");
  assertEquals(probe.drops, 0);
});

Deno.test("timeout: two sleeps of the same length are a tie, the future wins", () => {
  const { clock, executor } = setUp();
  const task = executor.spawn(timeout(sleep(10), 10));
  clock.advance(10);
  assertStrictEquals(pollOnce(task), undefined);
  assertEquals(executor.timerCount, 0);
});

Deno.test("timeout: the future's own failure comes out, and the timer goes", () => {
  const { clock, executor } = setUp();
  const probe = new Probe();
  const task = executor.spawn(timeout(probe, 10));
  pollOnce(task);
  clock.advance(5);
  const error = new Error("own");
  probe.fail(error);
  clock.settle();
  assertStrictEquals(causeOf(task), error);
  assertEquals(executor.timerCount, 0);
  assertEquals(probe.drops, 0);
});

Deno.test("timeout: dropped, it drops the future and the timer, once", () => {
  for (const polled of [false, true]) {
    const { clock, executor } = setUp();
    const probe = new Probe();
    const task = executor.spawn(timeout(probe, 10));
    if (polled) clock.settle();
    task.abort();
    assertEquals(probe.drops, 1);
    assertEquals(executor.timerCount, 0);
    clock.advance(20);
    assertEquals(probe.drops, 1);
  }
  const probe = new Probe();
  const limited = timeout(probe, 10);
  limited[Symbol.dispose]();
  limited[Symbol.dispose]();
  assertEquals(probe.drops, 1);
});

Deno.test("timeout: however it ends, the future is free again", () => {
  const ends: ((probe: Probe, clock: VirtualClock) => void)[] = [
    (probe) => probe.complete("done"),
    (probe) => probe.fail(new Error("no")),
    (_probe, clock) => clock.advance(10),
  ];
  for (const end of ends) {
    const clock = new VirtualClock();
    using executor = new Executor({ host: clock, unjoined: "ignore" });
    const probe = new Probe();
    const task = executor.spawn(timeout(probe, 10));
    clock.settle();
    assertThrows(() => adopt({}, probe), FutureMovedError);
    end(probe, clock);
    clock.settle();
    assert(task.isFinished);
    adopt({}, probe); // would throw, were it held
  }
  const probe = new Probe();
  timeout(probe, 10)[Symbol.dispose]();
  adopt({}, probe);
});

Deno.test("timeout: lent with pin, the future keeps its place", () => {
  const { clock, executor } = setUp();
  const work = sleep(25);
  const tries: string[] = [];
  for (let i = 0; i < 3; i++) {
    const task = executor.spawn(timeout(pin(work), 10));
    pollOnce(task);
    clock.advance(10);
    try {
      pollOnce(task);
      tries.push("done");
    } catch (error) {
      assertInstanceOf((error as JoinError).cause, TimeoutError);
      tries.push("timeout");
    }
  }
  assertEquals(tries, ["timeout", "timeout", "done"]);
  assertEquals(executor.timerCount, 0);
});

Deno.test("timeout: a limit of 0 allows what is ready at once, no more", () => {
  const { clock, executor } = setUp();
  const quick = executor.spawn(timeout(Probe.ready("at once"), 0));
  const probe = new Probe();
  const slow = executor.spawn(timeout(probe, 0));
  pollOnce(slow);
  clock.settle();
  assertEquals(pollOnce(quick), "at once");
  assertTimeout(slow, "Cannot wait any longer: it was not done within 0 ms");
  assertEquals(probe.drops, 1);
});

Deno.test("timeout: a limit of Infinity is none", () => {
  const { clock, executor } = setUp();
  const probe = new Probe();
  const task = executor.spawn(timeout(probe, Infinity));
  clock.advance(2 ** 40);
  assertFalse(task.isFinished);
  probe.complete("after 35 years");
  clock.settle();
  assertEquals(pollOnce(task), "after 35 years");
  assertEquals(executor.timerCount, 0);
});

Deno.test("timeout: a future that is busy for ever does not keep it from firing", async (t) => {
  const spender = (host: LoopHost) =>
    pollFn((cx) => {
      host.spend(0.25);
      while (proceed(cx));
      return Pending;
    });
  const spenders: Record<string, (host: LoopHost) => Future<unknown>> = {
    "it wakes itself": (host) =>
      busy(() => {
        host.spend(0.25);
        return "go on";
      }),
    "it spends the task's budget": spender,
    "it is a join of such": (host) =>
      join([spender(host), spender(host), spender(host)]),
  };
  for (const [what, make] of Object.entries(spenders)) {
    await t.step(what, () => {
      const host = new LoopHost();
      using executor = new Executor({ host });
      const task = executor.spawn(timeout(make(host), 100));
      pollOnce(task);
      for (let turn = 0; !task.isFinished && turn < 1000; turn++) host.turn();
      assertTimeout(
        task,
        "Cannot wait any longer: it was not done within 100 ms",
      );
      assertLess(host.now(), 110);
      assertEquals(executor.timerCount, 0);
    });
  }
});

Deno.test("timeout: it can be nested, and the tighter one fires", () => {
  const { clock, executor } = setUp();
  const probe = new Probe();
  const task = executor.spawn(timeout(timeout(probe, 5), 10));
  pollOnce(task);
  clock.advance(5);
  assertTimeout(task, "Cannot wait any longer: it was not done within 5 ms");
  assertEquals(probe.drops, 1);
  assertEquals(executor.timerCount, 0);
});

Deno.test("timeout: what the drop throws is added to the TimeoutError", () => {
  const { clock, executor } = setUp();
  const probe = new Probe();
  const bad = new Error("a bad drop");
  probe.onDrop = () => {
    throw bad;
  };
  const task = executor.spawn(timeout(probe, 10));
  pollOnce(task);
  clock.advance(10);
  const error = causeOf(task);
  assertInstanceOf(error, SuppressedError);
  assertStrictEquals(error.error, bad);
  assertInstanceOf(error.suppressed, TimeoutError);
  assertEquals(executor.timerCount, 0);
});

Deno.test("timeout: after its end it throws when polled", () => {
  const ends: [string, (probe: Probe, clock: VirtualClock) => void][] = [
    ["it already completed", (probe) => probe.complete("done")],
    ["it already failed", (probe) => probe.fail(new Error("no"))],
    ["it already failed", (_probe, clock) => clock.advance(10)],
  ];
  for (const [message, end] of ends) {
    const clock = new VirtualClock();
    using executor = new Executor({ host: clock, unjoined: "ignore" });
    const probe = new Probe();
    const limited = timeout(probe, 10);
    executor.spawn(limited);
    clock.settle();
    end(probe, clock);
    clock.settle();
    assertThrows(
      () => pollOnce(limited),
      PolledAfterCompletionError,
      `Cannot poll timeout: ${message}`,
    );
    limited[Symbol.dispose](); // nothing
    assertEquals(executor.timerCount, 0);
  }
  const dropped = timeout(new Probe(), 10);
  dropped[Symbol.dispose]();
  assertThrows(
    () => pollOnce(dropped),
    PolledAfterCompletionError,
    "Cannot poll timeout: it was dropped",
  );
});

Deno.test("timeout: it adopts its future", () => {
  const probe = new Probe();
  using _owner = race([probe]);
  assertThrows(() => timeout(probe, 10), FutureMovedError, "Race holds it");
  assertThrows(() => timeoutAt(probe, 10), FutureMovedError);
  const limited = timeout(new Probe(), 10);
  using _other = race([limited]);
  assertThrows(() => timeout(limited, 10), FutureMovedError);
  assertThrows(
    () => timeout(Promise.resolve() as unknown as Future<void>, 10),
    TypeError,
    "Cannot adopt Promise: it is not a Future",
  );
});

Deno.test("timeoutAt: several futures share one deadline", () => {
  const { clock, executor } = setUp(1000);
  const deadline = 1010.5;
  const first = executor.spawn(timeoutAt(sleep(6), deadline));
  clock.advance(6);
  assert(first.isFinished);
  const probe = new Probe();
  const second = executor.spawn(timeoutAt(probe, deadline));
  pollOnce(second);
  clock.advance(4.25);
  assertFalse(second.isFinished);
  clock.advance(0.25);
  assertTimeout(
    second,
    "Cannot wait any longer: it was not done by its deadline",
  );
  assertEquals(probe.drops, 1);
});

Deno.test("timeoutAt: a deadline that has passed allows what is ready at once", () => {
  const { clock, executor } = setUp(1000);
  const quick = executor.spawn(timeoutAt(Probe.ready("at once"), 5));
  const slow = executor.spawn(timeoutAt(new Probe(), 5));
  pollOnce(slow);
  clock.settle();
  assertEquals(pollOnce(quick), "at once");
  assertInstanceOf(causeOf(slow), TimeoutError);
});

Deno.test("timeoutAt: Infinity sets no limit", () => {
  const { clock, executor } = setUp();
  const task = executor.spawn(timeoutAt(new Probe(), Infinity));
  clock.advance(2 ** 40);
  assertFalse(task.isFinished);
  task.abort();
  assertEquals(executor.timerCount, 0);
});
