// Small configurations of the pool of connections, in every order of their tasks.
import { type JoinHandle, yieldNow } from "../../executor/mod.ts";
import type { Sim } from "../../executor/sim/mod.ts";
import {
  co,
  type Context,
  type Future,
  Pending,
  type Poll,
  pollFn,
  type Waker,
} from "../../future/mod.ts";
import { checkSettings } from "../../net/http/_settings.ts";
import { LimitExceeded, type PoolOptions } from "../../net/http/mod.ts";
import type { Connection } from "../../net/http/pool/_connection.ts";
import { Pool } from "../../net/http/pool/_pool.ts";
import type { Ticket } from "../../net/http/pool/_ticket.ts";
import type { ByteStream } from "../../net/mod.ts";

/** A connection that brings nothing but its end. */
class Wire {
  readonly localAddr = { hostname: "10.0.0.1", port: 1 };
  readonly remoteAddr = { hostname: "10.0.0.2", port: 80 };
  closes = 0;
  #hasEnded = false;
  #waker: Waker | null = null;

  pollFillBuf(cx: Context): Poll<Uint8Array | null> {
    if (this.#hasEnded) return null;
    this.#waker = cx.waker;
    return Pending;
  }

  consume(): void {}
  ref(): void {}
  unref(): void {}

  /** The server closes it. */
  end(): void {
    this.#hasEnded = true;
    this.#waker?.wake();
  }

  close(): void {
    this.closes++;
  }
}

/** What a request does with its connection. */
export interface Use {
  key?: string;
  /** How it ends: the connection is whole by default. */
  ends?: "whole" | "broken" | "undialled" | "unread";
}

/**
 * A pool, and requests that use it as `HttpClient`'s do. What must hold is checked
 * whenever one of them has done something to it.
 */
export class Model {
  readonly #sim: Sim;
  readonly #limits: { maxPerOrigin: number; maxTotal: number };
  readonly pool: Pool;
  readonly wires: Wire[] = [];
  readonly #keys = new Set<string>();
  /** Who stood in line at the last look, by place. */
  readonly #lines = new Map<string, Ticket[]>();
  /** Who has given up its place. */
  readonly #left = new Set<Ticket>();
  served = 0;
  refused = 0;

  constructor(sim: Sim, options: PoolOptions) {
    const { maxPerOrigin = 1, maxTotal = 1 } = options;
    this.#sim = sim;
    this.#limits = { maxPerOrigin, maxTotal };
    const pool = { ...options, maxPerOrigin, maxTotal };
    this.pool = new Pool(checkSettings({ pool }), () => {});
    sim.atEnd(() => this.#settled());
  }

  /** Does something to the pool, and looks whether all is well. */
  do<T>(what: () => T): T {
    try {
      return what();
    } finally {
      this.check();
    }
  }

  /** A request, from the line to the end of its response. */
  request({ key = "a", ends = "whole" }: Use = {}): Future<void> {
    // deno-lint-ignore no-this-alias -- generators have no `this` of their own
    const model = this;
    const { pool } = this;
    this.#keys.add(key);
    return co(function* () {
      const place = pool.place(key);
      let held: Ticket | "dial" | Connection | null = null;
      try {
        const line = place.waiting.size;
        held = model.do(() => pool.take(place, false, model.#sim.now()));
        model.#sim.always("nobody jumps a line", held === null || line === 0);
        if (held === null) {
          const ticket: Ticket = model.do(() => pool.queue(place));
          held = ticket;
          held = yield* pollFn((cx) => ticket.poll(cx));
        }
        if (held === "dial") {
          yield* yieldNow();
          if (ends === "undialled") return;
          const wire = new Wire();
          model.wires.push(wire);
          const stream = wire as unknown as ByteStream;
          held = model.do(() => pool.dialled(place, stream, "GET"));
        }
        yield* yieldNow();
        const connection: Connection = held;
        held = null;
        model.served++;
        model.do(() => model.#giveBack(connection, ends));
      } catch (error) {
        if (!(error instanceof LimitExceeded)) throw error;
        model.refused++;
      } finally {
        model.#letGo(held, key);
      }
    });
  }

  #giveBack(connection: Connection, ends: Use["ends"]): void {
    switch (ends) {
      case "broken":
        this.pool.discard(connection, "it broke");
        return;
      case "unread":
        this.pool.beginDrain(connection, 100);
        return;
      default:
        this.pool.putBack(connection, this.#sim.now());
    }
  }

  /** What a request had when it was dropped, or has failed. */
  #letGo(held: Ticket | "dial" | Connection | null, key: string): void {
    if (held === null) return;
    this.do(() => {
      if (held === "dial") this.pool.undialled(this.pool.place(key));
      else if ("drop" in held) {
        this.#left.add(held);
        held.drop();
      } else this.pool.discard(held, "its request was dropped");
    });
  }

  check(): void {
    const { maxPerOrigin, maxTotal } = this.#limits;
    const { connections, dialling, waiting } = this.pool.snapshot();
    const places = [...this.#keys].map((key) => this.pool.place(key));
    const open = connections.length + dialling;
    const sum = (of: (place: typeof places[number]) => number) =>
      places.reduce((all, place) => all + of(place), 0);
    const { always } = bound(this.#sim);
    always("the whole is within its bound", open <= maxTotal, open);
    always("each open one counts for a place", open === sum((p) => p.size));
    always("all who wait are counted", waiting === sum((p) => p.waiting.size));
    const resting = connections.some(({ state }) => state === "idle");
    always("nothing rests once it is closed", this.pool.isOpen || !resting);
    let served = 0;
    for (const { key, waiting } of places) {
      served = Math.max(served, this.#lookAtLine(key, [...waiting]));
    }
    for (const { size, idle, waiting } of places) {
      always("a place is within its bound", size <= maxPerOrigin, size);
      if (waiting.size === 0) continue;
      always("nobody waits beside a free connection", idle.length === 0);
      if (size >= maxPerOrigin) continue;
      always("nobody waits beside room", open >= maxTotal);
      for (const { number } of waiting) {
        always("first come, first served, at all hosts", number > served);
      }
      always("nobody waits for the room of one that rests", !resting);
    }
  }

  /** Whoever has got something had nobody before it; the last who has. */
  #lookAtLine(key: string, now: Ticket[]): number {
    let isPassed = false;
    let served = 0;
    for (const ticket of this.#lines.get(key) ?? []) {
      if (now.includes(ticket)) isPassed = true;
      else if (!this.#left.has(ticket)) {
        this.#sim.always("first come, first served", !isPassed);
        served = ticket.number;
      }
    }
    this.#lines.set(key, now);
    return served;
  }

  #settled(): void {
    const { connections, dialling, waiting } = this.pool.snapshot();
    const { always } = bound(this.#sim);
    always("nothing is open in the end", connections.length + dialling === 0);
    always("nobody is in line in the end", waiting === 0, waiting);
    for (const key of this.#keys) {
      const { size } = this.pool.place(key);
      always("all room is free in the end", size === 0, size);
    }
    for (const { closes } of this.wires) {
      always("each connection is closed, once", closes === 1, closes);
    }
  }
}

function bound(sim: Sim): Pick<Sim, "always"> {
  return { always: (...given) => sim.always(...given) };
}

/** What happens besides, at whatever moment the schedule gives it. */
function meanwhile(sim: Sim, act: () => void): JoinHandle<void> {
  return sim.spawn(co(function* () {
    yield* yieldNow();
    act();
  }));
}

interface Configuration {
  options?: PoolOptions;
  requests: Use[];
  /** What goes on beside the requests. */
  beside?: (model: Model, tasks: JoinHandle<void>[], sim: Sim) => void;
  /** How many requests are served at least, whatever the order. */
  served: number;
  refused?: number;
}

const same: Use[] = [{}, {}, {}];

export const configurations: Record<string, Configuration> = {
  "three for one connection": { requests: same, served: 3 },
  "three for two connections": {
    options: { maxPerOrigin: 2, maxTotal: 2 },
    requests: same,
    served: 3,
  },
  "a line of one": {
    options: { maxQueue: 1 },
    requests: same,
    served: 2,
    refused: 1,
  },
  "two hosts, and room for one": {
    requests: [{ key: "a" }, { key: "b" }, { key: "a" }],
    served: 3,
  },
  "two hosts, and room for two": {
    options: { maxPerOrigin: 1, maxTotal: 2 },
    requests: [{ key: "a" }, { key: "a" }, { key: "b" }],
    served: 3,
  },
  "three hosts, and room for one": {
    requests: [{ key: "a" }, { key: "b", ends: "broken" }, { key: "c" }],
    served: 3,
  },
  "two hosts, and a body that is left unread": {
    requests: [{ key: "b", ends: "unread" }, { key: "a" }, { key: "a" }],
    served: 3,
  },
  "a connection that breaks": {
    requests: [{ ends: "broken" }, {}, {}],
    served: 3,
  },
  "a dial that leads nowhere": {
    requests: [{ ends: "undialled" }, {}, {}],
    served: 2,
  },
  "a body that is left unread, and takes too long": {
    requests: [{ ends: "unread" }, {}],
    served: 2,
  },
  "idle ones are not kept": {
    options: { idle: 0 },
    requests: same,
    served: 3,
  },
  "the server closes a connection": {
    requests: [{}, {}],
    served: 2,
    beside: (model, _tasks, sim) =>
      void meanwhile(sim, () => model.do(() => model.wires[0]?.end())),
  },
  "a request is dropped": {
    requests: same,
    served: 2,
    beside: (_model, [, victim], sim) =>
      void meanwhile(sim, () => victim!.abort()),
  },
  "a request is dropped, and two hosts share the room": {
    requests: [{ key: "a" }, { key: "b" }, { key: "a" }],
    served: 2,
    beside: (_model, [victim], sim) =>
      void meanwhile(sim, () => victim!.abort()),
  },
  "the client is closed": {
    requests: [{}, {}],
    served: 2,
    beside: (model, _tasks, sim) =>
      void meanwhile(sim, () => model.do(() => model.pool.close())),
  },
  "idle ones are closed": {
    requests: [{}, {}],
    served: 2,
    beside: (model, _tasks, sim) =>
      void meanwhile(sim, () => model.do(() => model.pool.closeIdle())),
  },
};

/** One run of a configuration. */
export function body(
  { options = {}, requests, beside, served, refused = 0 }: Configuration,
): (sim: Sim) => void {
  return (sim) => {
    const model = new Model(sim, options);
    const tasks = requests.map((use) => sim.spawn(model.request(use)));
    beside?.(model, tasks, sim);
    sim.atEnd(() => {
      sim.always("all are served", model.served >= served, model.served);
      sim.always("few are refused", model.refused <= refused, model.refused);
      sim.sometimes("all can be", model.served === requests.length - refused);
      if (refused > 0) sim.sometimes("one is refused", model.refused > 0);
    });
  };
}
