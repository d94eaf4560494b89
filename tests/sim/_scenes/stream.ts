import { Future, map, Pending } from "../../../future/mod.ts";
import {
  close,
  Done,
  feed,
  flush,
  fromCallback,
  fromEvents,
  iter,
  once,
  pollNextFn,
  send,
  type Sink,
  type Stream,
  take,
  unfold,
} from "../../../future/stream/mod.ts";
import { Notify } from "../../../future/sync/mod.ts";
import type { NetSim } from "../../../net/sim/mod.ts";
import { promises } from "../../future/stream/_claims.ts";
import { type Bench, subjects } from "../../future/stream/_subjects.ts";
import { Source } from "../../future/stream/_world.ts";
import { Drained, type Scene, type Sweep } from "./scene.ts";

const NATIVE = "it waits for native promises: swept by hand in its own tests";

const LENDS = {
  options: { lends: true },
  unforgettable: "it lends",
} as const;

function waiter(subject: Stream<unknown> | Future<unknown>): Future<unknown> {
  return subject instanceof Future ? subject : new Drained(subject);
}

/** Lets a bench go on, a leaf each millisecond, until there is none alive. */
function drive(sim: NetSim, { leaves }: Bench): void {
  sim.spawn(function* () {
    for (let ms = 0; ms < 30; ms++) {
      yield* sim.sleep(1);
      for (const leaf of leaves) if (leaf.isWaiting) leaf.fire();
    }
  });
}

/** A sink that has room, and has flushed, when a bell rings. */
function slowSink(sim: NetSim): Sink<number> {
  const bell = new Notify();
  let waits: Future<void> | null = null;
  const step: Sink<number>["pollReady"] = (cx) => {
    waits ??= bell.notified();
    if (waits.poll(cx) === Pending) return Pending;
    waits = null;
  };
  sim.spawn(function* () {
    for (let n = 0; n < 4; n++) {
      yield* sim.sleep(1);
      bell.notifyWaiters();
    }
  });
  return {
    pollReady: step,
    startSend: () => {},
    pollFlush: step,
    pollClose: step,
    [Symbol.dispose]: () => {},
  };
}

/** Over a sink that outlives them, and of which it is the user's to drop. */
const overSink: Record<string, (sink: Sink<number>) => Future<unknown>> = {
  close,
  feed: (sink) => feed(sink, 1),
  flush,
  send: (sink) => send(sink, 1),
};

/** A step of three, each a while after the one before. */
function step(sim: NetSim, n: number): Future<typeof Done | [number, number]> {
  return map(sim.sleep(1), () => n < 3 ? [n, n + 1] : Done);
}

/** What has no stream of ours below it. */
const sources: Record<string, (sim: NetSim) => Stream<unknown>> = {
  fromCallback: (sim) => {
    let listening = 0;
    sim.ledger("listeners", () => listening);
    return fromCallback<number>(({ push, end }) => {
      listening++;
      sim.spawn(function* () {
        for (let n = 0; n < 3; n++) {
          yield* sim.sleep(1);
          push(n);
        }
        end();
      });
      return () => listening--;
    });
  },
  fromEvents: (sim) => {
    const target = new EventTarget();
    sim.spawn(function* () {
      for (let n = 0; n < 3; n++) {
        yield* sim.sleep(1);
        target.dispatchEvent(new Event("tick"));
      }
    });
    return take(fromEvents(target, "tick"), 3);
  },
  iter: () => iter([1, 2, 3]),
  once: (sim) => once(sim.sleep(1)),
  pollNextFn: (sim) => {
    const bell = new Notify();
    let rings = 0;
    sim.spawn(function* () {
      for (; rings < 3; rings++) {
        yield* sim.sleep(1);
        bell.notifyOne();
      }
      bell.notifyOne();
    });
    let notified = bell.notified();
    return pollNextFn((cx) => {
      if (notified.poll(cx) === Pending) return Pending;
      notified = bell.notified();
      return rings < 3 ? rings : Done;
    });
  },
  unfold: (sim) => unfold(0, (n) => step(sim, n)),
};

const scenes: Scene[] = [
  ...Object.entries(subjects).map(([of, make]): Scene => ({
    of,
    title: of,
    make(sim) {
      const source = new Source([Pending, 1, 2, Pending, 3], "source");
      const bench: Bench = { source, given: [], leaves: [source] };
      drive(sim, bench);
      sim.ledger("leaves", () => {
        // What is lent, or not taken over yet, is its owner's.
        const own = of === "pinStream" || source.polls === 0;
        return bench.leaves.filter(({ ended }) => ended === null).length -
          (own && source.ended === null ? 1 : 0);
      });
      return waiter(make(bench));
    },
    // A loan has the waker of whoever polled it last.
    ...(of === "pinStream" ? LENDS : {}),
  })),
  ...Object.entries(overSink).map(([of, make]): Scene => ({
    of,
    title: of,
    make: (sim) => make(slowSink(sim)),
    ...LENDS,
  })),
  ...Object.entries(sources).map(([of, make]): Scene => ({
    of,
    title: of,
    make: (sim) => new Drained(make(sim)),
    ...(of === "iter" ? { unforgettable: "it never waits" } : {}),
    // The function has it, not the stream.
    ...(of === "pollNextFn" ? LENDS : {}),
  })),
];

export const sweep: Sweep = {
  claims: Object.keys(promises),
  left: {
    fromAsyncIterable: NATIVE,
    fromReadableStream: NATIVE,
    fromWritableStream: NATIVE,
    toAsyncIterable: NATIVE,
    toReadableStream: NATIVE,
  },
  scenes,
};
