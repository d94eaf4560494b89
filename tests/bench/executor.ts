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
 * All figures are from one machine. A wake and a poll take 8 ns where one class of
 * futures is polled, and more where there are many, since `poll` is looked up in
 * V8's megamorphic cache then, and called rather than inlined; `await undefined`
 * takes 32. The bare loop, which is measured along with the rest, has a queue, a
 * waker and one call of `poll`: no budget, no limit of a turn, no failure that is
 * caught, no task that can be aborted or looked at. It takes 7 to 11 ns: to push a
 * task and to pop it costs more than all of that, and a task that is alone in line
 * is not moved.
 *
 * What was tried for it, and what it bought. A task that was woken in its poll goes
 * from the head of the line to its end, instead of in at the end and out at the
 * head: 12 of 24 ns for one that is alone, for which that is nothing at all, and 5
 * for each of many. To compare with a `Pending` of the module's own instead of the
 * one that it imports, whose value and type V8 does not know: 2.5 of 10. Numbers for
 * the states, which V8 stores without a look at what they are: 1. To look at the
 * first in line without asking how many there are, to count down to the next look at
 * the clock, fields that are small integers from the start, and not to ask twice
 * whether somebody observes: 2. Reading the clock less often: 2. A linked list for
 * the ready queue: half as slow again, for V8 must remember each store of a young
 * task in the old executor, and there were three of them. Numbers in line, and the
 * tasks in a table: 3 ns less for each of many, 2 more for one alone, and 15 to 40
 * more for a task that is spawned and ends. To look `poll` up when a task is
 * spawned: 5 ns less with many classes, 6 more with one. No `try`: nothing.
 *
 * Why the other targets are out of reach. `yield*` leaves a generator and enters it
 * again, which takes V8 25 ns before the library does anything; then a future is
 * made, adopted, polled twice and given up. `await undefined` is one such step in
 * machine code.
 *
 * A task that is spawned and joined makes two objects of 152 bytes together, of
 * which one is the user's; it is its own handle, which has saved 18 of 136 ns. It
 * takes 105 to 120 ns, as much as an async function in `Promise.all`. The least that
 * can spawn, poll twice and join, two objects and an array, takes 40 to 48, where
 * the target leaves 38. As a profile says, 26 go into the two polls and the joining,
 * since V8 does not inline a poll where tasks end as well; 8 into remembering young
 * tasks in the old line; and 15 into the constructor and the array of handles of
 * this bench's own future. To keep no list of tasks would save 6 to 10. To leave out
 * that list, background tasks, task-locals, names, parents, sets and the check of
 * who owns the future, all at once: 10 to 15.
 *
 * Effect and Effection take microseconds where promises take a tenth of one: each
 * step of theirs goes through a tree of scopes. `yield_now` of tokio lets its
 * driver have a turn each time; Go changes the stack.
 *
 * One of 100,000 tasks costs 10 to 30 % more than one of 1,000. With a million, as
 * with 100,000 promises, most of the time goes into the collector, which copies what
 * lives, twice, and into pages that the system has to clear for it: a quarter of the
 * time is the system's. With room for new objects,
 * `--v8-flags=--min-semi-space-size=512,--max-semi-space-size=512`, a million tasks
 * cost 163 ns each, and 1,000 cost 128: the executor itself grows by a quarter. What
 * the collector takes cannot be had for less by a library: a million pairs of
 * objects as small as a task and its future, held in an array and looked at twice,
 * cost 190 to 250 ns each, in place of 15 for 1,000; pairs of less than half that
 * size, 190; with a third object, as the handle was, 350 to 490; and the least that can
 * spawn and join, as above, 290 in place of 45, 6 times as much. What is left to a
 * library is to have fewer and smaller objects. A handle less, and the value in the
 * place of the future, task-locals beside the name, and one field for the joiner and
 * the state of the handle: 660 ns became 510, and an idle task takes 156 bytes in
 * place of 173. A field less is 13 to 17 ns, the list of tasks 30 of them, and a line
 * in chunks instead of one buffer 15.
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

/** A queue, a waker and a poll, and nothing besides. */
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
