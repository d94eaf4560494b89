import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  CancellationToken,
  Executor,
  shutdown,
  type ShutdownOptions,
  TaskTracker,
} from "../../executor/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import {
  CancelledError,
  co,
  pending,
  PolledAfterCompletionError,
} from "../../future/mod.ts";
import { inside } from "./_inside.ts";
import { LogHost } from "./_log_host.ts";
import { SignalHost } from "./_signal_host.ts";

/** A shutdown that is under way, with one task that needs `ms` to stop. */
function setUp(ms: number, options: ShutdownOptions = {}) {
  const host = new SignalHost();
  const executor = new Executor({ host });
  const end = shutdown(options);
  executor.spawn(end.tracker.track(co(function* () {
    yield* end.token.cancelled();
    yield* sleep(ms);
  })));
  const task = executor.spawn(end);
  host.settle();
  return { host, executor, end, task, report: () => pollOnce(task) };
}

Deno.test("shutdown: the first signal cancels the token and closes the tracker", () => {
  const { host, end, report } = setUp(50);
  assertEquals(host.names, ["SIGINT", "SIGTERM"]);
  assertEquals([end.token.isCancelled, end.tracker.isClosed], [false, false]);
  host.signal("SIGTERM");
  host.settle();
  assertEquals([end.token.isCancelled, end.tracker.isClosed], [true, true]);
  assertInstanceOf(end.token.reason, CancelledError);
  assert(end.token.reason.message.includes("SIGTERM"));
  host.advance(50);
  assertEquals(report(), { signal: "SIGTERM", outcome: "drained", left: 0 });
  assertEquals([host.names, host.set.size, host.errors], [[], 0, []]);
});

Deno.test("shutdown: it waits no longer than the grace period", () => {
  const { host, report, task } = setUp(20_000);
  host.signal("SIGINT");
  host.advance(9_999);
  assertEquals(task.isFinished, false);
  host.advance(1);
  assertEquals(report(), { signal: "SIGINT", outcome: "timed out", left: 1 });
  assertEquals(host.names, []);
  const { host: other, report: short } = setUp(20, { grace: 5 });
  other.signal("SIGINT");
  other.advance(5);
  assertEquals(short(), { signal: "SIGINT", outcome: "timed out", left: 1 });
});

Deno.test("shutdown: a second signal forces, be it the same or another", () => {
  for (const second of ["SIGINT", "SIGTERM"]) {
    const { host, report, task, executor } = setUp(50, { grace: Infinity });
    host.signal("SIGINT");
    host.advance(1);
    assertEquals(task.isFinished, false);
    host.signal(second);
    host.settle();
    assertEquals(report(), { signal: "SIGINT", outcome: "forced", left: 1 });
    assertEquals(host.names, []);
    assertEquals(executor.timerCount, 1, "that of the task");
  }
});

Deno.test("shutdown: two signals before it is polled force, too", () => {
  const { host, report } = setUp(50);
  host.signal("SIGINT");
  host.signal("SIGINT");
  host.settle();
  assertEquals(report(), { signal: "SIGINT", outcome: "forced", left: 1 });
});

Deno.test("shutdown: tasks that have ended count more than a second signal", () => {
  const { host, report } = setUp(5);
  host.signal("SIGINT");
  host.settle();
  host.listening.forEach((_, callback) => host.setTimer(5, callback));
  host.advance(5);
  assertEquals(report(), { signal: "SIGINT", outcome: "drained", left: 0 });
});

Deno.test("shutdown: cancelling the token begins it, and then the first signal forces", () => {
  const { host, end, report } = setUp(50);
  end.token.cancel("by hand");
  host.settle();
  assert(end.tracker.isClosed);
  assertEquals(end.token.reason, "by hand");
  host.signal("SIGINT");
  host.settle();
  assertEquals(report(), { signal: null, outcome: "forced", left: 1 });
  const other = setUp(5);
  other.end.token.cancel();
  other.host.advance(5);
  assertEquals(other.report(), { signal: null, outcome: "drained", left: 0 });
});

Deno.test("shutdown: it takes a token, a tracker and signals of one's own", () => {
  const token = new CancellationToken();
  const tracker = new TaskTracker();
  const { host, end, report } = setUp(0, {
    token,
    tracker,
    signals: ["SIGHUP"],
  });
  assertStrictEquals(end.token, token);
  assertStrictEquals(end.tracker, tracker);
  assertEquals(host.names, ["SIGHUP"]);
  host.signal("SIGHUP");
  host.advance(1);
  assertEquals(report(), { signal: "SIGHUP", outcome: "drained", left: 0 });
});

Deno.test("shutdown: it listens from its first poll, and dropped no more", () => {
  const host = new SignalHost();
  const executor = new Executor({ host });
  const early = shutdown();
  early[Symbol.dispose]();
  assertThrows(() => pollOnce(early), PolledAfterCompletionError);
  for (const signals of [0, 1]) {
    const end = shutdown();
    end.tracker.track(pending());
    const task = executor.spawn(end);
    host.settle();
    for (let i = 0; i < signals; i++) host.signal("SIGINT");
    host.settle();
    assertEquals(host.names.length, 2);
    task.abort();
    assertEquals([host.names, executor.timerCount], [[], 0]);
    assertEquals(end.token.isCancelled, signals > 0);
  }
});

Deno.test("shutdown: a signal that the host does not know fails it, and it listens to none", () => {
  const { host, report } = setUp(0, { signals: ["SIGINT", "SIGNONE"] });
  assertThrows(report, Error, "no such signal");
  assertEquals(host.names, []);
});

Deno.test("shutdown: a host without signals is told so", async () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  const promise = executor.run(shutdown());
  host.settle();
  await assertRejects(() => promise, TypeError, "the host has none");
});

Deno.test("shutdown: its grace is checked before anything is done", () => {
  assertThrows(() => shutdown({ grace: -1 }), RangeError);
  assertThrows(() => shutdown({ grace: "1" as never }), TypeError);
});

Deno.test("shutdown: a waker that throws at a signal is reported, and keeps no listener from hearing it", () => {
  const host = new SignalHost();
  using executor = new Executor({ host });
  const bad = new Error("bad waker");
  const ends = [shutdown(), shutdown()];
  inside(executor, host, () => {
    pollOnce(ends[0]!, {
      wake() {
        throw bad;
      },
      willWake: () => false,
    });
  });
  const task = executor.spawn(ends[1]!);
  host.settle();
  host.signal("SIGTERM");
  host.settle();
  assertEquals(host.errors, [bad]);
  assertEquals(pollOnce(task), {
    signal: "SIGTERM",
    outcome: "drained",
    left: 0,
  });
  ends[0]![Symbol.dispose]();
});

Deno.test("shutdown: a waker that throws while the token is cancelled does not stop it", () => {
  const { host, end, report } = setUp(5);
  const bad = new Error("bad waker");
  using waiting = end.token.cancelled();
  pollOnce(waiting, {
    wake() {
      throw bad;
    },
    willWake: () => false,
  });
  host.signal("SIGINT");
  host.advance(5);
  assertEquals(report(), { signal: "SIGINT", outcome: "drained", left: 0 });
  assertEquals(host.errors, [bad]);
});

/**
 * Runs the child, sends signals when it says so, and gives what it printed. After
 * its report a signal ends it, as it does by default.
 */
async function child(
  task: "stops" | "hangs",
  signals: Record<string, Deno.Signal>,
): Promise<string[]> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-lock",
      "--no-config",
      new URL("./_shutdown_child.ts", import.meta.url).pathname,
      task,
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines: string[] = [];
  let text = "";
  for await (
    const chunk of process.stdout.pipeThrough(new TextDecoderStream())
  ) {
    text += chunk;
    const whole = text.split("\n");
    text = whole.pop()!;
    for (const line of whole) {
      lines.push(line);
      const signal = line.startsWith("{") ? "SIGTERM" : signals[line];
      if (signal !== undefined) process.kill(signal);
    }
  }
  const { signal } = await process.status;
  return [...lines, `ended by ${signal}`];
}

Deno.test({
  name: "shutdown: a process that is told to stop ends gracefully",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    assertEquals(await child("stops", { ready: "SIGTERM" }), [
      "ready",
      "told",
      '{"signal":"SIGTERM","outcome":"drained","left":0}',
      "ended by SIGTERM",
    ]);
  },
});

Deno.test({
  name: "shutdown: a process whose task hangs is forced by a second signal",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    assertEquals(await child("hangs", { ready: "SIGINT", told: "SIGINT" }), [
      "ready",
      "told",
      '{"signal":"SIGINT","outcome":"forced","left":1}',
      "ended by SIGTERM",
    ]);
  },
});
