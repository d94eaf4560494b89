// Small configurations of each primitive, small enough to try every order.
import {
  CancellationToken,
  type JoinHandle,
  JoinSet,
  scope,
  yieldNow,
} from "../../executor/mod.ts";
import type { Sim } from "../../executor/sim/mod.ts";
import {
  any,
  co,
  type Future,
  FuturesUnordered,
  join,
  joinSettled,
  pin,
  race,
  select,
  shared,
} from "../../future/mod.ts";
import { Done } from "../../future/stream/mod.ts";
import {
  Barrier,
  broadcast,
  ChannelClosed,
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
function killer(sim: Sim, victim: JoinHandle<unknown>): void {
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

/** Takes a number of polls, then gives its name. */
export function steps(polls: number, name: string): Future<string> {
  return co(function* () {
    for (let i = 1; i < polls; i++) yield* yieldNow();
    return name;
  });
}

function bells(sim: Sim, count: number): { rings: Future<string>[] } {
  const rings: Future<string>[] = [];
  for (let i = 0; i < count; i++) {
    const [sender, receiver] = oneshot<string>();
    rings.push(receiver);
    sim.spawn(function* () {
      using own = sender;
      yield* yieldNow();
      try {
        own.send(String(i));
      } catch (error) {
        // The receiver may have lost a race meanwhile.
        if (!(error instanceof ChannelClosed)) throw error;
      }
    });
  }
  return { rings };
}

export function joining(sim: Sim): void {
  const { rings } = bells(sim, 3);
  sim.spawn(function* () {
    const all = yield* join(rings);
    sim.always("each in its place", `${all}` === "0,1,2", all);
  });
}

export function joiningSettled(sim: Sim): void {
  const { rings } = bells(sim, 2);
  sim.spawn(function* () {
    const failing = co(function* () {
      yield* yieldNow();
      throw new Error("as meant");
    });
    const all = yield* joinSettled([rings[0]!, failing, rings[1]!]);
    const how = all.map((each) => each.status).join();
    sim.always("all have settled", how === "fulfilled,rejected,fulfilled", how);
  });
}

/** The loser of a round is lent, and goes on in the next: nothing is lost. */
export function selecting(sim: Sim): void {
  const [sender, receiver] = mpsc<number>(1);
  const [stop, stopped] = oneshot<string>();
  let got = 0;
  sim.spawn(function* () {
    using mine = sender;
    yield* mine.send(1);
    yield* mine.send(2);
  });
  sim.spawn(function* () {
    using own = stop;
    yield* yieldNow();
    own.send("stop");
  });
  sim.spawn(function* () {
    using values = receiver;
    using end = stopped;
    let isStopped = false;
    let isDone = false;
    while (!isStopped && !isDone) {
      const first = yield* select({ value: values.recv(), end: pin(end) });
      if (first.key === "end") isStopped = true;
      else if (first.value === Done) isDone = true;
      else got++;
    }
    if (!isStopped) yield* end;
    while (!isDone) {
      if ((yield* values.recv()) === Done) isDone = true;
      else got++;
    }
    sim.always("none is lost", got === 2, got);
    sim.sometimes("the end came first", isStopped);
  });
}

export function racing(sim: Sim): void {
  const { rings } = bells(sim, 3);
  sim.spawn(function* () {
    const first = yield* race(rings);
    sim.always("one of them", ["0", "1", "2"].includes(first), first);
    for (const name of ["0", "1", "2"]) {
      sim.sometimes(`${name} is first`, first === name);
    }
  });
}

export function anyOf(sim: Sim): void {
  const { rings } = bells(sim, 1);
  sim.spawn(function* () {
    const failing = co(function* () {
      yield* yieldNow();
      throw new Error("as meant");
    });
    sim.always(
      "the one that succeeds",
      (yield* any([failing, rings[0]!])) === "0",
    );
  });
}

export function unordered(sim: Sim): void {
  const { rings } = bells(sim, 3);
  sim.spawn(function* () {
    const all = new FuturesUnordered<string>();
    for (const ring of rings) all.push(ring);
    const got: string[] = [];
    for (;;) {
      const next = yield* all.next();
      if (next === Done) break;
      got.push(next);
    }
    sim.always("each once", `${got.toSorted()}` === "0,1,2", got);
  });
}

export function sharing(sim: Sim): void {
  let polls = 0;
  const one = shared(co(function* () {
    polls++;
    yield* yieldNow();
    yield* yieldNow();
    return 42;
  }));
  const use = (future: Future<number>) =>
    co(function* () {
      sim.always("the same for all", (yield* future) === 42);
    });
  const victim = sim.spawn(use(one.clone()));
  sim.spawn(use(one.clone()));
  sim.spawn(use(one));
  killer(sim, victim);
  sim.atEnd(() => sim.always("it ran once", polls === 1, polls));
}

export function joinSet(sim: Sim): void {
  sim.spawn(function* () {
    using set = new JoinSet<string>();
    for (let i = 0; i < 3; i++) set.spawn(steps(2, String(i)));
    const got: string[] = [];
    for (;;) {
      const next = yield* set.joinNext();
      if (next === Done) break;
      got.push(next);
    }
    sim.always("each once", `${got.toSorted()}` === "0,1,2", got);
  });
}

/** No child outlives its scope, whichever of them fails. */
export function scoped(sim: Sim): void {
  let alive = 0;
  const child = (fails: boolean) =>
    co(function* () {
      alive++;
      try {
        yield* yieldNow();
        if (fails) throw new RangeError("as meant");
        yield* yieldNow();
      } finally {
        alive--;
      }
    });
  sim.spawn(function* () {
    try {
      yield* scope(function* (s) {
        s.spawn(child(false));
        s.spawn(child(true));
        yield* yieldNow();
      });
      sim.always("it has failed", false);
    } catch (error) {
      const cause = (error as Error).cause ?? error;
      sim.always(
        "with its child's failure",
        cause instanceof RangeError,
        String(error),
      );
    }
    sim.always("no child outlives it", alive === 0, alive);
  });
}

export function cancelling(sim: Sim): void {
  const root = new CancellationToken();
  const leaf = root.child();
  let heard = 0;
  for (const token of [root, leaf]) {
    sim.spawn(function* () {
      yield* yieldNow();
      yield* token.cancelled();
      heard++;
    });
  }
  sim.spawn(function* () {
    yield* yieldNow();
    root.cancel();
  });
  sim.atEnd(() => sim.always("all hear of it", heard === 2, heard));
}

export const bodies: Record<string, (sim: Sim) => void> = {
  anyOf,
  barrier,
  broadcasting,
  cancelling,
  channel,
  channelAborted,
  joinSet,
  joining,
  joiningSettled,
  mutex: (sim) => mutex(sim),
  mutexAborted: (sim) => mutexAborted(sim),
  notify: (sim) => notify(sim),
  notifyAll,
  onceCell,
  oneshotSend,
  racing,
  rwLock,
  scoped,
  selecting,
  semaphore: (sim) => semaphore(sim),
  sharing,
  unordered,
  watching,
};
