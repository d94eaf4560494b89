import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { yieldNow } from "../../../executor/mod.ts";
import {
  cancelEverywhere,
  type CancelOptions,
  explore,
  httpFixture,
  type NetSim,
  random,
  type Sim,
  SimFailure,
} from "../../../net/sim/mod.ts";
import { sleep } from "../../../executor/time/mod.ts";
import {
  co,
  type Context,
  fromPromise,
  Future,
  Pending,
  type Poll,
  ready,
  type Waker,
} from "../../../future/mod.ts";
import { Semaphore } from "../../../future/sync/mod.ts";
import { HttpClient } from "../../../net/http/mod.ts";
import { TcpListener, TcpStream } from "../../../net/mod.ts";
import { FirstOf } from "../../sim/_bugs/leaves.ts";
import { Steps } from "../../executor/sim/_bodies.ts";

/** Notes how many polls it had when it was dropped; none if it ended. */
class Noted extends Steps {
  constructor(polls: number, readonly log: string[]) {
    super(polls, () => this.polls++);
  }
  polls = 0;

  override [Symbol.dispose](): void {
    this.log.push(`dropped after ${this.polls}`);
  }
}

Deno.test("cancelEverywhere: a future of N polls is run N + 1 times for each moment", () => {
  for (const polls of [1, 2, 5]) {
    for (const moments of [["polled"], ["polled", "woken"]] as const) {
      const log: string[] = [];
      const report = cancelEverywhere(() => new Noted(polls, log), { moments });
      assertEquals(report.polls, polls);
      const drops = (from: number) =>
        Array.from(
          { length: polls - from },
          (_, i) => `dropped after ${i + from}`,
        );
      assertEquals(
        log,
        moments.length === 1 ? drops(0) : [...drops(0), ...drops(1)],
      );
      assertEquals(report.runs, log.length + 1);
    }
  }
});

Deno.test("cancelEverywhere: right after the poll, or with what was granted since", () => {
  const log: string[] = [];
  const scene = (sim: Sim) => {
    let granted = false;
    sim.spawn(function* () {
      yield* sim.sleep(1);
      granted = true;
    });
    const future = sleep(2);
    const dispose = future[Symbol.dispose].bind(future);
    future[Symbol.dispose] = () => {
      log.push(granted ? "granted" : "not yet");
      dispose();
    };
    return future;
  };
  cancelEverywhere(scene, { moments: ["polled"] });
  assertEquals(log, ["not yet", "not yet"]); // before the first, after it
  log.length = 0;
  cancelEverywhere(scene, { moments: ["woken"] });
  assertEquals(log, ["granted"]);
});

/** Takes a permit, and forgets to give it back if dropped at a bad moment. */
function careless(sim: Sim): Future<unknown> {
  const semaphore = new Semaphore(1);
  sim.ledger("permits", () => 1 - semaphore.availablePermits);
  return co(function* () {
    const permit = yield* semaphore.acquire();
    yield* yieldNow();
    try {
      yield* yieldNow();
    } finally {
      permit.release();
    }
  });
}

Deno.test("cancelEverywhere: a permit that is lost is found, and it says after which poll", () => {
  const failure = assertThrows(() => cancelEverywhere(careless), SimFailure);
  assertEquals(failure.kind, "leak");
  assertStringIncludes(failure.message, "dropped after 1 polls, polled");
  assertStringIncludes(failure.message, "leak: permits: 1 are left");
});

Deno.test("cancelEverywhere: who waits for what the dropped one had to do is a deadlock", () => {
  const failure = assertThrows(() =>
    cancelEverywhere((sim) => {
      const done = new Semaphore(0);
      sim.spawn(done.acquire(), { name: "next" });
      return co(function* () {
        yield* yieldNow();
        done.addPermits(1);
      });
    }), SimFailure);
  assertEquals(failure.kind, "deadlock");
  assertStringIncludes(failure.message, '"next"');
});

Deno.test("cancelEverywhere: a failure counts, unless it may fail; it is no reason not to drop it before", () => {
  const log: string[] = [];
  const failing = () =>
    co(function* () {
      yield* new Noted(2, log);
      throw new RangeError("in the end");
    });
  assertThrows(() => cancelEverywhere(failing), SimFailure, "in the end");
  log.length = 0;
  const report = cancelEverywhere(failing, {
    mayFail: true,
    moments: ["polled"],
  });
  assertEquals(report, { polls: 2, runs: 3 });
  assertEquals(log, ["dropped after 1"]);
});

Deno.test("cancelEverywhere: what a drop throws is a failure", () => {
  class Bad extends Future<void> {
    override poll(): Poll<void> {}
    override [Symbol.dispose](): void {
      throw new TypeError("not like this");
    }
  }
  const failure = assertThrows(
    () => cancelEverywhere(() => new Bad()),
    SimFailure,
    "not like this",
  );
  assertStringIncludes(failure.message, "dropped after 0 polls");
});

Deno.test("cancelEverywhere: with a schedule it tries each moment in several orders", () => {
  const options: CancelOptions = { schedule: random(), runs: 10 };
  const report = cancelEverywhere(() => new Steps(3), options);
  assertEquals(report, { polls: 3, runs: 10 * (1 + 3 + 2) });
});

Deno.test("cancelEverywhere: a future that takes more polls than allowed, or a promise, is refused", () => {
  assertThrows(
    () => cancelEverywhere(() => new Steps(11), { polls: 10 }),
    RangeError,
    "takes 11 polls",
  );
  assertThrows(
    () => cancelEverywhere(() => fromPromise(() => Promise.resolve())),
    SimFailure,
    "native promise",
  );
  assertThrows(
    () => cancelEverywhere(() => ready(1), { polls: 0 }),
    RangeError,
    "Cannot cancel everywhere",
  );
});

/** A bell as one would write it first: whether it forgets who was dropped. */
class Bell {
  waker: Waker | null = null;
  rings = 0;

  constructor(readonly forgets: boolean) {}

  ring(): void {
    this.rings++;
    const waker = this.waker;
    this.waker = null;
    waker?.wake();
  }

  heard(): Future<void> {
    return new Heard(this);
  }
}

class Heard extends Future<void> {
  readonly #before: number;

  constructor(readonly bell: Bell) {
    super();
    this.#before = bell.rings;
  }

  override poll(cx: Context): Poll<void> {
    const { bell } = this;
    if (bell.rings > this.#before) return;
    if (!bell.waker?.willWake(cx.waker)) bell.waker = cx.waker;
    return Pending;
  }

  override [Symbol.dispose](): void {
    if (this.bell.forgets) this.bell.waker = null;
  }
}

/** How the bell is used once the one who waited for it is gone. */
const uses: Record<string, (sim: Sim, bell: Bell) => void> = {
  called: (sim, bell) => {
    sim.spawn(function* () {
      yield* sim.sleep(3);
      bell.ring();
    });
  },
  "compared with another": (sim, bell) => {
    sim.spawn(function* () {
      yield* sim.sleep(2);
      sim.platform.setTimer(1, () => bell.ring());
      yield* bell.heard();
    });
  },
};

for (const [how, use] of Object.entries(uses)) {
  Deno.test(`cancelEverywhere: a waker kept of who was dropped is found when it is ${how}`, () => {
    const scene = (forgets: boolean) => (sim: Sim) => {
      const bell = new Bell(forgets);
      use(sim, bell);
      return new FirstOf(bell.heard(), sim.sleep(1), 0);
    };
    assertEquals(cancelEverywhere(scene(true)).polls, 2);
    const failure = assertThrows(
      () => cancelEverywhere(scene(false)),
      SimFailure,
      `leak: a waker of the future was ${how} after its end`,
    );
    assertEquals(failure.kind, "leak");
    // It had come to its end: that, too, is when a waker is let go.
    assertStringIncludes(failure.message, "without a drop");
    assertEquals(cancelEverywhere(scene(false), { lends: true }).polls, 2);
  });

  Deno.test(`explore: with a ledger, a waker kept of a task that ended is found when it is ${how}`, () => {
    const body = (forgets: boolean) => (sim: Sim) => {
      const bell = new Bell(forgets);
      use(sim, bell);
      const waiting = sim.spawn(bell.heard());
      sim.platform.setTimer(1, () => waiting.abort());
    };
    const options = { runs: 1, wakers: { fresh: false, ledger: true } };
    explore(options, body(true));
    explore({ ...options, wakers: {} }, body(false));
    const failure = assertThrows(
      () => explore(options, body(false)),
      SimFailure,
      `leak: a waker of task 3 was ${how} after the task's end`,
    );
    assertEquals(failure.kind, "leak");
  });
}

Deno.test("cancelEverywhere: a future may wake itself while it is dropped", () => {
  class Farewell extends Future<void> {
    #waker: Waker | null = null;
    override poll(cx: Context): Poll<void> {
      if (this.#waker !== null) return;
      this.#waker = cx.waker;
      cx.waker.wake();
      return Pending;
    }
    override [Symbol.dispose](): void {
      this.#waker?.wake();
      this.#waker = null;
    }
  }
  assertEquals(cancelEverywhere(() => new Farewell()).polls, 2);
});

/** More than comes with the head. */
const BODY = "x".repeat(300_000);

Deno.test("cancelEverywhere: sockets are counted, those of a client too", () => {
  const failing = (
    what: string,
    leaks: (sim: NetSim) => Generator<Future<unknown>, void>,
  ) =>
    assertThrows(
      () => cancelEverywhere((sim) => (web(sim), co(() => leaks(sim)))),
      SimFailure,
      `leak: ${what}`,
    );
  const web = (sim: NetSim) => sim.host("a.test", httpFixture(BODY));
  failing("open streams: 1 are left", function* (sim) {
    yield* TcpStream.connect("a.test:80", { network: sim.net });
  });
  failing("open listeners: 1 are left", function* (sim) {
    TcpListener.bind({ port: 1, network: sim.net });
    yield* yieldNow();
  });
  failing("open streams: 1 are left", function* (sim) {
    const response = yield* sim.client().get("http://a.test/");
    response.stream(); // which nobody reads, or drops
  });
  const report = cancelEverywhere((sim) => {
    web(sim);
    return co(function* () {
      using response = yield* sim.client().get("http://a.test/");
      assertEquals(yield* response.text(), BODY);
    });
  }, { net: { latency: 1, chunk: 100_000 } });
  assert(report.polls > 5);
});

Deno.test("cancelEverywhere: what a client's pool counts must come to nothing", () => {
  const { snapshot } = HttpClient.prototype;
  HttpClient.prototype.snapshot = function () {
    return { ...snapshot.call(this), waiting: 1 };
  };
  try {
    assertThrows(
      () => cancelEverywhere((sim) => (sim.client(), yieldNow())),
      SimFailure,
      "leak: connections of a client: 1 are left",
    );
  } finally {
    HttpClient.prototype.snapshot = snapshot;
  }
});

Deno.test("cancelEverywhere: a future is polled with the budget of its task", () => {
  const asked: boolean[] = [];
  class Asking extends Future<void> {
    override poll(cx: Context): Poll<void> {
      asked.push(cx.budget!.spend(), cx.budget!.spend());
    }
  }
  cancelEverywhere(() => new Asking(), { taskBudget: 1 });
  assertEquals(asked, [true, false]);
});

Deno.test("explore: with a ledger, a task may wake itself while it is dropped, and an old waker still wakes", () => {
  const options = { runs: 1, wakers: { fresh: false, ledger: true } };
  explore(options, (sim) => {
    let waker: Waker | null = null;
    const wake = () => waker!.wake();
    class Stubborn extends Future<void> {
      #polls = 0;
      override poll(cx: Context): Poll<void> {
        waker ??= cx.waker; // the first one, as the contract does not allow
        if (++this.#polls < 3) return Pending;
      }
    }
    class Farewell extends Future<void> {
      #waker: Waker | null = null;
      override poll(cx: Context): Poll<void> {
        this.#waker = cx.waker;
        return Pending;
      }
      override [Symbol.dispose](): void {
        this.#waker!.wake();
      }
    }
    sim.spawn(new Stubborn());
    sim.platform.setTimer(1, wake);
    sim.platform.setTimer(2, wake);
    const leaving = sim.spawn(new Farewell());
    sim.platform.setTimer(3, () => leaving.abort());
  });
});
