import process from "node:process";
import { delay } from "@std/async";
import { type Future, join, lazy } from "../../future/mod.ts";
import { forEach, take } from "../../future/stream/mod.ts";
import { Executor, run } from "../../executor/mod.ts";
import { VirtualClock } from "../../executor/sim/mod.ts";
import { AsyncTimer, interval, sleep } from "../../executor/time/mod.ts";
import {
  atMost,
  collectGarbage,
  compare,
  part,
  table,
  type Way,
} from "./_harness.ts";
import { peersFor } from "./peers/tasks/mod.ts";
import { draw, print, report } from "./_report.ts";

/** Spread over a minute, in no order. */
const delayOf = (i: number) => 1 + (i * 7919) % 60_000;

const cx = { waker: { wake() {}, willWake: () => true } };

/** Timers, beside the host's own. */
export async function time(): Promise<void> {
  const total = 100_000;
  for (const n of [1_000, total]) {
    table(
      `Arming and cancelling ${n.toLocaleString("en")} timers, each`,
      "ns",
      await compare(total, {
        "AsyncTimer": (_, time) => {
          const timers: AsyncTimer[] = new Array(n);
          time(() => {
            for (let done = 0; done < total; done += n) {
              for (let i = 0; i < n; i++) {
                const timer = timers[i] = sleep(delayOf(i));
                timer.poll(cx);
              }
              for (const timer of timers) timer[Symbol.dispose]();
            }
          });
        },
        "setTimeout, clearTimeout": (_, time) => {
          const timers: ReturnType<typeof setTimeout>[] = new Array(n);
          time(() => {
            for (let done = 0; done < total; done += n) {
              for (let i = 0; i < n; i++) {
                timers[i] = setTimeout(() => {}, delayOf(i));
              }
              for (const timer of timers) clearTimeout(timer);
            }
          });
        },
        ...(n === 1_000 ? await peers() : {}),
      }),
      { "setTimeout, clearTimeout": 30 },
    );
  }
  table(
    "Putting off a timer, as for each packet of a connection",
    "ns",
    await compare(100_000, {
      "AsyncTimer.reset": (n, time) => {
        using timer = new AsyncTimer(30_000);
        timer.poll(cx);
        time(() => {
          for (let i = 0; i < n; i++) timer.reset(30_000);
        });
      },
      "clearTimeout, setTimeout": (n, time) => {
        let timer = setTimeout(() => {}, 30_000);
        time(() => {
          for (let i = 0; i < n; i++) {
            clearTimeout(timer);
            timer = setTimeout(() => {}, 30_000);
          }
        });
        clearTimeout(timer);
      },
    }),
  );

  table(
    `${COUNT} intervals of ${PERIOD} ms, a tick`,
    "ns",
    await compare(COUNT * TICKS, {
      "interval": (_, time) => time(() => run(join(beats()))),
      "setInterval": (_, time) => time(() => Promise.all(hostBeats())),
      ...await peersFor("interval", {
        does: (interval) => interval(COUNT, TICKS, PERIOD),
      }),
    }, 5),
  );

  print("\nGrowth: on a driven clock, for each timer");
  print(
    "     timers    arm ns    cancel ns    reset ns    fire ns    bytes",
  );
  const sizes = [1_000, 10_000, 100_000, 1_000_000];
  const series = ["arm", "cancel", "reset", "fire"]
    .map((name) => ({ name, values: [] as number[] }));
  for (const n of sizes) {
    const times = [armed, cancelled, putOff, fired].map((each) =>
      growth(n, each)
    );
    times.forEach((time, i) => series[i]!.values.push(time));
    const figures = times
      // A few timers do not show in the size of the heap.
      .concat(n < 100_000 ? [] : bytes(n))
      .map((each) => each.toFixed(0).padStart(9));
    print(
      `${n.toLocaleString("en").padStart(11)} ${figures.join("   ")}`,
    );
  }
  draw("A timer", "ns each", sizes, series);
  report(
    "Growth: 1,000,000 timers as often as 1,000",
    series.map(({ name, values }) =>
      atMost(name, values.at(-1)! / values[0]!, "x", 2)
    ),
  );
}

/** Peers that have timers, each of which does 1,000 at a time. */
async function peers(): Promise<Record<string, Way>> {
  return {
    "delay of @std/async, aborted": part(
      (n, time) => time(() => delays(n)),
      50,
    ),
    ...await peersFor("timer", {
      does: (timer, n) => timer(n, delayOf),
      slower: 50,
    }),
  };
}

async function delays(n: number): Promise<void> {
  const all: Promise<void>[] = [];
  const controllers: AbortController[] = [];
  for (let i = 0; i < n; i++) {
    const controller = controllers[i] = new AbortController();
    all.push(delay(delayOf(i), controller));
  }
  for (const controller of controllers) controller.abort();
  await Promise.allSettled(all);
}

const COUNT = 500;
const TICKS = 10;
const PERIOD = 5;

function beats(): Future<void>[] {
  return Array.from(
    { length: COUNT },
    () => forEach(take(interval(PERIOD), TICKS), () => {}),
  );
}

function hostBeats(): Promise<void>[] {
  return Array.from({ length: COUNT }, () =>
    new Promise<void>((done) => {
      let ticks = 0;
      const timer = setInterval(() => {
        if (++ticks < TICKS) return;
        clearInterval(timer);
        done();
      }, PERIOD);
    }));
}

/** Prepares n timers; the returned function is what is measured. */
type Prepare = (
  executor: Executor,
  clock: VirtualClock,
  n: number,
) => () => void;

const make = (n: number) =>
  Array.from({ length: n }, (_, i) => sleep(delayOf(i)));

/** Runs `body` as a task, to its end: a timer belongs to who polls it. */
function task(executor: Executor, clock: VirtualClock, body: () => void): void {
  executor.spawn(lazy(body)).detach();
  clock.settle();
}

function poll(
  executor: Executor,
  clock: VirtualClock,
  timers: AsyncTimer[],
): void {
  task(executor, clock, () => {
    for (const timer of timers) timer.poll(cx);
  });
}

const armed: Prepare = (executor, clock, n) => {
  const timers = make(n);
  return () => poll(executor, clock, timers);
};

const cancelled: Prepare = (executor, clock, n) => {
  const timers = make(n);
  poll(executor, clock, timers);
  return () => {
    for (const timer of timers) timer[Symbol.dispose]();
  };
};

const putOff: Prepare = (executor, clock, n) => {
  const timers = make(n);
  poll(executor, clock, timers);
  return () =>
    task(executor, clock, () => {
      for (const timer of timers) timer.reset(70_000);
    });
};

const fired: Prepare = (executor, clock, n) => {
  poll(executor, clock, make(n));
  return () => {
    clock.advance(60_000);
    if (executor.timerCount !== 0) throw new Error("a timer has not fired");
  };
};

/** Nanoseconds of processor time for each of n: the median of several runs. */
function growth(n: number, prepare: Prepare): number {
  const runs: number[] = [];
  const repeats = Math.max(1, 200_000 / n);
  for (let round = 0; round < (n > 100_000 ? 4 : 8); round++) {
    const worlds = Array.from({ length: repeats }, () => {
      const clock = new VirtualClock();
      const executor = new Executor({ host: clock });
      return prepare(executor, clock, n);
    });
    collectGarbage();
    const start = process.cpuUsage();
    for (const measured of worlds) measured();
    const { user, system } = process.cpuUsage(start);
    // The first one warms up.
    if (round > 0) runs.push(((user + system) * 1000) / (n * repeats));
  }
  return runs.sort((a, b) => a - b)[runs.length >> 1]!;
}

/** Bytes for each of n timers that are armed: the timer itself, and its row. */
function bytes(n: number): number {
  const clock = new VirtualClock();
  const executor = new Executor({ host: clock });
  const timers: AsyncTimer[] = new Array(n).fill(null);
  const used = () => {
    collectGarbage();
    const { heapUsed, external } = Deno.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  for (let i = 0; i < n; i++) timers[i] = sleep(delayOf(i));
  poll(executor, clock, timers);
  const each = (used() - before) / n;
  for (const timer of timers) timer[Symbol.dispose]();
  return each;
}
