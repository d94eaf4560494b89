// How often tasks are polled: a wake too many would cost as much as a poll.
import { assertEquals } from "@std/assert";
import { Executor } from "../../../executor/mod.ts";
import { VirtualClock } from "../../../executor/sim/mod.ts";
import { co, type Context, Future, type Poll } from "../../../future/mod.ts";
import { mpsc, Mutex, Semaphore } from "../../../future/sync/mod.ts";
import { drop, park, take, wakes } from "./_tools.ts";

/** Counts the polls of the future that it passes on. */
class Counted<T> extends Future<T> {
  polls = 0;

  constructor(readonly inner: Future<T>) {
    super();
  }

  override poll(cx: Context): Poll<T> {
    this.polls++;
    return this.inner.poll(cx);
  }
}

/** Runs futures to their end, each in a task: how often each was polled. */
function pollsOf(...futures: Future<unknown>[]): number[] {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const counted = futures.map((future) => new Counted(future));
  const tasks = counted.map((each) => executor.spawn(each));
  clock.settle();
  assertEquals(tasks.every(({ isFinished }) => isFinished), true);
  return counted.map(({ polls }) => polls);
}

Deno.test("polls: a channel hands over as many values a poll as it has room for", () => {
  const [sender, receiver] = mpsc<number>(64);
  const producer = co(function* () {
    for (let i = 0; i < 640; i++) yield* sender.send(i);
  });
  const consumer = co(function* () {
    for (let i = 0; i < 640; i++) yield* receiver.recv();
  });
  assertEquals(pollsOf(producer, consumer), [10, 10]);
});

Deno.test("polls: who waits for a lock is polled twice: to get in line, and to have it", () => {
  const mutex = new Mutex(0);
  const guard = mutex.tryLock()!;
  const visit = () =>
    co(function* () {
      using _guard = yield* mutex.lock();
    });
  const opener = co(function* () {
    yield* new Semaphore(1).acquire();
    guard.release();
  });
  assertEquals(pollsOf(visit(), visit(), visit(), opener), [2, 2, 2, 1]);
});

Deno.test("polls: of 10,000 who wait, a release wakes one", () => {
  const semaphore = new Semaphore(0);
  const all = Array.from(
    { length: 10_000 },
    () => park(semaphore.acquire()),
  );
  semaphore.addPermits(1);
  const sum = () => wakes(...all).reduce((a, b) => a + b);
  assertEquals(sum(), 1);
  drop(take(all[0]!.future));
  assertEquals(sum(), 2);
});
