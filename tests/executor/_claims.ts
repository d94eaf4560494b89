// What dropping what each export of ./executor and ./time makes keeps or loses.
import {
  CancellationToken,
  type JoinHandle,
  JoinMap,
  JoinSet,
  scope,
  shield,
  Shutdown,
  shutdown,
  taskLocal,
  TaskTracker,
  unconstrained,
  yieldNow,
} from "../../executor/mod.ts";
import {
  AsyncTimer,
  chunksTimeout,
  debounce,
  type Interval,
  interval,
  sample,
  sleep,
  sleepUntil,
  throttle,
  timeout,
  timeoutAt,
  timeoutStream,
} from "../../executor/time/mod.ts";
import { co, type Future, join, map } from "../../future/mod.ts";
import {
  collect,
  iter,
  type Stream,
  take,
  thenStream,
} from "../../future/stream/mod.ts";

/** Where tasks are started: an executor, or a simulation. */
export interface Spawner {
  spawn<T>(future: Future<T>): JoinHandle<T>;
}

export interface Claim {
  file: string;
  /** What the docs say. */
  says: string;
  make(tasks: Spawner): Future<unknown>;
}

export const futures: Record<string, Claim> = {
  JoinHandle: {
    file: "join_handle.ts",
    says:
      "dropping the handle aborts the task, which is as safe as the task's future",
    make: (tasks) => tasks.spawn(sleep(3)),
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
    make: (tasks) => {
      const tracker = new TaskTracker();
      tasks.spawn(tracker.track(sleep(2)));
      return new Shutdown({ token: cancelled(), tracker, grace: 3 });
    },
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
export const methods: Record<string, Claim> = {
  cancelled: {
    file: "cancellation_token.ts",
    says: "safe.",
    make: (tasks) => {
      const token = new CancellationToken();
      tasks.spawn(map(sleep(2), () => token.cancel()));
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
    make: (tasks) => {
      const tracker = new TaskTracker();
      tasks.spawn(tracker.track(sleep(2)));
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

function cancelled(): CancellationToken {
  const token = new CancellationToken();
  token.cancel();
  return token;
}

/** Streams; those that `time/` makes are dropped in its tests besides. */
export const streams: Record<string, Claim> = {
  Interval: {
    file: "time/interval.ts",
    says:
      "loses its place: dropped, it leaves nothing behind. A `tick()` or `next()` that is dropped is safe.",
    make: () => {
      const ticks: Interval = interval(2);
      return co(function* () {
        using own = ticks;
        for (let n = 0; n < 3; n++) yield* own.tick();
      });
    },
  },
  interval: {
    file: "time/interval.ts",
    says:
      "loses its place: dropped, it leaves nothing behind. A `tick()` that is dropped is safe.",
    make: () => collect(take(interval(2), 3)),
  },
  chunksTimeout: {
    file: "time/chunks_timeout.ts",
    says: "loses data: the items of the chunk that is not full are gone",
    make: () => collect(chunksTimeout(slow(), 2, 3)),
  },
  debounce: {
    file: "time/debounce.ts",
    says: "loses data: the item that waits for quiet is gone",
    make: () => collect(debounce(slow(), 2)),
  },
  sample: {
    file: "time/sample.ts",
    says: "loses data: the item that waits for its time is gone",
    make: () => collect(sample(slow(), 3)),
  },
  throttle: {
    file: "time/throttle.ts",
    says: "as safe as `stream`, which is dropped with it",
    make: () => collect(throttle(slow(), 1)),
  },
  timeoutStream: {
    file: "time/timeout_stream.ts",
    says: "as safe as `stream`, which is dropped with it",
    make: () => collect(timeoutStream(slow(), 5)),
  },
};

/** Three items, with unequal waits before them. */
function slow(): Stream<number> {
  return thenStream(iter([1, 3, 2]), (ms) => map(sleep(ms), () => ms));
}

export const noFutures: string[] = [
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
