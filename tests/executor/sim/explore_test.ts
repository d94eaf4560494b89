import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { run, yieldNow } from "../../../executor/mod.ts";
import {
  dfs,
  explore,
  type ExploreOptions,
  pct,
  type Sim,
  type SimProgram,
} from "../../../executor/sim/mod.ts";
import { sleep } from "../../../executor/time/mod.ts";
import {
  co,
  fromPromise,
  type Future,
  join,
  Pending,
  pending,
  pollFn,
} from "../../../future/mod.ts";
import {
  forward,
  fromAsyncIterable,
  fromWritableStream,
  iter,
} from "../../../future/stream/mod.ts";
import { Mutex } from "../../../future/sync/mod.ts";
import { Steps } from "./_bodies.ts";
import { failureOf, lostUpdate } from "./_explore.ts";

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

Deno.test("explore: the trace says when a task wakes itself, as when others wake it", () => {
  for (const wakers of [undefined, { fresh: true }]) {
    const { trace } = failureOf(function* (sim) {
      yield* yieldNow(); // it wakes itself
      yield* sim.sleep(1);
      throw new Error("now");
    }, wakers === undefined ? {} : { wakers });
    assertEquals(
      trace.map((line) => line.split("ms  ")[1]!).filter((event) =>
        event.includes("main") && !event.startsWith("fail")
      ),
      [
        'spawn task 1 "main"',
        'wake  task 1 "main"',
        'poll  task 1 "main"',
        'wake  task 1 "main"',
        'poll  task 1 "main"',
        'wake  task 1 "main"',
        'poll  task 1 "main"',
        'end   task 1 "main": failed',
        'wake  task 1 "main"', // to be reported
      ],
    );
  }
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
