import { assert, assertEquals } from "@std/assert";
import { Executor } from "../../../executor/mod.ts";
import { VirtualClock } from "../../../executor/sim/mod.ts";
import { AsyncTimer } from "../../../executor/time/mod.ts";
import { noopWaker, type Waker } from "../../../future/mod.ts";
import { inside } from "../_inside.ts";
import { LogHost } from "../_log_host.ts";

const MILLION = 1_000_000;

/** Well mixed, and with many timers for each millisecond. */
const delayOf = (i: number) => 1 + (i * 7919) % 100_003 + (i % 4) / 4;

Deno.test("timers: a million armed and cancelled leave nothing, and never reach the host", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  inside(executor, host, () => {
    const cx = { waker: noopWaker };
    for (let batch = 0; batch < 10; batch++) {
      const timers: AsyncTimer[] = [];
      for (let i = 0; i < MILLION / 10; i++) {
        const timer = new AsyncTimer(delayOf(i));
        timer.poll(cx);
        timers.push(timer);
      }
      assertEquals(executor.timerCount, MILLION / 10);
      for (const timer of timers) timer[Symbol.dispose]();
      assertEquals(executor.timerCount, 0);
    }
  });
  assertEquals(host.take(), ["microtask"]);
});

Deno.test("timers: a million armed fire in order, each at its time", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const fired = new Int32Array(MILLION);
  let count = 0;
  let late = 0;
  class Recorder implements Waker {
    constructor(readonly index: number) {}
    wake(): void {
      fired[count++] = this.index;
      if (clock.now() !== delayOf(this.index)) late++;
    }
    willWake(other: Waker): boolean {
      return other === this;
    }
  }
  inside(executor, clock, () => {
    for (let i = 0; i < MILLION; i++) {
      new AsyncTimer(delayOf(i)).poll({ waker: new Recorder(i) });
    }
  });
  assertEquals(executor.timerCount, MILLION);
  clock.advance(200_000);
  assertEquals(count, MILLION);
  assertEquals(executor.timerCount, 0);
  assertEquals(late, 0);
  for (let at = 1; at < MILLION; at++) {
    const [before, after] = [fired[at - 1]!, fired[at]!];
    const inOrder = delayOf(before) < delayOf(after) ||
      delayOf(before) === delayOf(after) && before < after;
    assert(inOrder, `${before} fired before ${after}`);
  }
});
