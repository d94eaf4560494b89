import { type Future, lazy } from "../../future/mod.ts";
import { Executor } from "../../executor/mod.ts";
import { VirtualClock } from "../../executor/sim/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import { collectGarbage, compare, type Stopwatch, table } from "./_harness.ts";

/** Spread over a minute, in no order. */
const delayOf = (i: number) => 1 + (i * 7919) % 60_000;

const cx = { waker: { wake() {}, willWake: () => true } };

/** Timers, beside the host's own. */
export async function time(): Promise<void> {
  const armAndCancel = {
    "AsyncTimer": (n: number, time: Stopwatch) => {
      const timers: Future<void>[] = new Array(n);
      time(() => {
        for (let i = 0; i < n; i++) {
          const timer = timers[i] = sleep(delayOf(i));
          timer.poll(cx);
        }
        for (let i = 0; i < n; i++) timers[i]![Symbol.dispose]();
      });
    },
    "setTimeout, clearTimeout": (n: number, time: Stopwatch) => {
      const timers: ReturnType<typeof setTimeout>[] = new Array(n);
      time(() => {
        for (let i = 0; i < n; i++) {
          timers[i] = setTimeout(() => {}, delayOf(i));
        }
        for (let i = 0; i < n; i++) clearTimeout(timers[i]);
      });
    },
  };
  for (const n of [1_000, 100_000]) {
    table(
      `Arming and cancelling ${n.toLocaleString("en")} timers, each`,
      "ns",
      await compare(n, armAndCancel),
    );
  }

  console.log("\nGrowth: nanoseconds for each timer, on a driven clock");
  console.log("     timers       arm    cancel       arm      fire");
  for (const n of [1_000, 10_000, 100_000, 1_000_000]) {
    const figures = [...cancelled(n), ...fired(n)]
      .map((each) => each.toFixed(0).padStart(9));
    console.log(`${n.toLocaleString("en").padStart(11)} ${figures.join(" ")}`);
  }
}

type Phases = (
  executor: Executor,
  clock: VirtualClock,
  lap: () => void,
) => void;

/** Arms n timers and cancels them. */
function cancelled(n: number): number[] {
  return medians(n, (executor, clock, lap) => {
    const timers = armed(executor, clock, n);
    lap();
    for (const timer of timers) timer[Symbol.dispose]();
    lap();
  });
}

/** Arms n timers and lets the clock pass all of them. */
function fired(n: number): number[] {
  return medians(n, (executor, clock, lap) => {
    armed(executor, clock, n);
    lap();
    clock.advance(60_000);
    lap();
    if (executor.timerCount !== 0) throw new Error("a timer has not fired");
  });
}

/** Timers that were polled once, by a task of the executor. */
function armed(
  executor: Executor,
  clock: VirtualClock,
  n: number,
): Future<void>[] {
  const timers = Array.from({ length: n }, (_, i) => sleep(delayOf(i)));
  executor.spawn(lazy(() => {
    for (const timer of timers) timer.poll(cx);
  })).detach();
  clock.settle();
  return timers;
}

/** Nanoseconds for each of n from lap to lap: medians of several runs. */
function medians(n: number, phases: Phases): number[] {
  const runs = Array.from({ length: n > 100_000 ? 3 : 9 }, () => {
    const clock = new VirtualClock();
    using executor = new Executor({ host: clock });
    collectGarbage();
    const laps: number[] = [];
    let start = performance.now();
    phases(executor, clock, () => {
      laps.push(((performance.now() - start) * 1e6) / n);
      start = performance.now();
    });
    return laps;
  });
  return [0, 1].map((lap) =>
    runs.map((each) => each[lap]!).sort((a, b) => a - b)[runs.length >> 1]!
  );
}
