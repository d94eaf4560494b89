// The operations in Effect's own words. Two ways of it: as it comes, whose
// scheduler goes to the host after each batch of fibers, and with one that stays
// in microtasks, which is quicker and lets no socket through.

/** @param module `npm:effect` */
export function effect(
  { Context, Effect, Fiber, Queue, Schedule, Scheduler, Stream },
) {
  const inMicrotasks = Context.make(
    Scheduler.Scheduler,
    new Scheduler.MixedScheduler("async", (run) => {
      queueMicrotask(run);
      return () => {};
    }),
  );
  const quick = (program) => Effect.provideContext(program, inMicrotasks);

  const yielding = (n) =>
    Effect.gen(function* () {
      for (let i = 0; i < n; i++) yield* Effect.yieldNow;
    });

  const spawning = (n) =>
    Effect.gen(function* () {
      for (let done = 0; done < n; done += 1000) {
        const fibers = [];
        for (let i = 0; i < 1000; i++) {
          fibers.push(yield* Effect.forkChild(Effect.yieldNow));
        }
        for (const fiber of fibers) yield* Fiber.join(fiber);
      }
    });

  const roundTrips = (n) =>
    Effect.gen(function* () {
      const toB = yield* Queue.bounded(1);
      const toA = yield* Queue.bounded(1);
      const pong = yield* Effect.forkChild(Effect.gen(function* () {
        for (let i = 0; i < n; i++) {
          yield* Queue.offer(toA, yield* Queue.take(toB));
        }
      }));
      for (let i = 0; i < n; i++) {
        yield* Queue.offer(toB, i);
        yield* Queue.take(toA);
      }
      yield* Fiber.join(pong);
    });

  const timers = (n, delayOf) =>
    Effect.gen(function* () {
      for (let done = 0; done < n; done += 1000) {
        const fibers = [];
        for (let i = 0; i < 1000; i++) {
          fibers.push(
            yield* Effect.forkChild(Effect.sleep(delayOf(i)), {
              startImmediately: true,
            }),
          );
        }
        yield* Fiber.interruptAll(fibers);
      }
    });

  const pipeline = (n) =>
    Stream.range(0, n - 1).pipe(
      Stream.map((i) => i + 1),
      Stream.filter((i) => i % 2 === 1),
      Stream.map((i) => i * 2),
      Stream.filter((i) => i >= 0),
      Stream.take(n),
      Stream.runFold(() => 0, (sum, i) => sum + (i & 7)),
    );

  const mapping = (n, atMost, work) =>
    Effect.forEach(
      Array.from({ length: n }, (_, i) => i),
      () => Effect.promise(work),
      { concurrency: atMost, discard: true },
    );

  const ticking = (count, ticks, period) =>
    Effect.forEach(
      Array.from({ length: count }, (_, i) => i),
      () =>
        Effect.repeat(Effect.void, {
          schedule: Schedule.fixed(period),
          times: ticks - 1,
        }),
      { concurrency: "unbounded", discard: true },
    );

  const merging = (n) =>
    Stream.range(1, n / 2).pipe(
      Stream.merge(Stream.range(1, n / 2)),
      Stream.runFold(() => 0, (sum, i) => sum + (i & 7)),
    );

  const { runPromise } = Effect;
  return {
    "Effect": {
      yield: (n) => runPromise(yielding(n)),
      spawn: (n) => runPromise(spawning(n)),
      roundTrip: (n) => runPromise(roundTrips(n)),
      timer: (n, delayOf) => runPromise(timers(n, delayOf)),
      pipeline: (n) => runPromise(pipeline(n)),
      merge: (n) => runPromise(merging(n)),
      interval: (count, ticks, period) =>
        runPromise(ticking(count, ticks, period)),
      map: (n, atMost, work) => runPromise(mapping(n, atMost, work)),
    },
    "Effect, in microtasks": {
      yield: (n) => runPromise(quick(yielding(n))),
      spawn: (n) => runPromise(quick(spawning(n))),
      roundTrip: (n) => runPromise(quick(roundTrips(n))),
    },
  };
}
