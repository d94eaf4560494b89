// Tasks on an executor, aborted at random moments.
import { assert, assertEquals } from "@std/assert";
import { Executor, type JoinHandle, yieldNow } from "../../../executor/mod.ts";
import { VirtualClock } from "../../../executor/sim/mod.ts";
import { co, type Future } from "../../../future/mod.ts";
import { Done } from "../../../future/stream/stream.ts";
import {
  broadcast,
  Lagged,
  mpsc,
  Mutex,
  OnceCell,
  watch,
} from "../../../future/sync/mod.ts";
import { forSeeds, type Random } from "./_random.ts";

/** Runs tasks to their end, and aborts some of them at their yields. */
function storm(
  random: Random,
  body: (tools: {
    spawn(name: string, future: Future<unknown>, isMortal: boolean): void;
    pause(): Future<void>;
  }) => void,
): void {
  const clock = new VirtualClock({ seed: random.seed });
  using executor = new Executor({ host: clock });
  const mortal: JoinHandle<unknown>[] = [];
  const tasks: JoinHandle<unknown>[] = [];
  const pause = (): Future<void> =>
    co(function* () {
      for (let n = random.below(4); n > 0; n--) yield* yieldNow();
      if (mortal.length > 0 && random.chance(0.03)) {
        const victim = random.below(mortal.length);
        mortal.splice(victim, 1)[0]!.abort();
      }
    });
  body({
    pause,
    spawn(name, future, isMortal) {
      const handle: JoinHandle<unknown> = executor.spawn(
        isMortal ? begun(future, () => mortal.push(handle)) : future,
        { name },
      );
      tasks.push(handle);
    },
  });
  clock.settle();
  for (const task of tasks) assert(task.isFinished, `${task.name} hangs`);
}

/**
 * A task can be aborted once it has begun: before that, it has not come to its
 * `using`, and an end of a channel that it was to drop stays open.
 */
function begun(
  future: Future<unknown>,
  onBegin: () => void,
): Future<unknown> {
  return co(function* () {
    onBegin();
    return yield* future;
  });
}

Deno.test("property: values of each producer arrive in order and once, when producers are aborted", () => {
  forSeeds(30, (random) => {
    storm(random, ({ spawn, pause }) => {
      const [sender, receiver] = mpsc<[producer: number, n: number]>(
        1 + random.below(4),
      );
      const sent: number[] = [];
      const got: number[] = [];
      for (let producer = 0; producer < 6; producer++) {
        const own = sender.clone();
        sent[producer] = got[producer] = 0;
        spawn(
          `producer ${producer}`,
          co(function* () {
            using mine = own;
            for (let n = 1; n <= 30; n++) {
              yield* pause();
              if (random.chance(0.5)) {
                yield* mine.send([producer, n]);
              } else {
                using permit = yield* mine.reserve();
                yield* pause();
                permit.send([producer, n]);
              }
              sent[producer] = n;
            }
          }),
          true,
        );
      }
      sender[Symbol.dispose]();
      spawn(
        "consumer",
        co(function* () {
          for (;;) {
            yield* pause();
            const value = yield* receiver.recv();
            if (value === Done) break;
            const [producer, n] = value;
            assertEquals(n, got[producer]! + 1, "in order, none missing");
            got[producer] = n;
          }
          // The abort may come after the send and before it is noted.
          got.forEach((n, i) => assert(n === sent[i] || n === sent[i]! + 1));
        }),
        false,
      );
    });
  });
});

Deno.test("property: a mutex has one holder, when tasks are aborted in line and inside", () => {
  forSeeds(30, (random) => {
    storm(random, ({ spawn, pause }) => {
      const mutex = new Mutex({ holders: 0 });
      for (let i = 0; i < 10; i++) {
        spawn(
          `visitor ${i}`,
          co(function* () {
            for (let n = 0; n < 10; n++) {
              yield* pause();
              using guard = yield* mutex.lock();
              const state = guard.value;
              assertEquals(++state.holders, 1);
              try {
                yield* pause();
              } finally {
                state.holders--;
              }
            }
          }),
          i > 3,
        );
      }
    });
  });
});

Deno.test("property: a cell is made by one at a time, and once, when makers fail or are aborted", () => {
  forSeeds(60, (random) => {
    storm(random, ({ spawn, pause }) => {
      const cell = new OnceCell<number>();
      let makers = 0;
      let made = 0;
      for (let i = 0; i < 10; i++) {
        spawn(
          `user ${i}`,
          co(function* () {
            yield* pause();
            try {
              const value = yield* cell.getOrInit(() =>
                co(function* () {
                  assertEquals([++makers, made], [1, 0]);
                  try {
                    yield* pause();
                    yield* pause();
                    if (random.chance(0.4)) throw new TypeError("no luck");
                    return ++made;
                  } finally {
                    makers--;
                  }
                })
              );
              assertEquals([value, cell.get()], [1, 1]);
            } catch (error) {
              if (!(error instanceof TypeError)) throw error;
            }
          }),
          true,
        );
      }
    });
  });
});

Deno.test("property: broadcast gives each receiver what was sent, or the count of what it missed", () => {
  forSeeds(30, (random) => {
    storm(random, ({ spawn, pause }) => {
      const [sender, first] = broadcast<number>(1 + random.below(5));
      const total = 100;
      let next = 0;
      spawn(
        "sender",
        co(function* () {
          using _sender = sender;
          while (next < total) {
            if (random.chance(0.4)) yield* pause();
            assertEquals(sender.send(next++), sender.receiverCount);
          }
        }),
        false,
      );
      for (let i = 0; i < 5; i++) {
        spawn(
          `receiver ${i}`,
          co(function* () {
            if (i > 0) yield* pause();
            using mine = i > 0 && next < total ? sender.subscribe() : first;
            let expected = mine === first ? 0 : next;
            if (i > 0 && mine === first) return;
            for (;;) {
              if (random.chance(0.5)) yield* pause();
              try {
                const value = yield* mine.recv();
                if (value === Done) break;
                assertEquals(value, expected++);
              } catch (error) {
                if (!(error instanceof Lagged)) throw error;
                expected += error.missed;
              }
            }
            assertEquals(expected, total, "each value was seen or counted");
          }),
          i > 2,
        );
      }
    });
  });
});

Deno.test("property: all who watch see the last value, and never an older one after a newer", () => {
  forSeeds(30, (random) => {
    storm(random, ({ spawn, pause }) => {
      const [sender, first] = watch(0);
      spawn(
        "sender",
        co(function* () {
          for (let n = 1; n <= 30; n++) {
            yield* pause();
            sender.send(n);
          }
          sender[Symbol.dispose]();
        }),
        false,
      );
      for (let i = 0; i < 4; i++) {
        const mine = first.clone();
        spawn(
          `watcher ${i}`,
          co(function* () {
            let seen = 0;
            for (;;) {
              yield* pause();
              const value = yield* mine.next();
              if (value === Done) break;
              assert(value > seen);
              seen = value;
            }
            assertEquals(seen, 30);
          }),
          i > 1,
        );
      }
    });
  });
});
