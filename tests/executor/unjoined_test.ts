import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  Executor,
  type ExecutorOptions,
  JoinError,
  run,
  spawn,
  yieldNow,
} from "../../executor/mod.ts";
import { pollOnce, VirtualClock } from "../../executor/sim/mod.ts";
import { co, lazy } from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { LogHost } from "./_log_host.ts";
import { LoopHost } from "./_loop_host.ts";
import { busy } from "./_traced.ts";

const cause = new RangeError("nobody looks");

/** Spawns a task that fails at its first poll. */
function failing(options: ExecutorOptions = {}) {
  const host = new LogHost();
  const executor = new Executor({ host, ...options });
  const task = executor.spawn(Probe.failing(cause), { name: "lost" });
  return { host, executor, task };
}

Deno.test("unjoined failure: it is reported as a JoinError, once", () => {
  const { host } = failing();
  host.settle();
  host.settle();
  assertEquals(host.errors.length, 1);
  const [error] = host.errors;
  assertInstanceOf(error, JoinError);
  assertEquals(
    error.message,
    'Task 1 "lost" failed: RangeError: nobody looks',
  );
  assertStrictEquals(error.cause, cause);
});

Deno.test("unjoined failure: a virtual clock throws it", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  executor.spawn(Probe.failing(cause));
  assertThrows(() => clock.settle(), JoinError, "nobody looks");
});

Deno.test("unjoined failure: it waits for the host's next turn", () => {
  const { host } = failing();
  host.macrotask = (callback) => {
    assertEquals(host.errors, []);
    callback();
    assertEquals(host.errors.length, 1);
  };
  host.settle();
  assertEquals(host.errors.length, 1);
});

Deno.test("unjoined failure: joining it from a microtask later on is in time", () => {
  const { host, task } = failing();
  let microtasks = 5;
  const wait = () => {
    if (--microtasks > 0) host.microtask(wait);
    else assertThrows(() => pollOnce(task), JoinError);
  };
  host.microtask(wait);
  host.settle();
  assertEquals(microtasks, 0);
  assertEquals(host.errors, []);
});

Deno.test("unjoined failure: one that is joined costs the host no turn", async () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  const promise = executor.run(Probe.failing(cause));
  host.settle();
  assertEquals(host.take(), ["microtask"]);
  await promise.catch(() => {});
});

Deno.test("unjoined failure: whoever waits for it already is who gets it", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  const probe = new Probe();
  const task = executor.spawn(probe);
  host.settle();
  pollOnce(task);
  probe.fail(cause);
  host.settle();
  assertEquals(host.errors, []);
  assertThrows(() => pollOnce(task), JoinError);
});

Deno.test("unjoined failure: joining it in the same turn is in time", () => {
  const { host, executor, task } = failing();
  executor.spawn(co(function* () {
    assert(task.isFinished);
    yield* yieldNow();
    assertThrows(() => pollOnce(task), JoinError);
  }));
  host.settle();
  assertEquals(host.errors, []);
});

Deno.test("unjoined failure: whoever stands in line to join it is in time, however long the line", () => {
  const host = new LogHost();
  using executor = new Executor({ host, turn: { polls: 1 } });
  const task = executor.spawn(Probe.failing(cause));
  for (let i = 0; i < 50; i++) executor.spawn(new Probe());
  let joined = false;
  executor.spawn(lazy(() => {
    assertThrows(() => pollOnce(task), JoinError);
    joined = true;
  }));
  host.settle();
  assert(joined);
  assertEquals(host.errors, []);
});

Deno.test("unjoined failure: tasks that are busy for ever do not put the report off", () => {
  const host = new LoopHost();
  const reports: JoinError[] = [];
  using executor = new Executor({
    host,
    unjoined: (error) => reports.push(error),
  });
  for (let i = 0; i < 3; i++) executor.spawn(busy(() => "go on"));
  executor.spawn(Probe.failing(cause));
  host.turn();
  host.turn();
  assertEquals(reports.length, 1);
});

Deno.test("unjoined failure: a late join still gets it, and nothing is reported twice", () => {
  const { host, task } = failing();
  host.settle();
  assertThrows(() => pollOnce(task), JoinError, "nobody looks");
  host.settle();
  assertEquals(host.errors.length, 1);
});

Deno.test("unjoined failure: dropping the handle afterwards does not call it back", () => {
  const { host, task } = failing();
  task[Symbol.dispose](); // before: aborts, nothing fails
  host.settle();
  assertEquals(host.errors, []);
  const { host: other, task: late } = failing();
  other.settle();
  late[Symbol.dispose]();
  other.settle();
  assertEquals(other.errors.length, 1);
});

Deno.test("unjoined failure: each of several is reported", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  for (let i = 0; i < 3; i++) executor.spawn(Probe.failing(i));
  host.settle();
  assertEquals(
    host.errors.map((error) => (error as JoinError).cause),
    [0, 1, 2],
  );
});

Deno.test('unjoined failure: "report" is the default, "ignore" is silent', () => {
  const { host: reporting } = failing({ unjoined: "report" });
  reporting.settle();
  assertEquals(reporting.errors.length, 1);
  const { host: silent, task } = failing({ unjoined: "ignore" });
  silent.settle();
  assertEquals(silent.errors, []);
  assertThrows(() => pollOnce(task), JoinError);
});

Deno.test("unjoined failure: a function of one's own gets the JoinError", () => {
  const got: JoinError[] = [];
  const { host } = failing({ unjoined: (error) => got.push(error) });
  host.settle();
  assertEquals(host.errors, []);
  assertEquals(got.length, 1);
  assertEquals(got[0]!.taskName, "lost");
  assertStrictEquals(got[0]!.cause, cause);
});

Deno.test("unjoined failure: a function that throws is reported itself", () => {
  const bad = new Error("a bad policy");
  const { host, executor } = failing({
    unjoined: () => {
      throw bad;
    },
  });
  const next = new Probe();
  executor.spawn(next);
  host.settle();
  assertEquals(host.errors, [bad]);
  assertEquals(next.polls, 1);
});

Deno.test("unjoined failure: on the platform it is an unhandled rejection", async () => {
  const seen: unknown[] = [];
  const listener = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    seen.push(event.reason);
  };
  addEventListener("unhandledrejection", listener);
  try {
    spawn(lazy(() => {
      throw cause;
    }));
    const joined = spawn(lazy(() => {
      throw new Error("joined in time");
    }));
    await run(joined).catch(() => {});
    for (let turn = 0; seen.length === 0 && turn < 1000; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    assertEquals(seen.length, 1);
    assertInstanceOf(seen[0], JoinError);
    assertStrictEquals(seen[0].cause, cause);
  } finally {
    removeEventListener("unhandledrejection", listener);
  }
});
