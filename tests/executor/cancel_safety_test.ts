import {
  assert,
  assertEquals,
  assertFalse,
  assertStringIncludes,
} from "@std/assert";
import * as executorModule from "../../executor/mod.ts";
import * as observeModule from "../../executor/observe/mod.ts";
import * as timeModule from "../../executor/time/mod.ts";
import { pollOnce, wakeCounter } from "../../executor/sim/mod.ts";
import {
  co,
  type Context,
  Future,
  join,
  map,
  Pending,
  type Poll,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { inside } from "./_inside.ts";
import { LogHost } from "./_log_host.ts";
import { SignalHost } from "./_signal_host.ts";

const {
  CancellationToken,
  Executor,
  JoinMap,
  JoinSet,
  scope,
  shield,
  Shutdown,
  shutdown,
  TaskTracker,
  taskLocal,
  unconstrained,
  yieldNow,
} = executorModule;
const { AsyncTimer, sleep, sleepUntil, timeout, timeoutAt } = timeModule;

interface Claim {
  file: string;
  /** What the docs say. */
  says: string;
  make(executor: executorModule.Executor): Future<unknown>;
}

const futures: Record<string, Claim> = {
  JoinHandle: {
    file: "join_handle.ts",
    says:
      "dropping the handle aborts the task, which is as safe as the task's future",
    make: (executor) => executor.spawn(sleep(3)),
  },
  yieldNow: {
    file: "yield_now.ts",
    says: "safe.",
    make: () => yieldNow(),
  },
  JoinSet: {
    file: "join_set.ts",
    says: "loses data: dropping the set aborts its tasks",
    make: () =>
      co(function* () {
        using set = new JoinSet<void>();
        for (const ms of [1, 2, 3]) set.spawn(sleep(ms));
        while (set.size > 0) yield* set.joinNext();
      }),
  },
  JoinMap: {
    file: "join_map.ts",
    says: "loses data: dropping the map aborts its tasks",
    make: () =>
      co(function* () {
        using tasks = new JoinMap<number, void>();
        for (const ms of [1, 2, 1]) tasks.spawn(ms, sleep(ms));
        while (tasks.size > 0) yield* tasks.joinNext();
      }),
  },
  scope: {
    file: "scope.ts",
    says:
      "as safe as the body and the children, which are dropped with it, the children first",
    make: () =>
      scope(function* (s) {
        s.spawn(sleep(3));
        s.spawn(sleep(1));
        yield* shield(sleep(2), { into: s });
      }, { timeout: 5 }),
  },
  shield: {
    file: "shield.ts",
    says: "safe, once it has begun: the work goes on",
    make: () => shield(sleep(3)),
  },
  Shutdown: {
    file: "shutdown.ts",
    says: "safe: dropped, it stops listening",
    make: () => new Shutdown({ token: cancelled(), grace: 3 }),
  },
  shutdown: {
    file: "shutdown.ts",
    says: "safe: dropped, it stops listening",
    make: () => {
      const end = shutdown({ grace: 3 });
      return co(function* () {
        const late = end.tracker.track(sleep(2));
        yield* yieldNow();
        end.token.cancel();
        yield* join([end, late]);
      });
    },
  },
  unconstrained: {
    file: "unconstrained.ts",
    says: "as safe as `future`, which is dropped with it",
    make: () => unconstrained(sleep(3)),
  },
  AsyncTimer: {
    file: "time/async_timer.ts",
    says: "loses its place: dropped, it leaves nothing behind",
    make: () => new AsyncTimer(3),
  },
  sleep: {
    file: "time/sleep.ts",
    says: "loses its place; the timer leaves nothing behind",
    make: () => sleep(3),
  },
  sleepUntil: {
    file: "time/sleep.ts",
    says: "safe: made again with the same deadline, it goes on",
    make: () => sleepUntil(3),
  },
  timeout: {
    file: "time/timeout.ts",
    says: "as safe as `future`, which is dropped with it",
    make: () => timeout(sleep(3), 2),
  },
  timeoutAt: {
    file: "time/timeout.ts",
    says: "as safe as `future`, which is dropped with it",
    make: () => timeoutAt(sleep(3), 4),
  },
};

/** Methods that return futures: of classes that are none. */
const methods: Record<string, Claim> = {
  cancelled: {
    file: "cancellation_token.ts",
    says: "safe.",
    make: (executor) => {
      const token = new CancellationToken();
      executor.spawn(map(sleep(2), () => token.cancel()));
      return token.cancelled();
    },
  },
  runUntilCancelled: {
    file: "cancellation_token.ts",
    says: "as safe as `future`, which is dropped with it",
    make: () => new CancellationToken().runUntilCancelled(sleep(3)),
  },
  track: {
    file: "task_tracker.ts",
    says: "as safe as `future`, which is dropped with it",
    make: () => new TaskTracker().track(sleep(3)),
  },
  wait: {
    file: "task_tracker.ts",
    says: "safe.",
    make: (executor) => {
      const tracker = new TaskTracker();
      executor.spawn(tracker.track(sleep(2)));
      tracker.close();
      return tracker.wait();
    },
  },
  with: {
    file: "task_local.ts",
    says: "as safe as `future`, which is dropped with it",
    make: () => taskLocal<number>().with(1, sleep(3)),
  },
};

function cancelled(): executorModule.CancellationToken {
  const token = new CancellationToken();
  token.cancel();
  return token;
}

/** Streams are dropped in the tests of `time/`, which sweep them. */
const streams: Record<string, { file: string; says: string }> = {
  Interval: {
    file: "time/interval.ts",
    says:
      "loses its place: dropped, it leaves nothing behind. A `tick()` or `next()` that is dropped is safe.",
  },
  interval: {
    file: "time/interval.ts",
    says:
      "loses its place: dropped, it leaves nothing behind. A `tick()` that is dropped is safe.",
  },
  chunksTimeout: {
    file: "time/chunks_timeout.ts",
    says: "loses data: the items of the chunk that is not full are gone",
  },
  debounce: {
    file: "time/debounce.ts",
    says: "loses data: the item that waits for quiet is gone",
  },
  sample: {
    file: "time/sample.ts",
    says: "loses data: the item that waits for its time is gone",
  },
  throttle: {
    file: "time/throttle.ts",
    says: "as safe as `stream`, which is dropped with it",
  },
  timeoutStream: {
    file: "time/timeout_stream.ts",
    says: "as safe as `stream`, which is dropped with it",
  },
};

const noFutures = [
  "CancellationToken",
  "DropGuard",
  "Scope",
  "TaskTracker",
  "taskLocal",
  "Executor",
  "JoinError",
  "run",
  "spawn",
  "TimeoutError",
  "now",
  "Observation",
  "Snapshot",
  "Trace",
  "dumpOnSignal",
  "observe",
  "snapshot",
];

/** Polls a future so many times, then drops it and completes. */
class DropAfter extends Future<"dropped" | "ended"> {
  readonly #inner: Future<unknown>;
  #left: number;

  constructor(inner: Future<unknown>, polls: number) {
    super();
    this.#inner = inner;
    this.#left = polls;
  }

  override poll(cx: Context): Poll<"dropped" | "ended"> {
    if (this.#left > 0) {
      this.#left--;
      try {
        if (this.#inner.poll(cx) !== Pending) return "ended";
      } catch {
        return "ended";
      }
      if (this.#left > 0) return Pending;
    }
    this.#inner[Symbol.dispose]();
    return "dropped";
  }
}

Deno.test("cancel safety: every export is in the table, or no future", () => {
  assertEquals(
    [executorModule, observeModule, timeModule].flatMap(Object.keys).toSorted(),
    [
      ...Object.keys(futures),
      ...Object.keys(streams),
      ...noFutures,
    ].toSorted(),
  );
});

Deno.test("cancel safety: the docs of each say what the table says", async () => {
  for (
    const [name, { file, says }] of Object.entries({
      ...futures,
      ...streams,
      ...methods,
    })
  ) {
    const url = new URL(`../../executor/${file}`, import.meta.url);
    const source = await Deno.readTextFile(url);
    const at = source.search(
      new RegExp(`^(export (class|function)| ) ${name}\\b.*[({<]`, "m"),
    );
    assert(at > 0, name);
    const doc = source.slice(source.lastIndexOf("/**", at), at)
      .replaceAll(/\n +\* ?/g, " ").replaceAll(/ +/g, " ");
    assertStringIncludes(doc, `Cancel safety: ${says}`, name);
  }
});

Deno.test("cancel safety: dropped after any number of polls, each leaves nothing", async (t) => {
  for (const [name, { make }] of Object.entries({ ...futures, ...methods })) {
    await t.step(name, () => {
      let ended = false;
      for (let polls = 0; !ended; polls++) {
        assert(polls < 12, `${name} does not end`);
        const host = new SignalHost();
        using executor = new Executor({ host });
        const task = executor.spawn(new DropAfter(make(executor), polls));
        host.advance(10);
        ended = pollOnce(task) === "ended";
        assertEquals(executor.taskCount, 0);
        assertEquals(executor.timerCount, 0);
        assertEquals(host.set.size, 0, "timers in the host");
        assertEquals(host.names, [], "signals listened to");
        assertEquals(host.errors, []);
      }
    });
  }
});

Deno.test("cancel safety: a dropped JoinHandle has dropped the task's future", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  const probe = new Probe();
  executor.spawn(probe)[Symbol.dispose]();
  assertEquals(probe.drops, 1);
});

Deno.test("cancel safety: a timer made anew starts anew, sleepUntil goes on", () => {
  const host = new LogHost();
  using executor = new Executor({ host });
  const finish = (make: () => Future<void>) => {
    const start = host.now();
    const dropped = make();
    inside(executor, host, () => pollOnce(dropped));
    host.advance(6);
    dropped[Symbol.dispose]();
    const task = executor.spawn(make());
    for (let ms = 0; !task.isFinished; ms++) {
      assertFalse(ms > 100);
      host.advance(1);
    }
    return host.now() - start;
  };
  assertEquals(finish(() => sleep(10)), 16);
  assertEquals(finish(() => new AsyncTimer(10)), 16);
  const deadline = host.now() + 10;
  assertEquals(finish(() => sleepUntil(deadline)), 10);
});

Deno.test("cancel safety: a timeout that is dropped keeps nothing of what it limits", () => {
  for (const limited of [timeout, timeoutAt]) {
    const host = new LogHost();
    using executor = new Executor({ host });
    const probe = new Probe();
    const task = executor.spawn(limited(probe, 10));
    host.settle();
    task.abort();
    assertEquals(probe.drops, 1);
    assertEquals(executor.timerCount, 0);
  }
});

Deno.test("cancel safety: a yieldNow that is dropped has woken, and wakes no more", () => {
  const waker = wakeCounter();
  const future = yieldNow();
  pollOnce(future, waker);
  future[Symbol.dispose]();
  assertEquals(waker.count, 1);
});
