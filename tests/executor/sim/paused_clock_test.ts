import {
  assert,
  assertEquals,
  assertFalse,
  assertLess,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { Executor, yieldNow } from "../../../executor/mod.ts";
import { PausedClock, pollOnce } from "../../../executor/sim/mod.ts";
import {
  interval,
  sleep,
  sleepUntil,
  timeout,
  TimeoutError,
} from "../../../executor/time/mod.ts";
import { co, fromPromise, join, pending, settle } from "../../../future/mod.ts";
import { isOutsideBusy } from "../../../future/_outside.ts";
import { openResources, TcpListener, TcpStream } from "../../../net/mod.ts";

const HOUR = 3_600_000;

function setUp(now = 0) {
  const clock = new PausedClock({ now });
  return { clock, executor: new Executor({ host: clock }) };
}

/** Turns of the platform, in which whatever can go on does. */
async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

Deno.test("paused clock: hours pass at once, and to the very moment", async () => {
  const { clock, executor } = setUp(5);
  const start = performance.now();
  await executor.run(co(function* () {
    for (let i = 1; i <= 100; i++) {
      yield* sleep(HOUR);
      assertEquals(clock.now(), 5 + i * HOUR);
    }
  }));
  assertLess(performance.now() - start, 10_000);
});

Deno.test("paused clock: it stands still while nothing waits for it", async () => {
  const { clock, executor } = setUp(77.5);
  executor.spawn(pending());
  executor.spawn(sleep(Infinity));
  await executor.run(yieldNow());
  await turns();
  assertEquals(clock.now(), 77.5);
  executor[Symbol.dispose]();
});

Deno.test("paused clock: it does not move while a task is ready, however long", async () => {
  const clock = new PausedClock();
  using executor = new Executor({ host: clock, turn: { polls: 10 } });
  let woken = false;
  const other = executor.spawn(co(function* () {
    yield* sleep(1);
    woken = true;
  }));
  await executor.run(co(function* () {
    for (let i = 0; i < 5000; i++) { // many turns of the host
      yield* yieldNow();
      assertFalse(woken);
    }
    assertEquals(clock.now(), 0);
  }));
  await executor.run(other);
  assertEquals(clock.now(), 1);
});

Deno.test("paused clock: timers fire in order, those of two executors too", async () => {
  const { clock, executor } = setUp();
  const other = new Executor({ host: clock });
  const log: string[] = [];
  const note = (name: string, at: number) =>
    co(function* () {
      yield* sleepUntil(at);
      log.push(`${name} at ${clock.now()}`);
    });
  await Promise.all([
    executor.run(join([note("a", 30), note("b", 10), note("c", 10)])),
    other.run(join([note("d", 20), note("e", 2000.5)])),
  ]);
  assertEquals(log, [
    "b at 10",
    "c at 10",
    "d at 20",
    "a at 30",
    "e at 2000.5",
  ]);
});

Deno.test("paused clock: a timeout that is not needed costs no time", async () => {
  const { clock, executor } = setUp();
  const quick = timeout(sleep(10), HOUR);
  await executor.run(quick);
  await turns();
  assertEquals(clock.now(), 10);
  const outcome = await executor.run(settle(timeout(pending(), HOUR)));
  assert((outcome as PromiseRejectedResult).reason instanceof TimeoutError);
  assertEquals(clock.now(), 10 + HOUR);
});

Deno.test("paused clock: an interval ticks through a day", async () => {
  const { clock, executor } = setUp();
  await executor.run(co(function* () {
    using beat = interval(HOUR / 60);
    for (let i = 0; i <= 1440; i++) {
      assertEquals(yield* beat.tick(), i * HOUR / 60);
    }
  }));
  assertEquals(clock.now(), 24 * HOUR);
});

/** A connection, each end of it, and a listener that is closed already. */
async function connected(executor: Executor) {
  const listener = TcpListener.bind({ hostname: "127.0.0.1", port: 0 });
  const [client, server] = await executor.run(join([
    TcpStream.connect(`127.0.0.1:${listener.addr.port}`),
    listener.accept(),
  ]));
  listener[Symbol.dispose]();
  return { client, server };
}

Deno.test("paused clock: it waits for a real read, and a timeout does not beat the answer", async () => {
  const { clock, executor } = setUp();
  const { client, server } = await connected(executor);
  const log: string[] = [];
  const reading = executor.run(timeout(
    co(function* () {
      const n = yield* client.read(new Uint8Array(8));
      log.push(`read ${n} at ${clock.now()}`);
    }),
    HOUR,
  ));
  const sleeping = executor.run(co(function* () {
    yield* sleep(HOUR / 2);
    log.push(`slept at ${clock.now()}`);
  }));
  // The answer takes its time: of the platform's, in which the clock stands.
  await turns(50);
  assertEquals([clock.now(), log], [0, []]);
  await executor.run(server.write(new Uint8Array(3)));
  await Promise.all([reading, sleeping]);
  assertEquals(log, ["read 3 at 0", `slept at ${HOUR / 2}`]);
  client[Symbol.dispose]();
  server[Symbol.dispose]();
});

Deno.test("paused clock: a read that was dropped still counts until its end", async () => {
  const { clock, executor } = setUp();
  const { client, server } = await connected(executor);
  const read = executor.spawn(client.read(new Uint8Array(8)));
  await executor.run(yieldNow());
  read.abort();
  const sleeping = executor.run(sleep(HOUR));
  await turns();
  assertEquals([openResources().operations, clock.now()], [1, 0]);
  client[Symbol.dispose](); // ends it: no task is woken, and still time goes on
  await sleeping;
  assertEquals(clock.now(), HOUR);
  server[Symbol.dispose]();
});

Deno.test("paused clock: work that fromPromise has started counts, until it is done", async () => {
  const { clock, executor } = setUp();
  const gate = Promise.withResolvers<string>();
  const work = executor.run(timeout(fromPromise(() => gate.promise), HOUR));
  await turns();
  assertEquals(clock.now(), 0);
  gate.resolve("done");
  assertEquals(await work, "done");
  assertFalse(isOutsideBusy());
  const failing = Promise.withResolvers<never>();
  const failed = executor.run(fromPromise(() => failing.promise));
  const sleeping = executor.run(sleep(HOUR));
  await turns();
  assertEquals(clock.now(), 0);
  failing.reject(new Error("no"));
  await assertRejects(() => failed, Error, "no");
  await sleeping;
  assertEquals(clock.now(), HOUR);
});

Deno.test("paused clock: work that was dropped counts no more", async () => {
  const { clock, executor } = setUp();
  const work = executor.spawn(fromPromise(() => new Promise(() => {})));
  const sleeping = executor.run(sleep(HOUR));
  await turns();
  assertEquals(clock.now(), 0);
  work.abort();
  await sleeping;
  assertEquals(clock.now(), HOUR);
});

Deno.test("paused clock: work that fails to start, or is dropped as it starts, counts no more", async () => {
  const { clock, executor } = setUp();
  const broken = fromPromise(() => {
    throw new Error("cannot start");
  });
  await assertRejects(() => executor.run(broken), Error, "cannot start");
  await assertRejects(
    () => executor.run(fromPromise(() => 5 as unknown as Promise<number>)),
    TypeError,
  );
  for (const how of ["returns", "throws"]) {
    const inside = fromPromise(() => {
      inside[Symbol.dispose]();
      if (how === "throws") throw new Error("and throws");
      return new Promise<void>(() => {});
    });
    try {
      pollOnce(inside);
    } catch {
      // it was dropped from inside its poll
    }
  }
  const never = fromPromise(() => new Promise(() => {}));
  never[Symbol.dispose]();
  assertFalse(isOutsideBusy());
  const counted = fromPromise(() => new Promise(() => {}));
  pollOnce(counted);
  assert(isOutsideBusy(), "none was counted twice");
  counted[Symbol.dispose]();
  await executor.run(sleep(HOUR));
  assertEquals(clock.now(), HOUR);
});

Deno.test("paused clock: a promise that is passed ready-made does not count: it may wait for the clock", async () => {
  const { clock, executor } = setUp();
  const inner = executor.run(sleep(HOUR));
  await executor.run(fromPromise(inner));
  assertEquals(clock.now(), HOUR);
});

Deno.test("paused clock: all but the time is the host's", () => {
  const errors: unknown[] = [];
  const clock = new PausedClock({
    host: {
      now: () => 99,
      microtask() {},
      macrotask() {},
      setTimer() {
        throw new Error("the host's timers are not for it");
      },
      clearTimer() {},
      random: () => 0.25,
      unhandled: (error) => errors.push(error),
    },
  });
  clock.setTimer(5, () => {});
  const error = new Error("left");
  clock.unhandled(error);
  assertEquals([clock.now(), clock.random()], [0, 0.25]);
  assertStrictEquals(errors[0], error);
});

Deno.test("paused clock: a cleared timer does not fire, nor hold up the others", async () => {
  const clock = new PausedClock();
  const log: number[] = [];
  const gone = clock.setTimer(5, () => log.push(5));
  await new Promise<void>((resolve) => {
    clock.setTimer(7, () => {
      log.push(clock.now());
    });
    clock.setTimer(9, () => {
      log.push(clock.now());
      resolve();
    });
    clock.clearTimer(gone);
    clock.clearTimer(gone);
  });
  assertEquals(log, [7, 9]);
});
