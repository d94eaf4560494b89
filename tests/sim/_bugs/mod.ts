// Known mistakes, one at a time: what finds them, and the same without.
import { yieldNow } from "../../../executor/mod.ts";
import { co, type Future, pending, race } from "../../../future/mod.ts";
import { Mutex } from "../../../future/sync/mod.ts";
import { TcpListener, TcpStream } from "../../../net/mod.ts";
import {
  type ExploreReport,
  type NetSim,
  pct,
  random,
  type Sim,
  type SimTestOptions,
  simulate,
} from "../../../net/sim/mod.ts";
import { mutex, mutexAborted, type Parts, real } from "../_sync_bodies.ts";
import { Client, type ClientBug, serve } from "./client.ts";
import { Gate, type GateBug } from "./gate.ts";
import {
  Busy,
  Connecting,
  FirstOf,
  Flag,
  Greedy,
  Limited,
  ReadFour,
} from "./leaves.ts";

export interface Bug {
  name: string;
  /** In which ways a run with it may fail. */
  kinds: string[];
  options: SimTestOptions;
  body(hasBug: boolean): (sim: NetSim) => Generator<Future<unknown>> | void;
}

const many: SimTestOptions = { runs: 2000, schedule: random(), twice: false };

/** A mutex over a gate. */
function parts(bug: GateBug | null): Parts {
  return {
    ...real,
    mutex() {
      const gate = new Gate(1, bug);
      return {
        lock: () => gate.acquire() as ReturnType<Mutex<number>["lock"]>,
        tryLock: () => null,
        get isLocked() {
          return gate.free !== 1;
        },
      };
    },
  };
}

const gateBug = (
  name: GateBug,
  kinds: string[],
  body: (sim: Sim, parts: Parts) => void,
  options: SimTestOptions = {},
): Bug => ({
  name,
  kinds,
  options: { ...many, ...options },
  body: (hasBug) => (sim) => body(sim, parts(hasBug ? name : null)),
});

const clientBug = (
  name: ClientBug,
  body: (sim: NetSim, bug: ClientBug | null) => Generator<Future<unknown>>,
): Bug => ({
  name,
  kinds: ["failed"],
  options: { ...many, net: { latency: [1, 20], chunk: [1, 8] } },
  body: (hasBug) => (sim) => body(sim, hasBug ? name : null),
});

export const bugs: Bug[] = [
  gateBug("lost wake", ["deadlock"], mutex),
  gateBug("double grant", ["failed", "leak"], mutex),
  gateBug("permit lost on drop", ["deadlock", "leak"], mutexAborted),
  gateBug("place kept on drop", ["deadlock"], mutexAborted),
  gateBug("waker not replaced", ["deadlock"], mutex, {
    wakers: { spurious: 0.2 },
  }),
  gateBug("waker kept on drop", ["leak"], mutexAborted, {
    wakers: { ledger: true },
  }),
  clientBug("pooled too early", function* (sim, bug) {
    serve(sim, new Map());
    yield* sim.sleep(1);
    using client = new Client(sim, bug);
    for (const id of [1, 2, 3]) {
      const got = yield* client.ask(id);
      sim.always(
        "the answer is to this question",
        got === null || got.every((byte) => byte === id),
        got,
      );
    }
  }),
  clientBug("POST retried", function* (sim, bug) {
    const done = new Map<number, number>();
    serve(sim, done);
    sim.net.link("server", "client").resetAfterBytes(2, { probability: 0.1 });
    yield* sim.sleep(1);
    using client = new Client(sim, bug);
    for (const id of [1, 2, 3]) {
      yield* client.ask(id);
      sim.always("it was done once at most", (done.get(id) ?? 0) <= 1);
    }
  }),
  {
    name: "timer not cancelled",
    kinds: ["leak"],
    options: many,
    body: (hasBug) =>
      function* (sim) {
        yield* new Limited(sim.sleep(sim.random() * 20), 10, hasBug);
      },
  },
  {
    name: "self-deadlock",
    kinds: ["deadlock"],
    options: { ...many, schedule: pct({ depth: 2 }) },
    body: (hasBug) => (sim) => {
      const lock = new Mutex(0);
      for (let i = 0; i < 3; i++) {
        sim.spawn(function* () {
          using guard = yield* lock.lock();
          const before = guard.value++;
          yield* yieldNow();
          if (before < 2) return;
          // The third one to come looks again, with the lock in hand.
          if (hasBug) yield* lock.lock();
        });
      }
    },
  },
  {
    name: "lock order",
    kinds: ["deadlock"],
    options: many,
    body: (hasBug) => (sim) => {
      const [a, b] = [new Mutex(0), new Mutex(0)];
      for (const [one, two] of hasBug ? [[a, b], [b, a]] : [[a, b], [a, b]]) {
        sim.spawn(function* () {
          using _one = yield* one!.lock();
          yield* yieldNow();
          using _two = yield* two!.lock();
        });
      }
    },
  },
  {
    name: "unfair select",
    kinds: ["endless"],
    options: { ...many, steps: 2000 },
    body: (hasBug) =>
      function* (sim) {
        const stop = sim.spawn(yieldNow());
        for (let turn = 0;; turn++) {
          const first = new FirstOf(
            co(function* () {
              yield* yieldNow();
              return "more";
            }),
            co(function* () {
              yield* yieldNow();
              return stop.isFinished ? "stop" : "no";
            }),
            hasBug ? 0 : turn,
          );
          if ((yield* first) === "stop") return;
        }
      },
  },
  {
    name: "budget: nobody is woken",
    kinds: ["deadlock"],
    options: { ...many, taskBudget: 4 },
    body: (hasBug) =>
      function* (sim) {
        yield* new Busy(Math.floor(sim.random() * 8), hasBug);
      },
  },
  {
    name: "budget livelock",
    kinds: ["endless"],
    options: { ...many, taskBudget: 4, steps: 2000 },
    body: (hasBug) =>
      function* (sim) {
        let isThere = false;
        sim.spawn(function* () {
          yield* yieldNow();
          isThere = true;
        });
        yield* new Greedy(() => isThere, hasBug);
      },
  },
  {
    name: "read bytes lost on drop",
    kinds: ["failed"],
    options: { ...many, net: { latency: [1, 5], chunk: [1, 3] } },
    body: (hasBug) =>
      function* (sim) {
        sim.host("server", function* (host) {
          using listener = TcpListener.bind({
            hostname: host.address,
            port: 7,
            network: host,
          });
          using stream = yield* listener.accept();
          for (const byte of [1, 2]) {
            yield* stream.writeAll(new Uint8Array(4).fill(byte));
          }
          yield* stream.shutdown();
          yield* pending();
        });
        yield* sim.sleep(1);
        using stream = yield* TcpStream.connect("server:7", {
          network: sim.net,
        });
        const kept: number[] = [];
        let got = 0;
        for (;;) {
          const message = yield* race([
            new ReadFour(stream, hasBug ? null : kept),
            sim.sleep(3),
          ]);
          if (message === undefined) continue;
          if (message === null) break;
          got++;
          sim.always("a message is whole", new Set(message).size === 1);
        }
        sim.always("both have come", got === 2, got);
      },
  },
  {
    name: "leak on connect drop",
    kinds: ["leak"],
    options: { ...many, net: { latency: 10 } },
    body: (hasBug) =>
      function* (sim) {
        sim.host("server", function* (host) {
          using listener = TcpListener.bind({
            hostname: host.address,
            port: 7,
            network: host,
          });
          for (;;) (yield* listener.accept()).close();
        });
        yield* sim.sleep(1);
        const dial = sim.spawn(co(function* () {
          (yield* new Connecting(sim.net, hasBug)).close();
        }));
        yield* sim.sleep(sim.random() * 30);
        dial.abort();
      },
  },
  {
    name: "lost update",
    kinds: ["failed"],
    options: many,
    body: (hasBug) => (sim) => {
      const lock = new Mutex(0);
      let value = 0;
      for (let i = 0; i < 2; i++) {
        sim.spawn(function* () {
          using _guard = hasBug ? null : yield* lock.lock();
          const before = value;
          yield* yieldNow();
          value = before + 1;
        });
      }
      sim.atEnd(() => sim.always("both are counted", value === 2, value));
    },
  },
  {
    name: "look, then wait",
    kinds: ["deadlock"],
    options: many,
    body: (hasBug) => (sim) => {
      const flag = new Flag();
      sim.spawn(function* () {
        if (flag.isSet) return;
        if (hasBug) yield* yieldNow(); // meanwhile it may be set
        yield* flag.nextSet();
      });
      sim.spawn(function* () {
        yield* yieldNow();
        flag.set();
      });
    },
  },
];

/** Looks for a bug, or makes sure that there is none without it. */
export function search(
  bug: Bug,
  hasBug: boolean,
  options: SimTestOptions = {},
): Promise<ExploreReport> {
  return simulate({ ...bug.options, ...options }, bug.body(hasBug));
}
