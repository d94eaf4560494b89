import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  dfs,
  explore,
  fifo,
  pct,
  random,
  type Schedule,
  SimFailure,
} from "../../../executor/sim/mod.ts";
import { factorial, Steps } from "./_bodies.ts";

/** The orders in which tasks of so many polls each are polled. */
function orders(schedule: Schedule, polls: number[], runs?: number): string[] {
  const all: string[] = [];
  const options = runs === undefined ? { schedule } : { schedule, runs };
  const report = explore(options, (sim) => {
    let order = "";
    polls.forEach((count, i) => {
      sim.spawn(new Steps(count, () => order += "abcdef"[i]));
    });
    sim.atEnd(() => all.push(order));
  });
  assertEquals(all.length, report.runs);
  return all;
}

/** In how many orders tasks of so many polls each can be polled. */
const interleavings = (polls: number[]) =>
  polls.reduce(
    (product, count) => product / factorial(count),
    factorial(polls.reduce((a, b) => a + b)),
  );

Deno.test("dfs: it tries each order, and each once", () => {
  for (
    const polls of [[1], [1, 1], [3], [2, 2], [1, 2, 3], [2, 2, 2], [4, 4]]
  ) {
    const all = orders(dfs(), polls);
    assertEquals(all.length, interleavings(polls), `${polls}`);
    assertEquals(new Set(all).size, all.length, `${polls}`);
  }
});

Deno.test("dfs: all 369,600 orders of four tasks of three polls", () => {
  let runs = 0;
  const report = explore({ schedule: dfs() }, (sim) => {
    for (let i = 0; i < 4; i++) sim.spawn(new Steps(3));
    runs++;
  });
  assertEquals(report.runs, interleavings([3, 3, 3, 3]));
  assertEquals(report.runs, 369_600);
  assertEquals(runs, report.runs, "each was run from its beginning");
  assert(report.isExhaustive);
});

Deno.test("dfs: without preemptions there is the executor's own order; each preemption adds some", () => {
  const polls = [2, 2, 2];
  assertEquals(
    orders(dfs({ preemptions: 0 }), polls),
    orders(fifo(), polls, 1),
  );
  const counts = [0, 1, 2, 3, 4, 5].map((preemptions) =>
    orders(dfs({ preemptions }), polls).length
  );
  assertEquals(counts, counts.toSorted((a, b) => a - b));
  assertEquals(counts[0], 1);
  assertEquals(counts.at(-1), interleavings(polls));
  const one = orders(dfs({ preemptions: 1 }), polls);
  const two = new Set(orders(dfs({ preemptions: 2 }), polls));
  assert(one.every((order) => two.has(order)), "a higher bound covers a lower");
});

Deno.test("dfs: with a bound it comes to an end where a task yields until another is done", () => {
  const report = explore({ schedule: dfs({ preemptions: 2 }) }, (sim) => {
    let done = false;
    sim.spawn(new Steps(2, () => done = true));
    sim.spawn(function* () {
      while (!done) yield* new Steps(2);
    });
  });
  assert(report.isExhaustive);
  assert(report.runs > 2);
});

Deno.test("dfs: a body that is not deterministic is told so", () => {
  let polls = 1;
  const failure = assertThrows(
    () =>
      explore({ schedule: dfs() }, (sim) => {
        polls++;
        sim.spawn(new Steps(1 + polls % 3));
        sim.spawn(new Steps(2));
      }),
    SimFailure,
    "the body is not deterministic",
  );
  assertEquals(failure.kind, "not deterministic");
});

Deno.test("random: it comes to all orders, to each about as often as it is probable", () => {
  const all = orders(random(), [2, 2], 4000);
  const counts = Object.groupBy(all, (order) => order);
  assertEquals(Object.keys(counts).length, 6);
  // A walk: half go first to a, of these half to a again, and then b is alone.
  for (
    const [order, share] of Object.entries({
      aabb: 1 / 4,
      abab: 1 / 8,
      abba: 1 / 8,
      bbaa: 1 / 4,
    })
  ) {
    const got = (counts[order]?.length ?? 0) / 4000;
    assert(Math.abs(got - share) < 0.03, `${order}: ${got}`);
  }
});

/**
 * Figure 5 of the paper: a bug that shows only if one task does all of its steps
 * while the other waits in line. A random walk has a chance of 2^-steps.
 */
function figure5(schedule: Schedule, runs: number): number {
  let found = 0;
  explore({ schedule, runs }, (sim) => {
    let steps = 0;
    sim.spawn(new Steps(30, () => steps++));
    sim.spawn(
      new Steps(1, () => {
        if (steps === 30) found++;
      }),
    );
    // There must be a choice to be made at each step.
    sim.spawn(new Steps(31));
  });
  return found;
}

Deno.test("pct: it finds a bug of depth 1 at the rate that the paper promises; a random walk never does", () => {
  const runs = 600;
  // Three tasks: the slow one must be first, the one that looks comes next.
  assert(figure5(pct({ depth: 1 }), runs) >= runs / 3 * 0.7);
  assertEquals(figure5(random(), runs), 0);
});

Deno.test("pct: a bug of depth 2 is found at least as often as the paper promises", () => {
  const runs = 2000;
  const k = 20;
  let found = 0;
  const schedule = pct({ depth: 2 });
  explore({ schedule, runs }, (sim) => {
    // The second task must come between two certain steps of the first.
    let steps = 0;
    sim.spawn(new Steps(k, () => steps++));
    sim.spawn(
      new Steps(1, () => {
        if (steps === 13) found++;
      }),
    );
  });
  assert(found >= runs / (3 * k), `found ${found} times`);
});

Deno.test("pct: a task that yields until another is done does not run for ever", () => {
  const report = explore({ schedule: pct(), runs: 300 }, (sim) => {
    let done = false;
    sim.spawn(new Steps(3, () => done = true));
    sim.spawn(function* () {
      while (!done) yield* new Steps(2);
    });
  });
  assert(report.steps < 300 * 200, `${report.steps}`);
});

Deno.test("schedules: bad options are refused", () => {
  for (const depth of [0, -1, 1.5, NaN, "3" as unknown as number]) {
    assertThrows(() => pct({ depth }), RangeError, "depth");
  }
  for (const preemptions of [-1, 0.5, NaN]) {
    assertThrows(() => dfs({ preemptions }), RangeError, "preemptions");
  }
});

Deno.test("schedules: one that chooses what is not there fails the run", () => {
  const bad: Schedule = {
    name: "bad",
    isSystematic: false,
    start: () => ({ next: () => true, choose: (_ready, count) => count }),
  };
  assertThrows(
    () =>
      explore({ schedule: bad }, (sim) => {
        sim.spawn(new Steps(1));
        sim.spawn(new Steps(1));
      }),
    SimFailure,
    "Cannot choose 2: there are 2 to choose from",
  );
});
