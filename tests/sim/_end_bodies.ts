// Small configurations of what waits for an end, a change or a turn of its own.
import {
  JoinMap,
  scope,
  shield,
  shutdown,
  TaskTracker,
  yieldNow,
} from "../../executor/mod.ts";
import type { Sim } from "../../executor/sim/mod.ts";
import {
  co,
  type Future,
  FuturesOrdered,
  map,
  pollFn,
} from "../../future/mod.ts";
import { Done, forward, iter } from "../../future/stream/mod.ts";
import {
  mpsc,
  Mutex,
  oneshot,
  Semaphore,
  SemaphoreClosed,
  watch,
} from "../../future/sync/mod.ts";
import { steps } from "./_future_bodies.ts";

/** Whoever waits for the end of the other side hears of it, or is dropped. */
function closing(
  sim: Sim,
  closed: Future<void>,
  close: () => void,
): void {
  let isClosed = false;
  const victim = sim.spawn(function* () {
    yield* closed;
    sim.always("not before it is", isClosed);
    sim.sometimes("it was heard of", true);
  });
  sim.spawn(function* () {
    yield* yieldNow();
    isClosed = true;
    close();
  });
  sim.spawn(function* () {
    yield* yieldNow();
    victim.abort();
  });
}

export function oneshotClosed(sim: Sim): void {
  const [sender, receiver] = oneshot<number>();
  closing(sim, sender.closed(), () => receiver.close());
}

export function channelClosed(sim: Sim): void {
  const [sender, receiver] = mpsc<number>(1);
  closing(sim, sender.closed(), () => receiver[Symbol.dispose]());
}

export function watchClosed(sim: Sim): void {
  const [sender, receiver] = watch(0);
  closing(sim, sender.closed(), () => receiver[Symbol.dispose]());
}

/** A value that is waited for is seen, though not each that comes before. */
export function watchWaits(sim: Sim): void {
  const [sender, receiver] = watch(0);
  const other = receiver.clone();
  sim.spawn(function* () {
    for (let n = 1; n <= 3; n++) {
      yield* yieldNow();
      sender.send(n);
    }
  });
  sim.spawn(function* () {
    yield* receiver.waitFor((n) => n === 3);
    sim.always("it is there", receiver.borrow() === 3);
  });
  sim.spawn(function* () {
    let last = 0;
    while (last < 3) {
      yield* other.changed();
      sim.always("it has changed", other.borrow() > last);
      last = other.borrow();
    }
  });
}

/** Two sinks of one channel, whose senders wait for room in their own ways. */
export function channelSinks(sim: Sim): void {
  const [sender, receiver] = mpsc<number>(1);
  for (const items of [[1, 2], [11, 12]]) {
    sim.spawn(forward(iter(items), sender.clone().asSink()));
  }
  sender[Symbol.dispose]();
  const got: number[] = [];
  sim.spawn(function* () {
    using mine = receiver;
    for (;;) {
      const item = yield* mine.recv();
      if (item === Done) return;
      got.push(item);
    }
  });
  sim.atEnd(() => {
    sim.always("all arrive, once", `${got.toSorted()}` === "1,11,12,2", got);
    const own = got.filter((n) => n < 10);
    sim.always("each in order", `${own}` === "1,2", got);
  });
}

/** A lock that is taken again and again by hand, by two, one of which is dropped. */
export function mutexHolders(sim: Sim): void {
  const mutex = new Mutex(0);
  let holders = 0;
  const rounds = () =>
    co(function* () {
      using holder = mutex.holder();
      for (let n = 0; n < 2; n++) {
        yield* pollFn((cx) => holder.pollLock(cx));
        sim.always("one has the lock", ++holders === 1, holders);
        try {
          yield* yieldNow();
        } finally {
          holders--;
        }
        holder.release();
      }
    });
  sim.spawn(rounds());
  const victim = sim.spawn(rounds());
  sim.spawn(function* () {
    yield* yieldNow();
    victim.abort();
  });
  sim.ledger("locks", () => mutex.isLocked ? 1 : 0);
}

/** All who stand in line are refused, and none is forgotten. */
export function semaphoreClosed(sim: Sim): void {
  const all = new Semaphore(1);
  let refused = 0;
  for (let i = 0; i < 3; i++) {
    sim.spawn(function* () {
      try {
        using _permit = yield* all.acquire();
        yield* yieldNow();
      } catch (error) {
        if (!(error instanceof SemaphoreClosed)) throw error;
        refused++;
      }
    });
  }
  sim.spawn(function* () {
    yield* yieldNow();
    all.close();
  });
  sim.atEnd(() => sim.sometimes("one was refused", refused > 0));
  sim.ledger("permits", () => 1 - all.availablePermits);
}

/** In the order in which they were pushed, whichever is ready first. */
export function ordered(sim: Sim): void {
  sim.spawn(function* () {
    const all = new FuturesOrdered<string>();
    for (const polls of [3, 1, 2]) {
      all.push(sim.spawn(map(steps(polls, ""), () => String(polls))));
    }
    sim.always("in order", (yield* all.next()) === "3");
    sim.always("in order", (yield* all.next()) === "1");
    sim.always("in order", (yield* all.next()) === "2");
    sim.always("and no more", (yield* all.next()) === Done);
  });
}

/** A key that is spawned again takes the place of the task before. */
export function joinMap(sim: Sim): void {
  sim.spawn(function* () {
    using tasks = new JoinMap<string, string>();
    tasks.spawn("a", steps(2, "first"));
    tasks.spawn("b", steps(2, "b"));
    yield* yieldNow();
    tasks.spawn("a", steps(2, "second"));
    const got: string[] = [];
    for (;;) {
      const next = yield* tasks.joinNext();
      if (next === Done) break;
      const [key, outcome] = next;
      const { status } = outcome;
      got.push(
        `${key}: ${status === "fulfilled" ? outcome.value : "aborted"}`,
      );
    }
    sim.always("b is there", got.includes("b: b"), got);
    sim.always("the second a is there", got.includes("a: second"), got);
    sim.always("and no other but the first", got.length <= 3, got);
    sim.sometimes("the first has made way", !got.includes("a: first"));
  });
}

/** The work of a shield is done once, and whole, whoever gives it up. */
export function shielded(sim: Sim): void {
  let begun = 0;
  let done = 0;
  const work = () =>
    co(function* () {
      begun++;
      yield* yieldNow();
      yield* yieldNow();
      done++;
    });
  const victim = sim.spawn(scope(function* () {
    yield* shield(work());
  }));
  sim.spawn(function* () {
    yield* yieldNow();
    victim.abort();
  });
  sim.atEnd(() => sim.always("what was begun is done", begun === done, begun));
}

/** A tracker is waited for as long as a task lives, dropped ones included. */
export function tracked(sim: Sim): void {
  const tracker = new TaskTracker();
  let live = 0;
  const work = () =>
    tracker.track(co(function* () {
      live++;
      try {
        yield* yieldNow();
      } finally {
        live--;
      }
    }));
  sim.spawn(work());
  const victim = sim.spawn(work());
  sim.spawn(function* () {
    yield* yieldNow();
    victim.abort();
    tracker.close();
  });
  sim.spawn(function* () {
    yield* tracker.wait();
    sim.always("none lives", live === 0, live);
  });
}

/** A signal ends all that is tracked, once. */
export function shuttingDown(sim: Sim): void {
  const end = shutdown({ grace: 100 });
  for (let i = 0; i < 2; i++) {
    sim.spawn(end.tracker.track(co(function* () {
      yield* end.token.cancelled();
      yield* yieldNow();
    })));
  }
  const token = end.token;
  sim.spawn(function* () {
    const { outcome, signal } = yield* end;
    sim.always("all have ended", outcome === "drained", outcome);
    sim.always("by the signal", signal === "SIGTERM", signal);
  });
  sim.spawn(function* () {
    while (!sim.signal("SIGTERM")) yield* sim.sleep(1);
    sim.sometimes("it is at it", !token.isCancelled);
  });
}

export const endBodies: Record<string, (sim: Sim) => void> = {
  channelClosed,
  channelSinks,
  joinMap,
  mutexHolders,
  oneshotClosed,
  ordered,
  semaphoreClosed,
  shielded,
  shuttingDown,
  tracked,
  watchClosed,
  watchWaits,
};
