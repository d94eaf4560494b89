import { assertEquals } from "@std/assert";
import {
  Executor,
  type JoinHandle,
  type WaitInfo,
  yieldNow,
} from "../../../executor/mod.ts";
import { pollOnce, VirtualClock } from "../../../executor/sim/mod.ts";
import { AsyncTimer, sleepUntil, timeout } from "../../../executor/time/mod.ts";
import {
  abortable,
  any,
  co,
  flatMap,
  fromPromise,
  fromSignal,
  Future,
  FuturesOrdered,
  FuturesUnordered,
  type Inspectable,
  type Inspection,
  join,
  joinSettled,
  lazy,
  map,
  mapError,
  noopWaker,
  Pending,
  pending,
  pin,
  type Poll,
  pollFn,
  race,
  ready,
  recover,
  retry,
  select,
  settle,
  shared,
} from "../../../future/mod.ts";
import {
  buffered,
  chain,
  collect,
  flatten,
  forEach,
  forward,
  iter,
  mapStream,
  merge,
  once,
  pinStream,
  pollNextFn,
  send,
  type Sink,
  takeUntil,
  thenStream,
  unfold,
  zip,
} from "../../../future/stream/mod.ts";
import {
  Barrier,
  broadcast,
  mpsc,
  Mutex,
  Notify,
  OnceCell,
  oneshot,
  RwLock,
  Semaphore,
  watch,
} from "../../../future/sync/mod.ts";
import { waitsOf } from "../../../executor/inspect/_waits.ts";

/** What a future says of itself once a task has polled it and it waits. */
function said(
  make: (executor: Executor) => Future<unknown>,
): WaitInfo {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock, unjoined: "ignore" });
  const { id } = executor.spawn(make(executor));
  clock.settle();
  const task = executor.snapshot().tasks.find((task) => task.id === id);
  return task!.waitsFor;
}

/** Waits, and says so. */
class Leaf extends Future<never> {
  override poll(): Poll<never> {
    return Pending;
  }
  override inspect(): Inspection {
    return { waits: "here" };
  }
}

const leaf: WaitInfo = { type: "Leaf", waits: "here" };
const over = (type: string, more: Partial<WaitInfo> = {}): WaitInfo => ({
  type,
  children: [leaf],
  ...more,
});
const idle = () => pollNextFn(() => Pending);
const idleInfo: WaitInfo = { type: "PollNextFn" };

const held = <T>(value: T): T => {
  return value;
};

const FUTURES: Record<
  string,
  [make: (executor: Executor) => Future<unknown>, says: WaitInfo]
> = {
  "pending": [
    () => pending(),
    { type: "pending", waits: "for ever", intent: "never" },
  ],
  "pollFn": [
    () =>
      pollFn(function key() {
        return Pending;
      }),
    { type: "pollFn key" },
  ],
  "pollFn without a name": [() => pollFn((() => () => Pending)()), {
    type: "pollFn",
  }],
  "co": [() =>
    co(function* () {
      yield* new Leaf();
    }), over("co")],
  "co with a name": [() =>
    co(function* download() {
      yield* new Leaf();
    }), over("co download")],
  "map": [() => map(new Leaf(), held), over("Map")],
  "mapError": [() => mapError(new Leaf(), held), over("MapError")],
  "settle": [() => settle(new Leaf()), over("Settle")],
  "flatMap at its first": [
    () => flatMap(new Leaf(), ready),
    over("FlatMap"),
  ],
  "flatMap at its second": [
    () => flatMap(ready(0), () => new Leaf()),
    over("FlatMap"),
  ],
  "recover": [() => recover(new Leaf(), held), over("Recover")],
  "lazy": [() => lazy(() => new Leaf()), over("Lazy")],
  "pin": [() => pin(new Leaf()), over("pin")],
  "shared": [() => shared(new Leaf()), over("Shared")],
  "abortable": [
    () => abortable(new Leaf(), new AbortController().signal),
    over("Abortable"),
  ],
  "retry that tries": [
    () =>
      retry(() => new Leaf(), { schedule: [], delay: () => ready(undefined) }),
    over("Retry", { waits: "attempt 1" }),
  ],
  "retry that waits": [
    () =>
      retry(
        () =>
          lazy<void>(() => {
            throw new Error("no");
          }),
        { schedule: [1], delay: () => new Leaf() },
      ),
    over("Retry", { waits: "after attempt 1" }),
  ],
  "join": [
    () => join([new Leaf(), ready(1), new Leaf()]),
    { type: "Join", children: [leaf, leaf] },
  ],
  "joinSettled": [
    () => joinSettled([new Leaf()]),
    over("JoinSettled"),
  ],
  "select": [() => select({ a: new Leaf() }), over("Select")],
  "race": [() => race([new Leaf()]), over("Race")],
  "any": [() => any([new Leaf()]), over("Any")],
  "FuturesUnordered": [
    () => new FuturesUnordered([new Leaf(), new Leaf()]).next(),
    {
      type: "Next",
      children: [{
        type: "FuturesUnordered",
        waits: "futures: 2",
        children: [leaf, leaf],
      }],
    },
  ],
  "FuturesOrdered": [
    () => new FuturesOrdered([new Leaf()]).next(),
    {
      type: "Next",
      children: [{
        type: "FuturesOrdered",
        waits: "values to come: 1",
        children: [{
          type: "FuturesUnordered",
          waits: "futures: 1",
          children: [over("Map", { children: [over("Settle")] })],
        }],
      }],
    },
  ],
  "fromPromise": [
    () => fromPromise(new Promise(() => {})),
    { type: "fromPromise" },
  ],
  "fromSignal": [
    () => fromSignal(new AbortController().signal),
    { type: "fromSignal", waits: "for the abort" },
  ],
  "a timer": [
    () => new AsyncTimer(1500.5),
    { type: "AsyncTimer", waits: "1501 ms left" },
  ],
  "sleepUntil": [
    () => sleepUntil(20),
    { type: "AsyncTimer", waits: "20 ms left" },
  ],
  "timeout": [
    () => timeout(new Leaf(), 300),
    over("timeout", { waits: "300 ms left" }),
  ],
  "a JoinHandle": [
    (executor) => executor.spawn(new Leaf(), { name: "other" }),
    { type: "JoinHandle", waits: 'task 1 "other"' },
  ],
  "Mutex.lock": [
    () => {
      const mutex = new Mutex(0);
      mutex.tryLock();
      return mutex.lock();
    },
    { type: "Mutex.lock", waits: "in line for the lock" },
  ],
  "Semaphore.acquire": [
    () => new Semaphore(2).acquire(3),
    {
      type: "Semaphore.acquire",
      waits: "in line for 3 of 2 permits (2 free)",
    },
  ],
  "RwLock.read": [
    () => {
      const lock = new RwLock(0);
      lock.tryWrite();
      return lock.read();
    },
    { type: "RwLock.read", waits: "in line for a share" },
  ],
  "RwLock.write": [
    () => {
      const lock = new RwLock(0);
      lock.tryRead();
      return lock.write();
    },
    { type: "RwLock.write", waits: "in line for the lock" },
  ],
  "Barrier.wait": [
    () => new Barrier(3).wait(),
    {
      type: "Barrier.wait",
      waits: "in line for the others (1 of 3 are here)",
    },
  ],
  "Notify.notified": [
    () => new Notify().notified(),
    { type: "Notify.notified", waits: "in line for a notice" },
  ],
  "OnceCell that makes": [
    () => new OnceCell<never>().getOrInit(() => new Leaf()),
    over("OnceCell.getOrInit"),
  ],
  "OnceCell that waits": [
    () => {
      const cell = new OnceCell<never>();
      pollOnce(cell.getOrInit(() => new Leaf()));
      return cell.getOrInit(() => new Leaf());
    },
    {
      type: "OnceCell.getOrInit",
      children: [{
        type: "turn",
        waits: "in line for its turn to make the value",
      }],
    },
  ],
  "oneshot": [
    () => oneshot<number>()[1],
    { type: "OneshotReceiver", waits: "for the value" },
  ],
  "oneshot closed": [
    () => oneshot<number>()[0].closed(),
    { type: "OneshotSender.closed", waits: "for the receiver to go" },
  ],
  "mpsc recv": [
    () => {
      const [sender, receiver] = mpsc<number>(2);
      sender.clone();
      return receiver.recv();
    },
    {
      type: "Next",
      children: [{ type: "MpscReceiver", waits: "values: 0, senders: 2" }],
    },
  ],
  "mpsc send": [
    () => {
      const [sender] = mpsc<number>(1);
      sender.trySend(0);
      return sender.send(1);
    },
    { type: "MpscSender.send", waits: "in line for room among 1" },
  ],
  "mpsc reserve": [
    () => {
      const [sender] = mpsc<number>(1);
      sender.trySend(0);
      return sender.reserve();
    },
    { type: "MpscSender.reserve", waits: "in line for room among 1" },
  ],
  "mpsc closed": [
    () => mpsc<number>(1)[0].closed(),
    { type: "MpscSender.closed", waits: "for the receiver to go" },
  ],
  "an mpsc sink": [
    () => {
      const [sender] = mpsc<number>(1);
      sender.trySend(0);
      return send(sender.asSink(), 1);
    },
    {
      type: "Send",
      children: [{
        type: "MpscSender.asSink",
        children: [{
          type: "MpscSender.reserve",
          waits: "in line for room among 1",
        }],
      }],
    },
  ],
  "broadcast": [
    () => broadcast<number>(1)[1].next(),
    { type: "Next", children: [{ type: "BroadcastReceiver" }] },
  ],
  "watch changed": [
    () => watch(0)[1].changed(),
    { type: "WatchReceiver.changed", waits: "for a new value" },
  ],
  "watch waitFor": [
    () => watch(0)[1].waitFor((n) => n > 0),
    { type: "WatchReceiver.waitFor", waits: "for a value that suits" },
  ],
  "watch closed": [
    () => watch(0)[0].closed(),
    { type: "WatchSender.closed", waits: "receivers: 1" },
  ],
  "an operator": [
    () => mapStream(idle(), held).next(),
    {
      type: "Next",
      children: [{ type: "MapStream", children: [idleInfo] }],
    },
  ],
  "a consumer at its source": [
    () => collect(idle()),
    { type: "Collect", children: [idleInfo] },
  ],
  "a consumer at its step": [
    () => forEach(iter([1]), () => new Leaf()),
    over("ForEach"),
  ],
  "merge": [
    () => merge(idle(), iter([])).next(),
    { type: "Next", children: [{ type: "Merge", children: [idleInfo] }] },
  ],
  "chain": [
    () => chain(iter([]), idle(), iter([])).next(),
    { type: "Next", children: [{ type: "Chain", children: [idleInfo] }] },
  ],
  "zip": [
    () => zip(iter([1]), idle()).next(),
    { type: "Next", children: [{ type: "Zip", children: [idleInfo] }] },
  ],
  "once": [
    () => once(new Leaf()).next(),
    { type: "Next", children: [over("Once")] },
  ],
  "unfold": [
    () => unfold(0, () => new Leaf()).next(),
    { type: "Next", children: [over("Unfold")] },
  ],
  "takeUntil": [
    () => takeUntil(idle(), new Leaf()).next(),
    {
      type: "Next",
      children: [{ type: "TakeUntil", children: [idleInfo, leaf] }],
    },
  ],
  "flatten at its outer": [
    () => flatten(map2(idle())).next(),
    {
      type: "Next",
      children: [{
        type: "Flatten",
        children: [{ type: "MapStream", children: [idleInfo] }],
      }],
    },
  ],
  "flatten at its inner": [
    () => flatten(iter([idle()])).next(),
    { type: "Next", children: [{ type: "Flatten", children: [idleInfo] }] },
  ],
  "thenStream at its source": [
    () => thenStream(idle(), () => new Leaf()).next(),
    { type: "Next", children: [{ type: "ThenStream", children: [idleInfo] }] },
  ],
  "thenStream at its step": [
    () => thenStream(iter([1]), () => new Leaf()).next(),
    { type: "Next", children: [over("ThenStream")] },
  ],
  "buffered": [
    () => buffered(iter([new Leaf(), new Leaf()]), 2).next(),
    {
      type: "Next",
      children: [{
        type: "Buffered",
        waits: "futures: 2",
        children: [leaf, leaf],
      }],
    },
  ],
  "buffered with room": [
    () => buffered(pollNextFn<Future<never>>(() => Pending), 2).next(),
    {
      type: "Next",
      children: [{
        type: "Buffered",
        waits: "futures: 0",
        children: [idleInfo],
      }],
    },
  ],
  "pinStream": [
    () => pinStream(idle()).next(),
    { type: "Next", children: [{ type: "pinStream", children: [idleInfo] }] },
  ],
  "forward": [
    () => forward(idle(), new Slow()),
    {
      type: "Forward",
      children: [idleInfo, { type: "Slow", waits: "slowly" }],
    },
  ],
};

const map2 = <T>(stream: ReturnType<typeof pollNextFn<T>>) =>
  mapStream(stream, () => iter<number>([]));

class Slow implements Sink<unknown> {
  pollReady(): Poll<void> {
    return Pending;
  }
  startSend(): void {}
  pollFlush(): Poll<void> {
    return Pending;
  }
  pollClose(): Poll<void> {}
  inspect(): Inspection {
    return { waits: "slowly" };
  }
  [Symbol.dispose](): void {}
}

Deno.test("waits: each future and stream says what it waits for", async (t) => {
  for (const [name, [make, says]] of Object.entries(FUTURES)) {
    await t.step(name, () => assertEquals(said(make), says));
  }
});

Deno.test("waits: what was not polled yet says so", () => {
  const before = (future: Future<unknown>) => waitsOf(future).waits;
  assertEquals(before(new AsyncTimer(5)), "5 ms, not started");
  assertEquals(before(sleepUntil(5)), "not started");
  assertEquals(before(timeout(pending(), 5)), "5 ms, not started");
  assertEquals(before(fromPromise(() => Promise.resolve())), "not started");
  assertEquals(before(co(function* () {})), "not started");
  assertEquals(before(new Mutex(0).lock()), "for the lock, not polled yet");
});

Deno.test("waits: a timer that has fired is due until it is polled", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  using timer = new AsyncTimer(5);
  const seen: (string | undefined)[] = [];
  executor.spawn(pin(timer));
  executor.spawn(pollFn((cx) => {
    seen.push(waitsOf(timer).waits);
    cx.waker.wake();
    return seen.length < 2 ? Pending : undefined;
  }));
  clock.settle();
  assertEquals(seen, ["5 ms left", "5 ms left"]);
  clock.advance(5);
  assertEquals(waitsOf(timer).waits, "completed");
  assertEquals(waitsOf(fired()).waits, "due");
});

/** A timer whose time has come, and which was not polled since. */
function fired(): AsyncTimer {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const timer = new AsyncTimer(5);
  executor.spawn(pollFn(() => timer.poll({ waker: noopWaker })));
  clock.advance(5);
  return timer;
}

Deno.test("waits: a grant that was not taken yet is told apart from a place in line", () => {
  const mutex = new Mutex(0);
  const guard = mutex.tryLock()!;
  const lock = mutex.lock();
  pollOnce(lock);
  guard.release();
  assertEquals(
    waitsOf(lock).waits,
    "was granted the lock, not polled since",
  );
});

Deno.test("waits: yieldNow says that it means to wake itself", () => {
  assertEquals(waitsOf(yieldNow()), {
    type: "yieldNow",
    waits: "for the others",
    intent: "yield",
  });
});

Deno.test("waits: what has ended waits for nothing", () => {
  const ended: Future<unknown>[] = [
    map(ready(1), held),
    flatMap(ready(1), ready),
    join([ready(1)]),
    retry(() => ready(1), { schedule: [], delay: ready }),
    co(function* () {}),
    timeout(ready(1), Infinity),
    abortable(ready(1), new AbortController().signal),
    shared(ready(1)),
    new OnceCell<number>().getOrInit(() => ready(1)),
  ];
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  for (const future of ended) executor.spawn(pin(future));
  clock.settle();
  for (const future of ended) {
    assertEquals(waitsOf(future).children, undefined, future.constructor.name);
  }
});

/** Says what it is told to. */
function saying(inspect: () => unknown): Inspectable {
  return { inspect } as Inspectable;
}

Deno.test("waits: whatever a future says of itself, it is shown and nothing throws", () => {
  const says = (answer: unknown) => waitsOf(saying(() => answer));
  assertEquals(says(undefined), { type: "Object" });
  assertEquals(says({ name: 1, waits: 2 }), { type: "1", waits: "2" });
  assertEquals(
    says({ name: Symbol("x") }).waits?.slice(0, 15),
    "inspect() threw",
  );
  assertEquals(says({ children: 7 }).waits?.slice(0, 15), "inspect() threw");
  assertEquals(says({ children: [null] }).children, [{
    type: "?",
    waits:
      "inspect() threw TypeError: Cannot read properties of null (reading 'constructor')",
  }]);
  assertEquals(says(null).waits?.slice(0, 15), "inspect() threw");
  assertEquals(waitsOf(Object.create(null) as Inspectable).type, "?");
});

Deno.test("waits: what inspect throws is shown in its place, and beside it the others", () => {
  class Broken extends Future<never> {
    override poll(): Poll<never> {
      return Pending;
    }
    override inspect(): Inspection {
      throw new RangeError("out of words");
    }
  }
  assertEquals(said(() => join([new Broken(), new Leaf()])), {
    type: "Join",
    children: [{
      type: "Broken",
      waits: "inspect() threw RangeError: out of words",
    }, leaf],
  });
  const rude = saying(() => {
    throw {
      toString() {
        throw new Error("again");
      },
    };
  });
  assertEquals(waitsOf(rude).waits, "inspect() threw what cannot be shown");
});

function size(info: WaitInfo): number {
  return (info.children ?? []).reduce((sum, each) => sum + size(each), 1);
}

Deno.test("waits: a cycle, a deep chain and a wide group are cut, and it is said where", () => {
  const cycle = saying(() => ({ children: [cycle] }));
  assertEquals(size(waitsOf(cycle)), 33);

  let deep: Future<unknown> = new Leaf();
  for (let i = 0; i < 100; i++) deep = map(deep, held);
  let at = waitsOf(deep);
  let depth = 0;
  for (; at.children !== undefined; at = at.children[0]!) depth++;
  assertEquals([depth, at.more], [32, true]);

  const wide = waitsOf(join(Array.from({ length: 9 }, () => new Leaf())));
  assertEquals([wide.children?.length, wide.more], [8, true]);
  const full = waitsOf(join(Array.from({ length: 8 }, () => new Leaf())));
  assertEquals([full.children?.length, full.more], [8, undefined]);

  const bush: Inspectable = saying(() => ({ children: Array(8).fill(bush) }));
  assertEquals(size(waitsOf(bush)), 64);
});

Deno.test("waits: children are asked for one by one, and no more than are shown", () => {
  let asked = 0;
  let closed = false;
  function* endless(): Generator<Inspectable> {
    try {
      for (;;) {
        asked++;
        yield saying(() => ({}));
      }
    } finally {
      closed = true;
    }
  }
  waitsOf(saying(() => ({ children: endless() })));
  assertEquals([asked, closed], [9, true]);
});

Deno.test("waits: a handle says the number of a task without a name", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const handle: JoinHandle<never> = executor.spawn(new Leaf());
  assertEquals(handle.inspect(), { waits: "task 1" });
});
