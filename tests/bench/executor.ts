import {
  co,
  type Context,
  fromPromise,
  Future,
  join,
  Pending,
  type Poll,
} from "../../future/mod.ts";
import { Executor, run, spawn, yieldNow } from "../../executor/mod.ts";
import { deadline } from "@std/async";
import { timeout } from "../../executor/time/mod.ts";
import { allocated, collectGarbage, compare, table } from "./_harness.ts";

/** Wakes itself `left` times: the least that a hand-written future can do. */
class Busy extends Future<void> {
  #left: number;

  constructor(left: number) {
    super();
    this.#left = left;
  }

  override poll(cx: Context): Poll<void> {
    if (this.#left-- === 0) return;
    cx.waker.wake();
    return Pending;
  }
}

/** Polls, tasks and joins, beside V8's own promises. */
export async function executor(): Promise<void> {
  table(
    "A wake and a poll of a task",
    "ns",
    await compare(500_000, {
      "hand-written future": (n, time) => time(() => run(new Busy(n))),
      "await undefined": (n, time) =>
        time(async () => {
          for (let i = 0; i < n; i++) await undefined;
        }),
    }),
  );

  table(
    "yield* yieldNow() inside co",
    "ns",
    await compare(200_000, {
      "co": (n, time) =>
        time(() =>
          run(co(function* () {
            for (let i = 0; i < n; i++) yield* yieldNow();
          }))
        ),
      "await of an async function": (n, time) =>
        time(async () => {
          const nothing = async () => {
            await undefined;
          };
          for (let i = 0; i < n; i++) await nothing();
        }),
    }),
  );

  table(
    "spawn and join",
    "ns",
    await compare(50_000, {
      "join of spawned tasks": (n, time) =>
        time(() =>
          run(co(function* () {
            yield* join(Array.from({ length: n }, () => spawn(new Busy(1))));
          }))
        ),
      "Promise.all of async functions": (n, time) =>
        time(async () => {
          const task = async () => {
            await undefined;
          };
          await Promise.all(Array.from({ length: n }, task));
        }),
    }),
  );

  table(
    "A promise under a time limit",
    "ns",
    await compare(5_000, {
      "timeout(fromPromise(p), ms)": (n, time) =>
        time(() =>
          run(co(function* () {
            for (let i = 0; i < n; i++) {
              yield* timeout(fromPromise(Promise.resolve(i)), 1000);
            }
          }))
        ),
      "deadline(p, ms) of @std/async": (n, time) =>
        time(async () => {
          for (let i = 0; i < n; i++) await deadline(Promise.resolve(i), 1000);
        }),
    }),
  );

  const polls = 200_000;
  const bytes = await allocated(() => run(new Busy(polls)));
  console.log("\nMemory");
  console.log(
    `  a poll of a hand-written future  ${
      (bytes / polls).toFixed(2).padStart(9)
    } bytes`,
  );
  console.log(
    `  an idle task, future included    ${
      (await idleTask()).toFixed(0).padStart(9)
    } bytes`,
  );
}

class Idle extends Future<void> {
  override poll(): Poll<void> {
    return Pending;
  }
}

/** What a task keeps while it waits: without the handle, which was let go. */
async function idleTask(): Promise<number> {
  const count = 50_000;
  using executor = new Executor();
  collectGarbage();
  const before = Deno.memoryUsage().heapUsed;
  for (let i = 0; i < count; i++) executor.spawn(new Idle());
  await run(yieldNow());
  collectGarbage();
  return (Deno.memoryUsage().heapUsed - before) / count;
}
