// The operations in Effection's own words. It has no yield: its tasks wait for
// an action, which one microtask later is done.

/** @param module `npm:effection` */
export function effection(
  { action, all, createQueue, each, interval, run, sleep, spawn },
) {
  const once = () =>
    action((resolve) => {
      queueMicrotask(resolve);
      return () => {};
    });

  return {
    "Effection": {
      yield: (n) =>
        run(function* () {
          for (let i = 0; i < n; i++) yield* once();
        }),

      spawn: (n) =>
        run(function* () {
          for (let done = 0; done < n; done += 1000) {
            const tasks = [];
            for (let i = 0; i < 1000; i++) tasks.push(yield* spawn(once));
            for (const task of tasks) yield* task;
          }
        }),

      // Its queues have no limit, and nobody waits to add to one.
      roundTrip: (n) =>
        run(function* () {
          const [toB, toA] = [createQueue(), createQueue()];
          const pong = yield* spawn(function* () {
            for (let i = 0; i < n; i++) {
              toA.add((yield* toB.next()).value);
            }
          });
          for (let i = 0; i < n; i++) {
            toB.add(i);
            yield* toA.next();
          }
          yield* pong;
        }),

      timer: (n, delayOf) =>
        run(function* () {
          for (let done = 0; done < n; done += 1000) {
            const tasks = [];
            for (let i = 0; i < 1000; i++) {
              tasks.push(yield* spawn(() => sleep(delayOf(i))));
            }
            for (const task of tasks) yield* task.halt();
          }
        }),

      interval: (count, ticks, period) =>
        run(() =>
          all(Array.from({ length: count }, function* () {
            let left = ticks;
            for (const _ of yield* each(interval(period))) {
              if (--left === 0) break;
              yield* each.next();
            }
          }))
        ),
    },
  };
}
