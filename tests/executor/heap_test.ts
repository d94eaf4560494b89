import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { Executor } from "../../executor/mod.ts";
import { VirtualClock } from "../../executor/sim/mod.ts";
import { AsyncTimer, sleep } from "../../executor/time/mod.ts";
import {
  type Context,
  Future,
  lazy,
  noopWaker,
  Pending,
  type Poll,
} from "../../future/mod.ts";
import { gc, growth, MIB } from "./_heap.ts";

/** A hand-written future that wakes itself a number of times. */
class Countdown extends Future<void> {
  #left: number;

  constructor(from: number) {
    super();
    this.#left = from;
  }

  override poll(cx: Context): Poll<void> {
    if (this.#left === 0) return;
    this.#left--;
    cx.waker.wake();
    return Pending;
  }
}

Deno.test("heap: a future that is polled a million times leaves it as it was", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  // A byte a poll would be a MiB.
  assertLess(
    growth(() => {
      executor.spawn(new Countdown(100_000));
      clock.settle();
    }),
    1,
  );
});

// 1 MiB would be 5 bytes a task or timer.
Deno.test("heap: 200,000 tasks leave it as it was", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  assertLess(
    growth(() => {
      for (let i = 0; i < 20_000; i++) executor.spawn(new Countdown(1));
      clock.settle();
    }),
    1,
  );
});

Deno.test("heap: 200,000 timers that fire leave it as it was", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  assertLess(
    growth(() => {
      for (let i = 0; i < 20_000; i++) executor.spawn(sleep(i % 1000));
      clock.advance(1000);
    }),
    1,
  );
});

Deno.test("heap: a million timers give their memory back when all are gone", async () => {
  // In a process of its own, where garbage can be collected on demand.
  const wheel = new URL("../../executor/time/_wheel.ts", import.meta.url);
  const script = `
    const { TimerWheel } = await import("${wheel}");
    const wheel = new TimerWheel(0);
    const used = async () => {
      // Buffers go in the background, a collection after what held them.
      for (let i = 0; i < 3; i++) {
        gc();
        await new Promise((resolve) => setImmediate(resolve));
      }
      const { heapUsed, external } = Deno.memoryUsage();
      return (heapUsed + external) / ${MIB};
    };
    const rows = new Int32Array(1_000_000);
    const before = await used();
    for (let i = 0; i < rows.length; i++) rows[i] = wheel.insert(i, null);
    const armed = await used() - before;
    for (const row of rows) wheel.remove(row);
    const after = await used() - before;
    console.log(JSON.stringify({ armed, after, count: wheel.count }));
  `;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-config",
      "--no-lock",
      "--v8-flags=--expose-gc",
      `data:text/javascript,${encodeURIComponent(script)}`,
    ],
    stderr: "inherit",
  }).output();
  const { armed, after, count } = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals(count, 0);
  assertGreater(armed, 20);
  assertLess(after, 4);
});

Deno.test("heap: a timer that is put off a million times leaves it as it was", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const timer = new AsyncTimer(1000);
  executor.spawn(timer);
  clock.settle();
  assertLess(
    growth(() => {
      for (let i = 0; i < 100_000; i++) timer.reset(1000 + i % 777);
    }),
    1,
  );
});

Deno.test("heap: a timer that has completed or was dropped lets go of whom it would wake", async () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const timers = [new AsyncTimer(5), new AsyncTimer(50)];
  const wakers = timers.map((timer) => {
    const waker = { wake() {}, willWake: () => false };
    executor.spawn(lazy(() => void timer.poll({ waker })));
    return new WeakRef(waker);
  });
  clock.advance(5);
  timers[0]!.poll({ waker: noopWaker });
  timers[1]![Symbol.dispose]();
  await new Promise((resolve) => setImmediate(resolve));
  gc();
  assertEquals(wakers.map((waker) => waker.deref()), [undefined, undefined]);
  assertEquals(timers.length, 2); // they themselves are still held
});
