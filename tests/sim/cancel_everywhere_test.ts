// Everything that is public and returns a future, dropped at every moment.
import { assert } from "@std/assert";
import {
  CancellationToken,
  JoinSet,
  scope,
  shield,
  yieldNow,
} from "../../executor/mod.ts";
import { random, type Sim } from "../../executor/sim/mod.ts";
import { cancelEverywhere } from "../../net/sim/mod.ts";
import {
  AsyncTimer,
  sleep,
  sleepUntil,
  timeout,
  timeoutAt,
} from "../../executor/time/mod.ts";
import {
  abortable,
  any,
  co,
  flatMap,
  type Future,
  FuturesOrdered,
  FuturesUnordered,
  join,
  joinSettled,
  lazy,
  map,
  mapError,
  pin,
  race,
  ready,
  recover,
  retry,
  select,
  settle,
  shared,
} from "../../future/mod.ts";
import { buffered, collect, iter, mapStream } from "../../future/stream/mod.ts";
import {
  Barrier,
  broadcast,
  mpsc,
  Mutex,
  Notify,
  OnceCell,
  oneshot,
  RwLock,
  Semaphore,
  watch,
} from "../../future/sync/mod.ts";

type Make = (sim: Sim) => Future<unknown>;

/** A few polls over timers and yields. */
const work = (sim: Sim): Future<number> =>
  co(function* () {
    yield* sim.sleep(2);
    yield* yieldNow();
    yield* sim.sleep(1);
    return 1;
  });

const later = (sim: Sim, then: () => void): void => {
  sim.spawn(function* () {
    yield* sim.sleep(3);
    then();
  });
};

const futures: Record<string, Make> = {
  co: work,
  map: (sim) => map(work(sim), () => 2),
  flatMap: (sim) => flatMap(work(sim), () => work(sim)),
  mapError: (sim) => mapError(work(sim), () => new Error()),
  recover: (sim) => recover(work(sim), () => 0),
  lazy: (sim) => lazy(() => sim.now()),
  settle: (sim) => settle(work(sim)),
  join: (sim) => join([work(sim), sim.sleep(4), work(sim)]),
  joinSettled: (sim) => joinSettled([work(sim), work(sim)]),
  select: (sim) => select({ a: work(sim), b: sim.sleep(5) }),
  race: (sim) => race([work(sim), sim.sleep(9)]),
  any: (sim) => any([work(sim), sim.sleep(9)]),
  shared: (sim) => {
    const one = shared(work(sim));
    sim.spawn(one.clone());
    return one;
  },
  abortable: (sim) => abortable(work(sim), new AbortController().signal),
  retry: (sim) => {
    let attempts = 0;
    return retry(() =>
      co(function* () {
        yield* work(sim);
        if (++attempts < 3) throw new Error("again");
      }), { schedule: [2, 3], delay: sleep });
  },
  pin: (sim) =>
    co(function* () {
      using inner = work(sim);
      yield* race([pin(inner), sim.sleep(1)]);
      yield* inner;
    }),
  FuturesUnordered: (sim) => {
    const all = new FuturesUnordered<number>();
    for (let i = 0; i < 3; i++) all.push(work(sim));
    return collect(all);
  },
  FuturesOrdered: (sim) => {
    const all = new FuturesOrdered<number>();
    for (let i = 0; i < 3; i++) all.push(work(sim));
    return collect(all);
  },
  buffered: (sim) =>
    collect(buffered(mapStream(iter([1, 2, 3, 4]), () => work(sim)), 2)),
  yieldNow: () => yieldNow(),
  spawn: (sim) => sim.spawn(work(sim)),
  JoinSet: (sim) =>
    co(function* () {
      using set = new JoinSet<number>();
      for (let i = 0; i < 3; i++) set.spawn(work(sim));
      for (let i = 0; i < 3; i++) yield* set.joinNext();
    }),
  scope: (sim) =>
    scope(function* (s) {
      s.spawn(work(sim));
      s.spawn(work(sim));
      yield* sim.sleep(1);
    }),
  "scope with a limit": (sim) =>
    scope(function* (s) {
      s.spawn(work(sim));
      yield* work(sim);
    }, { timeout: 60 }),
  shield: (sim) =>
    scope(function* () {
      yield* shield(work(sim));
    }),
  "CancellationToken.cancelled": (sim) => {
    const token = new CancellationToken();
    later(sim, () => token.cancel());
    return token.child().cancelled();
  },
  AsyncTimer: () => new AsyncTimer(3),
  sleep: () => sleep(3),
  sleepUntil: () => sleepUntil(3),
  timeout: (sim) => timeout(work(sim), 60),
  timeoutAt: (sim) => timeoutAt(work(sim), 60),
  "timeout that fires": (sim) => settle(timeout(work(sim), 1)),
  "Mutex.lock": (sim) => {
    const mutex = new Mutex(0);
    const guard = mutex.tryLock()!;
    later(sim, () => guard.release());
    sim.ledger("locks", () => mutex.isLocked ? 1 : 0);
    return co(function* () {
      using _guard = yield* mutex.lock();
      yield* work(sim);
    });
  },
  "Semaphore.acquire": (sim) => {
    const semaphore = new Semaphore(2);
    const permit = semaphore.tryAcquire(2)!;
    later(sim, () => permit.release());
    sim.spawn(function* () {
      using _permit = yield* semaphore.acquire(2);
      yield* sim.sleep(1);
    });
    sim.ledger("permits", () => 2 - semaphore.availablePermits);
    return co(function* () {
      using _permit = yield* semaphore.acquire();
      yield* work(sim);
    });
  },
  "RwLock.write": (sim) => {
    const lock = new RwLock(0);
    const guard = lock.tryRead()!;
    later(sim, () => guard.release());
    sim.spawn(function* () {
      yield* sim.sleep(2);
      using _guard = yield* lock.read();
    });
    sim.ledger("locks", () => lock.tryWrite() === null ? 1 : 0);
    return co(function* () {
      using _guard = yield* lock.write();
      yield* work(sim);
    });
  },
  "Notify.notified": (sim) => {
    const bell = new Notify();
    later(sim, () => bell.notifyOne());
    sim.spawn(function* () {
      yield* sim.sleep(1);
      yield* bell.notified(); // behind, unless the first one is dropped
      bell.notifyOne();
    }, { background: true });
    return bell.notified();
  },
  "Barrier.wait": (sim) => {
    const gate = new Barrier(2);
    sim.spawn(gate.wait(), { background: true });
    return gate.wait();
  },
  "OnceCell.getOrInit": (sim) => {
    const cell = new OnceCell<number>();
    sim.spawn(function* () {
      yield* sim.sleep(1);
      yield* cell.getOrInit(() => work(sim)); // makes it, if the other is dropped
    });
    return cell.getOrInit(() => work(sim));
  },
  "oneshot receiver": (sim) => {
    const [sender, receiver] = oneshot<number>();
    later(sim, () => {
      try {
        sender.send(1);
      } catch {
        // it was dropped
      }
    });
    return receiver;
  },
  "mpsc send": (sim) => {
    const [sender, receiver] = mpsc<number>(1);
    sim.spawn(function* () {
      using mine = receiver;
      yield* sim.sleep(3);
      while (typeof (yield* mine.recv()) === "number");
    });
    sim.spawn(function* () {
      using _last = sender; // so that the receiver comes to its end
      yield* sim.sleep(20);
    });
    return co(function* () {
      using mine = sender.clone();
      for (let i = 0; i < 3; i++) yield* mine.send(i);
    });
  },
  "broadcast recv": (sim) => {
    const [sender, receiver] = broadcast<number>(2);
    later(sim, () => void sender.send(1));
    return co(function* () {
      using mine = receiver;
      yield* mine.recv();
    });
  },
  "watch changed": (sim) => {
    const [sender, receiver] = watch(0);
    later(sim, () => sender.send(1));
    return receiver.changed();
  },
  ready: () => ready(1),
};

for (const [name, make] of Object.entries(futures)) {
  Deno.test(`cancel everywhere: ${name}`, () => {
    const lends = name === "shield";
    const { polls, runs } = cancelEverywhere(make, { lends });
    assert(runs === 2 * polls);
    cancelEverywhere(make, {
      lends,
      schedule: random(),
      runs: 5,
      wakers: { spurious: 0.2, duplicated: 0.3, late: true },
    });
  });
}
