import { yieldNow } from "../../executor/mod.ts";
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
import { ChannelClosed, mpsc, oneshot } from "../../future/sync/mod.ts";
import { killer } from "./_sync_bodies.ts";

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
