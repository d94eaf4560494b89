import { deadline } from "@std/async";
import { co, fromPromise } from "../../future/mod.ts";
import { Executor, run, spawn, yieldNow } from "../../executor/mod.ts";
import { timeout } from "../../executor/time/mod.ts";
import { Busy, Idle, SpawnAndJoin } from "./_hand_written.ts";
import {
  allocatedEach,
  atMost,
  collectGarbage,
  compare,
  growth,
  table,
} from "./_harness.ts";
import { once } from "./_promise_forms.ts";
import { peersFor } from "./peers/tasks/mod.ts";
import { report } from "./_report.ts";

/**
 * Polls, tasks and joins, beside V8's own promises.
 *
 * Why some targets are out of reach (all figures from one machine). `await
 * undefined` takes 32 ns, in machine code that V8 has at hand. The bare loop,
 * which is measured along with the rest, has a queue, a waker and one call of
 * `poll`: no budget, no limit of a turn, no failure that is caught, no task that
 * can be aborted or looked at. It takes 9 to 11 ns, as much as the target leaves.
 * The executor takes 12 to 15 where one class of futures is polled, and 25 where
 * there are many, since `poll` is looked up in V8's megamorphic cache then, and
 * called rather than inlined.
 *
 * What was tried, and what it bought. A task that was woken in its poll goes from
 * the head of the line to its end, instead of in at the end and out at the head: 12
 * of 24 ns for one that is alone, for which that is nothing at all, and 5 for each
 * of many. What a poll touches stands first in a task: nothing that can be told
 * from noise. Reading the clock less often: 2 ns. A linked list for the ready queue:
 * half as slow again, for V8 must remember each store of a young task in the old
 * executor, and there were three of them. Numbers in line, and the tasks in a
 * table: 3 ns less for each of many, 2 more for one alone, and 15 to 40 more for a
 * task that is spawned and ends. To look `poll` up when a task is spawned: 5 ns
 * less with many classes, 6 more with one. No `try`, or numbers for the names of
 * the states: nothing.
 *
 * `yield*` leaves a generator and enters it again, which takes V8 25 ns before the
 * library does anything; then a future is made, adopted, polled twice and given up.
 * `await undefined` is one such step in machine code.
 *
 * A task that is spawned and joined makes three objects of 224 bytes together,
 * which live until then, and is polled twice; those polls take 40 ns, as a young
 * task is stored in the line, and an async function in `Promise.all` takes 115 in
 * all. To keep no list of tasks would save 6 ns, and to know of no background
 * tasks 2.
 *
 * Effect and Effection take microseconds where promises take a tenth of one: each
 * step of theirs goes through a tree of scopes. `yield_now` of tokio lets its
 * driver have a turn each time; Go changes the stack.
 *
 * With a million tasks, as with 100,000 promises, most of the time, three fifths,
 * goes into the collector, which copies what lives, twice: the more lives the more
 * often. What a library can do about that is to have fewer and smaller objects: an
 * idle task takes 172 bytes, 195 before its name, its site and what few tasks need
 * were moved out. A program can give new objects more room: with
 * `--v8-flags=--min-semi-space-size=256,--max-semi-space-size=256` a million tasks
 * that live cost 1.7 times what 1,000 do, instead of 3 times.
 */
export async function executor(): Promise<void> {
  table(
    "A wake and a poll of a task",
    "ns",
    await compare(500_000, {
      "future written by hand": (n, time) => time(() => run(new Busy(n))),
      "await undefined": (n, time) => time(() => awaiting(n)),
      "the bare loop": (n, time) => time(() => bareLoop(n)),
      ...await peersFor("yield", { slower: 50 }),
    }),
    { "await undefined": 3, "tokio, current thread": 1 },
  );

  table(
    "yield* yieldNow() inside co",
    "ns",
    await compare(200_000, {
      "co": (n, time) => time(() => run(co(() => yielding(n)))),
      "await undefined": (n, time) => time(() => awaiting(n)),
      "await of an async function": (n, time) =>
        time(async () => {
          for (let i = 0; i < n; i++) await once();
        }),
    }),
    { "await undefined": 3 },
  );

  table(
    "spawn and join, 1,000 at a time",
    "ns",
    await compare(50_000, {
      "by hand": (n, time) => time(() => inBatches(n, spawnAndJoin)),
      "co": (n, time) => time(() => inBatches(n, coSpawnAndJoin)),
      "Promise.all of async functions": (n, time) =>
        time(() => inBatches(n, promiseAll)),
      ...await peersFor("spawn", { slower: 25 }),
    }),
    {
      "Promise.all of async functions": 3,
      "Effect": 10,
      "Effect, in microtasks": 10,
    },
  );

  table(
    "A promise under a time limit",
    "ns",
    await compare(5_000, {
      "timeout(fromPromise(p), ms)": (n, time) =>
        time(() => run(co(() => limited(n)))),
      "deadline(p, ms) of @std/async": (n, time) =>
        time(async () => {
          for (let i = 0; i < n; i++) await deadline(Promise.resolve(i), 1000);
        }),
    }),
  );

  const sizes = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
  await growth("Tasks that are spawned, yield once and are joined", sizes, {
    "by hand": spawnAndJoin,
    "Promise.all": promiseAll,
  }, 2);
  await growth("Tasks that live, each woken once", sizes, {
    "tasks": (n) => roundOf(n),
  }, 2);

  // A turn of the host's allocates by itself: see sync.ts.
  const unbroken = new Executor({ turn: { polls: Infinity, ms: Infinity } });
  report("Memory", [
    atMost(
      "a wake and a poll by hand",
      await allocatedEach(200_000, (n) => unbroken.run(new Busy(n))),
      "bytes",
      1,
    ),
    atMost("an idle task, future included", await idleTask(), "bytes", 250),
  ]);
}

async function awaiting(n: number): Promise<void> {
  for (let i = 0; i < n; i++) await undefined;
}

/** The least that can wake and poll: what no executor can be faster than. */
function bareLoop(n: number): void {
  const ready: { poll(): void }[] = [];
  let left = n;
  const task = {
    waker: {
      wake() {
        ready.push(task);
      },
    },
    poll() {
      if (left-- > 0) this.waker.wake();
    },
  };
  ready.push(task);
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    next.poll();
  }
}

function* yielding(n: number) {
  for (let i = 0; i < n; i++) yield* yieldNow();
}

function* limited(n: number) {
  for (let i = 0; i < n; i++) {
    yield* timeout(fromPromise(Promise.resolve(i)), 1000);
  }
}

async function inBatches(
  n: number,
  work: (n: number) => Promise<unknown>,
): Promise<void> {
  for (let done = 0; done < n; done += 1000) await work(1000);
}

function spawnAndJoin(n: number): Promise<void> {
  return run(new SpawnAndJoin(n));
}

function coSpawnAndJoin(n: number): Promise<void> {
  return run(co(() => spawning(n)));
}

function* spawning(n: number) {
  const handles = [];
  for (let i = 0; i < n; i++) handles.push(spawn(co(yieldOnce)));
  for (const handle of handles) yield* handle;
}

function* yieldOnce() {
  yield* yieldNow();
}

function promiseAll(n: number): Promise<unknown> {
  const all: Promise<void>[] = [];
  for (let i = 0; i < n; i++) all.push(once());
  return Promise.all(all);
}

/** Many tasks alive at once, of which each has its turn. */
async function roundOf(n: number): Promise<void> {
  using executor = new Executor({ unjoined: "ignore" });
  for (let i = 0; i < n; i++) executor.spawn(new Busy(3)).detach();
  await executor.run(new Busy(4));
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
