import { type JoinHandle, yieldNow } from "../../executor/mod.ts";
import type { Sim } from "../../executor/sim/mod.ts";
import { co } from "../../future/mod.ts";
import { Done } from "../../future/stream/mod.ts";
import {
  Barrier,
  broadcast,
  Lagged,
  mpsc,
  Mutex,
  Notify,
  OnceCell,
  oneshot,
  RwLock,
  Semaphore,
  watch,
} from "../../future/sync/mod.ts";

/** How the primitives are made: the bugs put theirs in their place. */
export interface Parts {
  mutex(): Pick<Mutex<number>, "lock" | "tryLock" | "isLocked">;
  semaphore(
    permits: number,
  ): Pick<Semaphore, "acquire" | "availablePermits">;
  notify(): Pick<Notify, "notified" | "notifyOne">;
}

export const real: Parts = {
  mutex: () => new Mutex(0),
  semaphore: (permits) => new Semaphore(permits),
  notify: () => new Notify(),
};

/** Aborts a task at whatever moment the schedule gives it. */
export function killer(sim: Sim, victim: JoinHandle<unknown>): void {
  sim.spawn(function* () {
    yield* yieldNow();
    victim.abort();
  }, { name: "killer" });
}

/** One of them has it at a time, and all have it once. */
export function mutex(sim: Sim, parts: Parts = real): void {
  const lock = parts.mutex();
  let holders = 0;
  let rounds = 0;
  for (let i = 0; i < 3; i++) {
    sim.spawn(function* () {
      using _guard = yield* lock.lock();
      sim.always("one has the lock", ++holders === 1, holders);
      yield* yieldNow();
      holders--;
      rounds++;
    });
  }
  sim.atEnd(() => sim.always("all had it", rounds === 3, rounds));
  sim.ledger("locks", () => lock.isLocked ? 1 : 0);
}

/** One of those in line is aborted. */
export function mutexAborted(sim: Sim, parts: Parts = real): void {
  const lock = parts.mutex();
  let holders = 0;
  const visit = function* () {
    using _guard = yield* lock.lock();
    sim.always("one has the lock", ++holders === 1, holders);
    try {
      yield* yieldNow();
    } finally {
      holders--;
    }
  };
  sim.spawn(visit, { name: "first" });
  const victim = sim.spawn(visit, { name: "victim" });
  sim.spawn(visit, { name: "last" });
  killer(sim, victim);
  sim.ledger("locks", () => lock.isLocked ? 1 : 0);
}

/** Permits of different weights; a wait is dropped. */
export function semaphore(sim: Sim, parts: Parts = real): void {
  const all = parts.semaphore(2);
  let used = 0;
  const take = (count: number) =>
    function* () {
      using _permit = yield* all.acquire(count);
      used += count;
      sim.always("no more than there are", used <= 2, used);
      try {
        yield* yieldNow();
      } finally {
        used -= count;
      }
    };
  sim.spawn(take(1));
  const victim = sim.spawn(take(2));
  sim.spawn(take(1));
  killer(sim, victim);
  sim.ledger("permits", () => 2 - all.availablePermits);
}

/**
 * One notice, which who hears it passes on: it reaches the last one, also if the
 * first is dropped in line, or with the notice in hand.
 */
export function notify(sim: Sim, parts: Parts = real): void {
  const bell = parts.notify();
  let heard = 0;
  const listen = function* () {
    yield* bell.notified();
    heard++;
    bell.notifyOne();
  };
  const victim = sim.spawn(listen, { name: "victim" });
  sim.spawn(listen, { name: "other" });
  sim.spawn(function* () {
    yield* yieldNow();
    bell.notifyOne();
  }, { name: "ringer" });
  killer(sim, victim);
  sim.atEnd(() => sim.always("it was heard", heard >= 1, heard));
}

export function notifyAll(sim: Sim): void {
  const bell = new Notify();
  for (let i = 0; i < 3; i++) {
    const notice = bell.notified(); // counts from here, not from its first poll
    sim.spawn(function* () {
      yield* yieldNow();
      yield* notice;
    });
  }
  sim.spawn(function* () {
    yield* yieldNow();
    bell.notifyWaiters();
  });
}

export function rwLock(sim: Sim): void {
  const lock = new RwLock(0);
  let readers = 0;
  let writers = 0;
  const read = function* () {
    using _guard = yield* lock.read();
    readers++;
    sim.always("no writer beside a reader", writers === 0);
    sim.sometimes("two read", readers === 2);
    try {
      yield* yieldNow();
    } finally {
      readers--;
    }
  };
  const write = function* () {
    using _guard = yield* lock.write();
    writers++;
    sim.always("a writer is alone", writers === 1 && readers === 0);
    try {
      yield* yieldNow();
    } finally {
      writers--;
    }
  };
  sim.spawn(read);
  const victim = sim.spawn(write);
  sim.spawn(read);
  killer(sim, victim);
  sim.ledger("locks", () => lock.tryWrite() === null ? 1 : 0);
}

export function barrier(sim: Sim): void {
  const gate = new Barrier(3);
  let before = 0;
  let leaders = 0;
  for (let i = 0; i < 3; i++) {
    sim.spawn(function* () {
      yield* yieldNow();
      before++;
      const { isLeader } = yield* gate.wait();
      sim.always("all have come", before === 3, before);
      if (isLeader) leaders++;
    });
  }
  sim.atEnd(() => sim.always("there is one leader", leaders === 1, leaders));
}

export function onceCell(sim: Sim): void {
  const cell = new OnceCell<number>();
  let makers = 0;
  let made = 0;
  const use = function* () {
    const value = yield* cell.getOrInit(() =>
      co(function* () {
        sim.always("one makes it", ++makers === 1 && made === 0);
        try {
          yield* yieldNow();
          return ++made;
        } finally {
          makers--;
        }
      })
    );
    sim.always("it is made once", value === 1, value);
  };
  const victim = sim.spawn(use);
  sim.spawn(use);
  sim.spawn(use);
  killer(sim, victim);
}

export function oneshotSend(sim: Sim): void {
  const [sender, receiver] = oneshot<number>();
  let sent = false;
  const victim = sim.spawn(function* () {
    using own = receiver;
    const value = yield* own;
    sim.always("it is what was sent", value === 7 && sent);
  });
  sim.spawn(function* () {
    using own = sender;
    yield* yieldNow();
    try {
      own.send(7);
      sent = true;
    } catch {
      sim.sometimes("nobody waits any more", true);
    }
  });
  sim.spawn(function* () {
    yield* yieldNow();
    victim.abort();
  });
}

export function channel(sim: Sim): void {
  const [sender, receiver] = mpsc<number>(1);
  const sent: number[] = [];
  const got: number[] = [];
  for (let producer = 0; producer < 2; producer++) {
    const own = sender.clone();
    sim.spawn(function* () {
      using mine = own;
      for (let n = 0; n < 2; n++) {
        yield* mine.send(producer * 10 + n);
        sent.push(producer * 10 + n);
      }
    });
  }
  sender[Symbol.dispose]();
  sim.spawn(function* () {
    using mine = receiver;
    for (;;) {
      const value = yield* mine.recv();
      if (value === Done) break;
      got.push(value);
    }
  });
  sim.atEnd(() => {
    sim.always("all arrive, once", `${got.toSorted()}` === "0,1,10,11", got);
    const own = (low: number) => got.filter((n) => n >= low && n < low + 10);
    sim.always("each in order", `${own(0)}|${own(10)}` === "0,1|10,11", got);
  });
}

/** A send that is dropped has sent its value, or has not. */
export function channelAborted(sim: Sim): void {
  const [sender, receiver] = mpsc<string>(1);
  const first = sender.clone();
  const victim = sim.spawn(co(function* () {
    using permit = yield* first.reserve();
    yield* yieldNow();
    permit.send("victim");
  }));
  let others = 0;
  sim.spawn(function* () {
    using mine = sender;
    for (let n = 0; n < 2; n++) yield* mine.send("other");
  });
  sim.spawn(function* () {
    using mine = receiver;
    for (;;) {
      const value = yield* mine.recv();
      if (value === Done) break;
      if (value === "other") others++;
    }
  });
  sim.spawn(function* () {
    yield* yieldNow();
    victim.abort();
    first[Symbol.dispose]();
  });
  sim.atEnd(() => sim.always("nothing is lost", others === 2, others));
}

export function broadcasting(sim: Sim): void {
  const [sender, first] = broadcast<number>(1);
  const second = sender.subscribe();
  sim.spawn(function* () {
    using mine = sender;
    mine.send(0);
    yield* yieldNow();
    mine.send(1);
  });
  for (const receiver of [first, second]) {
    sim.spawn(function* () {
      using mine = receiver;
      let expected = 0;
      for (;;) {
        try {
          const value = yield* mine.recv();
          if (value === Done) break;
          sim.always("in order", value === expected, value);
          expected++;
        } catch (error) {
          if (!(error instanceof Lagged)) throw error;
          sim.sometimes("one lags", true);
          expected += error.missed;
        }
      }
      sim.always("each is seen or counted", expected === 2, expected);
    });
  }
}

export function watching(sim: Sim): void {
  const [sender, first] = watch(0);
  sim.spawn(function* () {
    using mine = sender;
    for (let n = 1; n <= 2; n++) {
      mine.send(n);
      yield* yieldNow();
    }
  });
  for (const receiver of [first, first.clone()]) {
    sim.spawn(function* () {
      using mine = receiver;
      let seen = 0;
      for (;;) {
        const value = yield* mine.next();
        if (value === Done) break;
        sim.always("never an older one", value > seen, value);
        seen = value;
      }
      sim.always("the last is seen", seen === 2, seen);
    });
  }
}
