import { MuxAsyncIterator, pooledMap } from "@std/async";
import { co, fromPromise, type Future, join, lazy } from "../../future/mod.ts";
import { Executor, run, spawn, yieldNow } from "../../executor/mod.ts";
import {
  filterStream,
  fold,
  forEachConcurrent,
  mapStream,
  merge,
  type Stream,
  take,
} from "../../future/stream/mod.ts";
import {
  mpsc,
  type MpscReceiver,
  type MpscSender,
  Mutex,
  oneshot,
} from "../../future/sync/mod.ts";
import {
  Busy,
  Consume,
  LockAndAdd,
  Oneshots,
  Ping,
  Pong,
  Produce,
  UpTo,
} from "./_hand_written.ts";
import { allocatedEach, atMost, compare, growth, table } from "./_harness.ts";
import {
  counted,
  filtered,
  mapped,
  once,
  PromiseMutex,
  PromiseQueue,
} from "./_promise_forms.ts";
import { peersFor } from "./peers/tasks/mod.ts";
import { report } from "./_report.ts";

/**
 * Joins, channels, locks and streams, beside their promise forms. What is
 * measured first in each table is written by hand; `co` comes after it.
 *
 * Why some targets are out of reach (all figures from one machine, the promise
 * forms at 250 ns a round trip, 100 a hand-over and 44 a oneshot).
 *
 * A round trip by hand takes 120, and would have to take 83. Two tasks that pass a
 * number through bare fields, with no channel and no check at all, take 65: the two
 * wakes and polls are all but a few of that. A channel in a single object, with its
 * queue, its states and the budget, but no line to wait in and no way to close it,
 * takes 95. Of the other 25 the line and the permits are 8, the queue's own object
 * is 10, the rest names with a `#`. To ask the budget four times is 6 in all; states
 * that are numbers in the place of words save nothing. What was kept: the rule
 * first and in few words, so that V8 compiles a whole poll as one function, which
 * took 135 to 120.
 *
 * A hand-over of a lock takes 65 to 70, and would have to take 33. One wake and
 * poll, and a place in a line whose order is kept, with no check, take 37; with all
 * checks in one flat object 47. The promise form has an array for a line, and
 * cannot leave it. Without effect: the line and the permits in one object, one look
 * less at the line, a line that is entered unasked, tasks that are old before they
 * run.
 *
 * A oneshot takes 12, of which the half goes into making and collecting three
 * objects: its two ends and the pair of them. It took 16 as long as its receiver
 * had methods with a `#`, for which each object bears a mark of 8 bytes, and looked
 * at its state twice.
 *
 * A `co` cannot be three times as fast as promises where each step waits, as an
 * `await` costs 32 in all. To leave a generator and enter it again by `yield*` costs
 * 22, if it waits on a bare object that is always the same. That a future is made,
 * adopted, polled twice, and released, with its failure thrown at the right place,
 * brings that to 80, and to 25 if it is ready at once; a store of a new object in an
 * old one, which V8 must remember, is 7, and there are three for each wait. What was
 * kept: one iterator for all `yield*` of a body, which is its own result (a quarter
 * less); polling before the body is left; one class for all waits (a third less in a
 * program that uses several locks and channels); ordinary fields and methods in what
 * `next()` makes (a third off that). Without effect beyond the noise: to say once a
 * poll, not once a step, whose body runs; one `try` in the place of three; one store
 * less; ordinary fields in the `co` itself.
 *
 * A child of a join is polled twice, adopted, released and reported, which takes
 * 45 to 55. One of 10 takes twice that: `run`, its task, two polls of it and its
 * promise are 350 ns. Until V8 has compiled all that, for 100 milliseconds, a child
 * takes up to 1000 ns. In all of these the promise form takes two to four `await`s,
 * 32 each.
 *
 * What counts most is that V8 compiles a place in the code for up to four kinds of
 * object, and looks each field and each method up by name if more come by. So what
 * is much used has places of its own: one class for all operators that look at one
 * item at a time, of which those in a row poll as one (five took 280 ns an item in a
 * program with many streams, then 75, and 55 now), a poll for groups alone, and in
 * bases that many classes extend ordinary properties in the place of private ones.
 * Children that come and go stand in lists that go through them, and no longer in a
 * `Set`. With both, `FuturesUnordered` takes 100 ns a child in the place of 170, and
 * `forEachConcurrent` 260 a call in the place of 480.
 *
 * RxJS pushes an item through a pipeline, which nobody can put off or drop on the
 * way: that takes as long as the row polled as one, and a merge, in which each
 * source has a waker of its own, a fifth less. Effect's streams carry arrays of
 * thousands where the source has them at hand, and pay for each array.
 *
 * No path by hand allocates, which is measured within one turn of the executor's:
 * after each millisecond the host has its turns (see `executor/_host.ts`), and
 * allocates 500 bytes for each of them, 1 to 5 for each of what is done meanwhile.
 */
export async function sync(): Promise<void> {
  await growth("Join of children that yield once", [
    10,
    100,
    1_000,
    10_000,
    100_000,
  ], {
    "join": (n) => run(join(listOf(n, yieldNow))),
    "Promise.all": (n) => Promise.all(listOf(n, once)),
  }, 2);

  table(
    "mpsc ping-pong between two tasks, a round trip",
    "ns",
    await compare(50_000, {
      "mpsc, by hand": (n, time) => time(() => run(pingPong(n))),
      "mpsc, co": (n, time) => time(() => run(coPingPong(n))),
      "promise queue": (n, time) => time(() => promisePingPong(n)),
      ...await peersFor("roundTrip", { slower: 10 }),
    }),
    { "promise queue": 3, "Effect": 20, "Effect, in microtasks": 20 },
  );

  for (const senders of [1, 16]) {
    table(
      `mpsc, ${senders} to 1, capacity 64, a value`,
      "ns",
      await compare(160_000, {
        "mpsc, by hand": (n, time) => time(() => run(manyToOne(senders, n))),
        "mpsc, co": (n, time) => time(() => run(coManyToOne(senders, n))),
        "promise queue": (n, time) => time(() => promiseManyToOne(senders, n)),
      }),
      { "promise queue": 3 },
    );
  }

  table(
    "oneshot: made, sent, received",
    "ns",
    await compare(100_000, {
      "oneshot, by hand": (n, time) => time(() => run(new Oneshots(n))),
      "oneshot, co": (n, time) => time(() => run(co(() => oneshots(n)))),
      "new Promise": (n, time) => time(() => promiseOneshots(n)),
    }),
    { "new Promise": 3 },
  );

  table(
    "mutex: hand-over among 100 tasks",
    "ns",
    await compare(100_000, {
      "Mutex, by hand": (n, time) => time(() => run(handOver(n))),
      "Mutex, co": (n, time) => time(() => run(coHandOver(n))),
      "promise mutex": (n, time) => time(() => promiseHandOver(n)),
    }),
    { "promise mutex": 3 },
  );

  table(
    "a stream through five operators, an item",
    "ns",
    await compare(200_000, {
      "stream": (n, time) => time(() => run(pipeline(n))),
      "async generators": (n, time) => time(() => promisePipeline(n)),
      ...await peersFor("pipeline"),
    }),
    { "async generators": 3 },
  );

  table(
    "two streams merged, an item",
    "ns",
    await compare(100_000, {
      "merge": (n, time) => time(() => run(merging(n))),
      "MuxAsyncIterator of @std/async": (n, time) => time(() => muxing(n)),
      ...await peersFor("merge"),
    }),
  );

  table(
    `an async function, ${AT_MOST} at a time, a call`,
    "ns",
    await compare(20_000, {
      "forEachConcurrent": (n, time) => time(() => run(concurrently(n))),
      "pooledMap of @std/async": (n, time) => time(() => pooled(n)),
      ...await peersFor("map", {
        does: (map, n) => map(n, AT_MOST, once),
      }),
    }),
  );

  const bytes: [name: string, make: (n: number) => Future<unknown>][] = [
    ["mpsc ping-pong, a round trip", pingPong],
    ["mpsc, 1 to 1, a value", (n) => manyToOne(1, n)],
    ["mpsc, 16 to 1, a value", (n) => manyToOne(16, n)],
    ["mutex, a hand-over", handOver],
    ["five operators, an item", pipeline],
    ["two streams merged, an item", merging],
    [
      "join of two, a wake and a poll",
      (n) => join([new Busy(n / 2), new Busy(n / 2)]),
    ],
  ];
  const unbroken = new Executor({ turn: { polls: Infinity, ms: Infinity } });
  const figures = [];
  for (const [name, make] of bytes) {
    const each = await allocatedEach(200_000, (n) => unbroken.run(make(n)));
    figures.push(atMost(name, each, "bytes", 1));
  }
  report("Allocated on the paths written by hand", figures);
  report(
    "Allocated by a turn of the host's, many of which follow a millisecond",
    [
      {
        name: "setImmediate",
        value: await allocatedEach(20_000, hostTurns),
        unit: "bytes",
      },
    ],
  );
}

/** What an executor does when the host is to have a turn. */
function hostTurns(n: number): Promise<void> {
  return new Promise((done) => {
    const next = () => --n === 0 ? done() : setImmediate(next);
    setImmediate(next);
  });
}

function listOf<T>(n: number, make: () => T): T[] {
  const all: T[] = [];
  for (let i = 0; i < n; i++) all.push(make());
  return all;
}

/** Spawns all, then waits for each. */
function* together(...futures: Future<unknown>[]) {
  const handles = futures.map((future) => spawn(future));
  for (const handle of handles) yield* handle;
}

function pingPong(n: number): Future<void> {
  const [toB, atB] = mpsc<number>(1);
  const [toA, atA] = mpsc<number>(1);
  return co(() => together(new Ping(toB, atA, n), new Pong(toA, atB, n)));
}

function coPingPong(n: number): Future<void> {
  const [toB, atB] = mpsc<number>(1);
  const [toA, atA] = mpsc<number>(1);
  function* ping() {
    for (let i = 0; i < n; i++) {
      yield* toB.send(i);
      yield* atA.recv();
    }
  }
  function* pong() {
    for (let i = 0; i < n; i++) {
      yield* toA.send((yield* atB.recv()) as number);
    }
  }
  return co(() => together(co(ping), co(pong)));
}

async function promisePingPong(n: number): Promise<void> {
  const toB = new PromiseQueue<number>(1);
  const toA = new PromiseQueue<number>(1);
  await Promise.all([
    (async () => {
      for (let i = 0; i < n; i++) {
        await toB.put(i);
        await toA.take();
      }
    })(),
    (async () => {
      for (let i = 0; i < n; i++) await toA.put(await toB.take());
    })(),
  ]);
}

function manyToOne(senders: number, n: number): Future<void> {
  const [sender, receiver] = mpsc<number>(64);
  const producers = listOf(
    senders,
    () => new Produce(sender.clone(), n / senders),
  );
  sender[Symbol.dispose]();
  return co(() => together(...producers, new Consume(receiver)));
}

function coManyToOne(senders: number, n: number): Future<void> {
  const [sender, receiver] = mpsc<number>(64);
  function* send(to: MpscSender<number>) {
    for (let i = 0; i < n / senders; i++) yield* to.send(i);
  }
  function* receive(from: MpscReceiver<number>) {
    for (let i = 0; i < n; i++) yield* from.recv();
  }
  const producers = listOf(senders, () => co(() => send(sender)));
  return co(() => together(...producers, co(() => receive(receiver))));
}

async function promiseManyToOne(senders: number, n: number): Promise<void> {
  const queue = new PromiseQueue<number>(64);
  const sending = Array.from({ length: senders }, async () => {
    for (let i = 0; i < n / senders; i++) await queue.put(i);
  });
  for (let i = 0; i < n; i++) await queue.take();
  await Promise.all(sending);
}

function* oneshots(n: number) {
  for (let i = 0; i < n; i++) {
    const [sender, receiver] = oneshot<number>();
    sender.send(i);
    yield* receiver;
  }
}

async function promiseOneshots(n: number): Promise<void> {
  for (let i = 0; i < n; i++) {
    let send!: (value: number) => void;
    const received = new Promise<number>((resolve) => send = resolve);
    send(i);
    await received;
  }
}

const TASKS = 100;

/** All get in line before the lock is given back, so each has to wait. */
function contended(mutex: Mutex<number>, task: () => Future<void>) {
  const guard = mutex.tryLock()!;
  const opener = lazy(() => guard.release());
  return co(() => together(...listOf(TASKS, task), opener));
}

function handOver(n: number): Future<void> {
  const mutex = new Mutex(0);
  return contended(mutex, () => new LockAndAdd(mutex, n / TASKS));
}

function coHandOver(n: number): Future<void> {
  const mutex = new Mutex(0);
  function* lockAndAdd() {
    for (let i = 0; i < n / TASKS; i++) {
      const guard = yield* mutex.lock();
      guard.value++;
      guard.release(); // `using` takes V8 another 100 ns
    }
  }
  return contended(mutex, () => co(lockAndAdd));
}

async function promiseHandOver(n: number): Promise<void> {
  const mutex = new PromiseMutex();
  let value = 0;
  await Promise.all(Array.from({ length: TASKS }, async () => {
    for (let i = 0; i < n / TASKS; i++) {
      await mutex.lock();
      value++;
      mutex.unlock();
    }
  }));
  if (value !== n) throw new Error("an update was lost");
}

function pipeline(n: number): Future<number> {
  const source: Stream<number> = new UpTo(n);
  const plusOne = mapStream(source, (i) => i + 1);
  const odd = filterStream(plusOne, (i) => i % 2 === 1);
  const doubled = mapStream(odd, (i) => i * 2);
  const small = filterStream(doubled, (i) => i >= 0);
  return fold(take(small, n), 0, (sum, i) => sum + (i & 7));
}

function merging(n: number): Future<number> {
  const both = merge(new UpTo(n / 2), new UpTo(n / 2));
  return fold(both, 0, (sum, i) => sum + (i & 7));
}

async function muxing(n: number): Promise<number> {
  const both = new MuxAsyncIterator<number>();
  both.add(counted(n / 2));
  both.add(counted(n / 2));
  let sum = 0;
  for await (const i of both) sum += i & 7;
  return sum;
}

const AT_MOST = 64;

function concurrently(n: number): Future<void> {
  return forEachConcurrent(new UpTo(n), AT_MOST, () => fromPromise(once()));
}

async function pooled(n: number): Promise<void> {
  const calls = Array.from({ length: n }, (_, i) => i);
  for await (const _ of pooledMap(AT_MOST, calls, once));
}

async function promisePipeline(n: number): Promise<number> {
  const plusOne = mapped(counted(n), (i) => i + 1);
  const odd = filtered(plusOne, (i) => i % 2 === 1);
  const doubled = mapped(odd, (i) => i * 2);
  const small = filtered(doubled, (i) => i >= 0);
  let sum = 0;
  for await (const item of mapped(small, (i) => i)) sum += item & 7;
  return sum;
}
