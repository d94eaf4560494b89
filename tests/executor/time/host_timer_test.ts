import { assert, assertEquals, assertFalse, assertLess } from "@std/assert";
import { Executor } from "../../../executor/mod.ts";
import { pollOnce, wakeCounter } from "../../../executor/sim/mod.ts";
import { AsyncTimer, sleep, sleepUntil } from "../../../executor/time/mod.ts";
import { inside } from "../_inside.ts";
import { LogHost } from "../_log_host.ts";

/** A host whose log shows nothing but its timers. */
class TimerHost extends LogHost {
  override microtask(callback: () => void): void {
    super.microtask(callback);
    this.log.pop();
  }
}

function setUp() {
  const host = new TimerHost();
  const executor = new Executor({ host });
  /** Arms timers by a first poll, all in one turn. */
  const arm = (...delays: number[]) => {
    const timers = delays.map((delay) => new AsyncTimer(delay));
    inside(executor, host, () => timers.forEach((timer) => pollOnce(timer)));
    return timers;
  };
  return { host, executor, arm };
}

Deno.test("host timer: a thousand timers are one, for the soonest", () => {
  const { host, executor, arm } = setUp();
  arm(...Array.from({ length: 1000 }, (_, i) => 500 + (i * 7919) % 1000));
  assertEquals(executor.timerCount, 1000);
  assertEquals(host.take(), ["set 500"]);
});

Deno.test("host timer: one armed and cancelled within a turn never reaches it", () => {
  const { host, executor } = setUp();
  inside(executor, host, () => {
    for (let i = 0; i < 1000; i++) {
      using timer = sleep(i + 1);
      pollOnce(timer);
      assertEquals(executor.timerCount, 1);
    }
  });
  host.advance(2000);
  assertEquals(host.take(), []);
});

Deno.test("host timer: a later timer does not touch it, a sooner one moves it", () => {
  const { host, arm } = setUp();
  arm(20);
  arm(40);
  arm(20);
  assertEquals(host.take(), ["set 20"]);
  host.advance(5);
  arm(10);
  assertEquals(host.take(), ["clear 20", "set 10"]);
  host.advance(10);
  assertEquals(host.take(), ["set 5"], "set again for the next, once");
});

Deno.test("host timer: the last timer cancelled takes it along", () => {
  const { host, arm } = setUp();
  const [a, b, never] = arm(10, 20, Infinity);
  host.take();
  a![Symbol.dispose]();
  host.settle();
  assertEquals(host.take(), [], "moving it costs more than firing in vain");
  b![Symbol.dispose]();
  host.settle();
  assertEquals(host.take(), ["clear 10"]);
  never![Symbol.dispose]();
  host.settle();
  assertEquals(host.take(), []);
});

Deno.test("host timer: the last timer put off for ever takes it along", () => {
  const { host, executor, arm } = setUp();
  const [timer] = arm(10);
  host.take();
  timer!.reset(Infinity);
  host.settle();
  assertEquals(host.take(), ["clear 10"]);
  timer!.reset(5);
  host.settle();
  assertEquals(host.take(), ["set 5"]);
  host.advance(5);
  assertEquals(executor.timerCount, 0);
});

Deno.test("host timer: cancelled and armed again within a turn, it is kept", () => {
  const { host, executor, arm } = setUp();
  const [timer] = arm(10);
  host.take();
  const waker = wakeCounter();
  const other = sleep(15);
  inside(executor, host, () => {
    timer![Symbol.dispose]();
    pollOnce(other, waker);
  });
  assertEquals(host.take(), []);
  host.advance(10);
  assertEquals(host.take(), ["set 5"]);
  assertEquals(waker.count, 0);
  host.advance(5);
  assertEquals(waker.count, 1);
});

Deno.test("host timer: one whose timer was cancelled fires in vain, and is set for the next", () => {
  const { host, executor, arm } = setUp();
  const [soon] = arm(10, 20);
  soon![Symbol.dispose]();
  host.advance(10);
  assertEquals(host.take(), ["set 10", "set 10"]);
  assertEquals(executor.timerCount, 1);
  host.advance(10);
  assertEquals(executor.timerCount, 0);
  assertEquals(host.take(), []);
});

Deno.test("host timer: a timer put off again and again asks the host twice a lap at most", () => {
  const { host, executor, arm } = setUp();
  const [idle] = arm(30);
  for (let packet = 0; packet < 1000; packet++) {
    host.advance(0.5);
    idle!.reset(30);
  }
  // 500 ms are 17 laps; in each, one step of the wheel may come in between.
  assertLess(host.take().length, 2 * 17 + 1);
  assertEquals(executor.timerCount, 1);
});

Deno.test("host timer: one that fires early is set again, and completes nothing", () => {
  const { host, executor } = setUp();
  const early: number[] = [];
  const setTimer = host.setTimer.bind(host);
  host.setTimer = (delay, callback) => {
    early.push(delay);
    return setTimer(early.length < 4 ? delay / 2 : delay, callback);
  };
  const task = executor.spawn(sleep(16));
  host.advance(15);
  assertFalse(task.isFinished);
  assertEquals(early, [16, 8, 4, 2]);
  host.advance(1);
  assert(task.isFinished);
});

Deno.test("host timer: the host never sees 2^31 ms, and long delays are kept", () => {
  for (const delay of [2 ** 31 - 1, 2 ** 31, 2 ** 32 + 0.5, 2 ** 36 + 777]) {
    const { host, executor } = setUp();
    const task = executor.spawn(sleep(delay));
    host.advance(delay - 0.25);
    assertFalse(task.isFinished, `${delay}`);
    host.advance(0.25);
    assert(task.isFinished, `${delay}`);
    const set = host.take().map((entry) => Number(entry.replace("set ", "")));
    assert(set.every((ms) => ms < 2 ** 31), `${delay}: ${set}`);
    // As few chunks as can be, and a step for each level of the wheel.
    assertLess(set.length, delay / (2 ** 31 - 1) + 11);
  }
});

Deno.test("host timer: one that is due when the executor comes to rest is set for now", () => {
  const { host, executor } = setUp();
  const waker = wakeCounter();
  inside(executor, host, () => {
    pollOnce(sleepUntil(1), waker);
    host.spent += 5; // a long poll
  });
  assertEquals(host.take(), ["set 0"]);
  host.advance(0);
  assertEquals(waker.count, 1);
});

Deno.test("host timer: cut up, it is not moved for a timer that comes after the first piece", () => {
  const { host, arm } = setUp();
  arm(2 ** 33);
  arm(2 ** 32);
  arm(2 ** 31);
  assertEquals(host.take(), ["set 2147483647"]);
});

Deno.test("host timer: a timer for ever needs none", () => {
  const { host, arm } = setUp();
  arm(Infinity, 2 ** 50);
  host.advance(2 ** 40);
  assertEquals(host.take(), []);
});

Deno.test("host timer: within 32 ticks it is set for the very deadline", () => {
  const { host, arm } = setUp();
  arm(3.5, 9.25, 31.75);
  host.advance(40);
  assertEquals(host.take(), ["set 3.5", "set 5.75", "set 22.5"]);
});

Deno.test("host timer: two executors on a host have one each", () => {
  const { host, arm } = setUp();
  using other = new Executor({ host });
  arm(10);
  other.spawn(sleep(5));
  host.settle();
  assertEquals(host.take(), ["set 10", "set 5"]);
});
