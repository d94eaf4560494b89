import {
  assert,
  assertEquals,
  assertFalse,
  assertNotEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { run, shutdown, yieldNow } from "../../../executor/mod.ts";
import {
  dfs,
  explore,
  type ExploreOptions,
  fifo,
  pct,
  random,
  type Sim,
  SimFailure,
  type SimProgram,
} from "../../../executor/sim/mod.ts";
import { sleep } from "../../../executor/time/mod.ts";
import {
  co,
  type Context,
  fromPromise,
  Future,
  join,
  Pending,
  pending,
  pollFn,
  ready,
  type Waker,
} from "../../../future/mod.ts";
import {
  forward,
  fromAsyncIterable,
  fromWritableStream,
  iter,
} from "../../../future/stream/mod.ts";
import { Mutex, Notify } from "../../../future/sync/mod.ts";
import { Steps } from "./_bodies.ts";

function failureOf(
  body: (sim: Sim) => SimProgram,
  options: ExploreOptions = {},
): SimFailure {
  return assertThrows(() => void explore(options, body), SimFailure);
}

/** Two tasks that read, wait and write. */
function lostUpdate(sim: Sim): void {
  let value = 0;
  const add = () =>
    co(function* () {
      yield* new Steps(3);
      const before = value;
      yield* yieldNow();
      value = before + 1;
    });
  sim.spawn(add(), { name: "one" });
  sim.spawn(new Steps(5), { name: "idler" });
  sim.spawn(add(), { name: "two" });
  sim.atEnd(() => sim.always("both are counted", value === 2, value));
}

Deno.test("explore: a body may be a generator, a future, or start tasks alone", () => {
  const log: string[] = [];
  const options = { runs: 1 };
  explore(options, function* (sim) {
    yield* sim.sleep(5);
    log.push(`generator ${sim.now()}`);
  });
  explore(options, (sim) => {
    sim.spawn(sim.sleep(3));
    sim.atEnd(() => log.push(`tasks ${sim.now()}`));
  });
  explore(options, (sim) => {
    sim.atEnd(() => log.push(`future ${sim.now()}`));
    return sleep(7);
  });
  assertEquals(log, ["generator 5", "tasks 3", "future 7"]);
});

Deno.test("explore: time jumps; each run starts at 0 and has a seed of its own", () => {
  const seen: string[] = [];
  explore({ runs: 3, seed: 7 }, function* (sim) {
    const start = sim.now();
    yield* sim.sleep(86_400_000);
    seen.push(`${sim.seed}: ${start} to ${sim.now()}`);
  });
  assertEquals(seen, ["7", "8", "9"].map((seed) => `${seed}: 0 to 86400000`));
});

Deno.test("explore: a schedule that is gone through has one seed", () => {
  const seeds = new Set<number>();
  const draws = new Set<number>();
  explore({ schedule: dfs(), seed: 5 }, (sim) => {
    seeds.add(sim.seed);
    sim.spawn(new Steps(2, () => draws.add(sim.random())));
    sim.spawn(new Steps(2));
  });
  assertEquals([...seeds], [5]);
  assertEquals(draws.size, 2);
});

Deno.test("explore: what a body throws fails the run, with the error as its cause", () => {
  const error = new RangeError("too much");
  const throwing: ((sim: Sim) => SimProgram)[] = [
    () => {
      throw error;
    },
    function* () {
      yield* yieldNow();
      throw error;
    },
    (sim) =>
      void sim.spawn(function* () {
        yield* sim.sleep(1);
        throw error;
      }),
    (sim) =>
      sim.atEnd(() => {
        throw error;
      }),
  ];
  for (const body of throwing) {
    const failure = failureOf(body);
    assertEquals(failure.kind, "failed");
    assertEquals(failure.cause, error);
    assertEquals(failure.run, 1);
    assertStringIncludes(failure.message, "too much");
  }
});

Deno.test("explore: a failure that is joined is the joiner's affair", () => {
  explore({ runs: 20 }, function* (sim) {
    const task = sim.spawn(function* () {
      yield* yieldNow();
      throw new Error("expected");
    });
    try {
      yield* task;
    } catch {
      return;
    }
    throw new Error("it did not fail");
  });
});

Deno.test("explore: a deadlock names each task, where it was spawned and what it waits for", () => {
  const failure = failureOf(function* (sim) {
    const a = new Mutex("a");
    const b = new Mutex("b");
    const take = (first: Mutex<string>, second: Mutex<string>) =>
      co(function* () {
        using _first = yield* first.lock();
        yield* yieldNow();
        using _second = yield* second.lock();
      });
    yield* join([
      sim.spawn(take(a, b), { name: "philosopher a" }),
      sim.spawn(take(b, a), { name: "philosopher b" }),
    ]);
  });
  assertEquals(failure.kind, "deadlock");
  const text = failure.message;
  assertStringIncludes(text, "deadlock");
  for (const name of ["main", "philosopher a", "philosopher b"]) {
    assertStringIncludes(text, `"${name}"`);
  }
  assertStringIncludes(text, "explore_test.ts:");
  assertStringIncludes(text, "Mutex.lock (in line for the lock)");
});

Deno.test("explore: who waits for ever though others go on is no deadlock, until they end", () => {
  const failure = failureOf((sim) => {
    sim.spawn(pending(), { name: "waits" });
    sim.spawn(sim.sleep(1000));
  }, { runs: 1 });
  assertEquals(failure.kind, "deadlock");
  assertStringIncludes(failure.trace.at(-1)!, "1000 ms");
});

Deno.test("explore: a task in the background may wait for ever, and is aborted at the end", () => {
  let dropped = 0;
  explore({ runs: 5 }, function* (sim) {
    sim.spawn(function* () {
      try {
        for (;;) yield* sim.sleep(1);
      } finally {
        dropped++;
      }
    }, { background: true });
    yield* sim.sleep(10);
  });
  assertEquals(dropped, 5);
});

Deno.test("explore: a run without end is stopped", () => {
  const spin = failureOf(
    () =>
      pollFn((cx) => {
        cx.waker.wake();
        return Pending;
      }),
    { steps: 5000 },
  );
  assertEquals(spin.kind, "endless");
  const ticking = failureOf(function* (sim) {
    for (;;) yield* sim.sleep(1);
  }, { steps: 500 });
  assertEquals(ticking.kind, "endless");
});

Deno.test("explore: what a ledger counts must be 0 at the end", () => {
  const failure = failureOf((sim) => {
    sim.ledger("cups", () => 0);
    sim.ledger("spoons", () => 2);
  });
  assertEquals(failure.kind, "leak");
  assertStringIncludes(failure.message, "leak: spoons: 2 are left");
});

Deno.test("explore: a timer that is left armed is a leak", () => {
  const failure = failureOf(() => {
    const timer = sleep(5);
    return pollFn((cx) => {
      timer.poll(cx);
    });
  });
  assertEquals(failure.kind, "leak");
  assertStringIncludes(failure.message, "timers: 1");
});

Deno.test("explore: always fails the run even if what it throws is caught", () => {
  const failure = failureOf((sim) => {
    try {
      sim.always("two is one", false, { got: 2 });
    } catch {
      // swallowed
    }
  });
  assertStringIncludes(
    failure.message,
    'It does not hold that two is one: {"got":2}',
  );
});

Deno.test("explore: sometimes must have held in some run", () => {
  let run = 0;
  explore({ runs: 10 }, (sim) => {
    run++;
    sim.sometimes("the third run", run === 3);
  });
  const failure = failureOf((sim) => {
    sim.sometimes("true at times", sim.random() < 0.5);
    sim.sometimes("pigs fly", false);
  }, { runs: 20 });
  assertEquals(failure.kind, "never");
  assertStringIncludes(
    failure.message,
    'in none of 20 runs it held that "pigs fly"\n  options: {"schedule":"random()"',
  );
  assertFalse(failure.message.includes("true at times"));
});

for (const schedule of [random(), pct(), dfs({ preemptions: 2 })]) {
  Deno.test(`explore: a lost update is found by ${schedule.name}, simplified, and repeated`, () => {
    const failure = failureOf(lostUpdate, { schedule, seed: 1 });
    const [, choices] = failure.replay.split(":");
    const departures = choices!.split(".").filter((each) =>
      /^[1-9]/.test(each)
    );
    assert(departures.length <= 2, failure.replay);
    const again = failureOf(lostUpdate, { replay: failure.replay });
    assertEquals(again.kind, "failed");
    assertEquals(again.trace, failure.trace);
    assertStringIncludes(again.message, "both are counted: 1");
  });
}

Deno.test("explore: a replay of a run that passes passes, and is one run", () => {
  const report = explore({ replay: "1:0x9.1.1" }, (sim) => {
    sim.spawn(new Steps(3));
    sim.spawn(new Steps(3));
  });
  assertEquals(report.runs, 1);
  assertFalse(report.isExhaustive);
});

Deno.test("explore: a replay that cannot be read is refused", () => {
  for (const replay of ["", "1", "1:", "x:0", "1:zero"]) {
    assertThrows(() => explore({ replay }, () => {}), SyntaxError);
  }
});

Deno.test("explore: a failure shows the options, what repeats it, and what happened", () => {
  const { message, trace } = failureOf(lostUpdate, {
    schedule: pct({ depth: 2 }),
    seed: 40,
  });
  assertStringIncludes(message, "pct({ depth: 2 })");
  assertStringIncludes(message, '"seed":40');
  assertStringIncludes(message, 'replay: "');
  for (const what of ["spawn task", "poll  task", "end   task", "fail  "]) {
    assert(trace.some((line) => line.includes(what)), what);
    assertStringIncludes(message, what);
  }
});

Deno.test("explore: notes are in the trace, and cost nothing without one", () => {
  let made = 0;
  const note = (text: string) => () => {
    made++;
    return text;
  };
  explore({ runs: 10 }, (sim) => sim.note(note("unseen")));
  assertEquals(made, 0);
  const { trace } = failureOf(function* (sim) {
    sim.note("plain");
    yield* sim.sleep(12.5);
    sim.note(note("made"));
    throw new Error("now");
  });
  assert(trace.includes("        0 ms  note  plain"), trace.join("\n"));
  assert(trace.includes("     12.5 ms  note  made"), trace.join("\n"));
});

Deno.test("explore: a body that is not deterministic is told so, with its failure", () => {
  let runs = 0;
  const failure = failureOf(() => {
    if (++runs === 5) throw new Error("only once");
  });
  assertEquals(failure.kind, "not deterministic");
  assertStringIncludes(failure.message, "only once");
  assertEquals((failure.cause as Error).message, "only once");
});

Deno.test("explore: the same options give the same digest, another seed another", () => {
  const hash = (options: ExploreOptions) =>
    explore({ runs: 50, ...options }, function* (sim) {
      const tasks = Array.from({ length: 4 }, () =>
        sim.spawn(function* () {
          for (let i = 0; i < 3; i++) yield* sim.sleep(sim.random() * 10);
        }));
      yield* join(tasks);
    }).hash;
  assertEquals(hash({}), hash({}));
  assertNotEquals(hash({ seed: 1 }), hash({ seed: 2 }));
  assertNotEquals(hash({ schedule: fifo() }), hash({ schedule: random() }));
});

Deno.test("explore: the order matters to the digest", () => {
  const hashes = new Set<number>();
  let last = 0;
  for (const replay of ["1:0", "1:1", "1:0.1", "1:1.1"]) {
    last = explore({ replay }, (sim) => {
      sim.spawn(new Steps(2));
      sim.spawn(new Steps(2));
    }).hash;
    hashes.add(last);
  }
  assertEquals(hashes.size, 4);
});

Deno.test("explore: what is due outside can come before a ready task, at the same time only", () => {
  const orders = new Set<string>();
  explore({ schedule: dfs() }, (sim) => {
    let order = "";
    sim.platform.setTimer(0, () => order += "now ");
    sim.platform.setTimer(1, () => order += "later ");
    sim.spawn(new Steps(2, () => order += "poll "));
    sim.atEnd(() => void orders.add(order.trim()));
    return sleep(2);
  });
  assertEquals(
    [...orders].sort(),
    ["now poll poll later", "poll now poll later", "poll poll now later"],
  );
});

Deno.test("explore: options out of range are refused", () => {
  const bad: ExploreOptions[] = [
    { runs: 0 },
    { runs: 1.5 },
    { seed: -1 },
    { steps: 0 },
    { taskBudget: 0 },
    { shrink: -1 },
    { wakers: { spurious: 1 } },
    { wakers: { spurious: -0.1 } },
    { wakers: { delayed: 2 } },
    { wakers: { duplicated: NaN } },
    { wakers: { delay: Infinity } },
    { wakers: { delay: -1 } },
  ];
  for (const options of bad) {
    assertThrows(
      () => explore(options, () => {}),
      RangeError,
      "Cannot explore",
      JSON.stringify(options),
    );
  }
});

/** Completes when told to; keeps the waker of its first poll. */
class KeepsFirst extends Future<void> {
  #waker: Waker | null = null;
  #told = false;

  tell(): void {
    this.#told = true;
    this.#waker?.wake();
  }

  override poll(cx: Context) {
    if (this.#told) return;
    this.#waker ??= cx.waker;
    return Pending;
  }
}

Deno.test("wakers: who keeps the first waker instead of the last is found out", () => {
  const body = (sim: Sim) => {
    const future = new KeepsFirst();
    sim.spawn(future);
    sim.spawn(function* () {
      yield* sim.sleep(10);
      future.tell();
    });
  };
  explore({ runs: 50 }, body);
  const failure = failureOf(body, { runs: 50, wakers: { spurious: 0.3 } });
  assertEquals(failure.kind, "deadlock");
  // The wakers are as they should be, if the future is.
  explore({ runs: 50, wakers: { spurious: 0.3, late: true } }, (sim) => {
    const notify = new Notify();
    sim.spawn(notify.notified());
    sim.spawn(function* () {
      yield* sim.sleep(10);
      notify.notifyOne();
    });
  });
});

Deno.test("wakers: they can be late, doubled, and called long after, and polls come for nothing", () => {
  let polls = 0;
  let delays = 0;
  explore({
    runs: 100,
    wakers: {
      spurious: 0.2,
      delayed: 0.5,
      duplicated: 0.5,
      delay: 3,
      late: true,
    },
  }, function* (sim) {
    const counted = pollFn(function (this: void, cx: Context) {
      polls++;
      return timer.poll(cx);
    });
    const timer = sleep(10);
    yield* counted;
    if (sim.now() > 10) delays++;
    yield* join([ready(1), sim.sleep(1)]);
  });
  assert(polls > 210, `${polls} polls where 200 would do`);
  assert(delays > 10 && delays < 90, `${delays} of 100 were late`);
});

Deno.test("explore: a native promise is an error that names who met it", async () => {
  const late = Promise.reject(new Error("nobody hears of it"));
  late.catch(() => {});
  const waits: [what: string, make: () => Future<unknown>][] = [
    ["fromPromise", () => fromPromise(() => Promise.resolve(1))],
    ["fromPromise", () => fromPromise(late)],
    ["a stream of promises", () =>
      fromAsyncIterable((async function* () {
        yield await Promise.resolve(1);
      })()).next()],
    [
      "fromWritableStream",
      () => forward(iter([1]), fromWritableStream(new WritableStream())),
    ],
  ];
  for (const [what, make] of waits) {
    const failure = failureOf((sim) => {
      sim.spawn(
        co(function* () {
          yield* make();
        }),
        { name: "impatient" },
      );
    }, { runs: 3 });
    assertEquals(failure.kind, "failed", failure.message);
    assertStringIncludes(
      failure.message,
      `Cannot wait for a native promise in a simulation: ${what} in task 2 "impatient"`,
    );
  }
  await Promise.resolve(); // outside of a simulation all is as ever
  assertEquals(await run(fromPromise(() => Promise.resolve(1))), 1);
});

Deno.test("explore: a signal reaches who listens for it, and a listener that is left is a leak", () => {
  explore({ runs: 1 }, function* (sim) {
    const end = shutdown({ grace: 1000 });
    const task = sim.spawn(end);
    yield* sim.sleep(5);
    sim.always("nobody listens for this one", !sim.signal("SIGHUP"));
    sim.always("somebody listens", sim.signal("SIGTERM"));
    const { signal } = yield* task;
    sim.always("it was heard", signal === "SIGTERM");
    sim.always("nobody listens any more", !sim.signal("SIGTERM"));
  });
  const failure = assertThrows(
    () =>
      explore({ runs: 1 }, (sim) => {
        sim.platform.onSignal!("SIGTERM", () => {});
      }),
    SimFailure,
    "leak: listeners for signals: 1 are left",
  );
  assertEquals(failure.kind, "leak");
});
