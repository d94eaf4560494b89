import type { Executor, WaitInfo } from "../../../executor/mod.ts";
import { pollOnce } from "../../../executor/sim/mod.ts";
import { AsyncTimer, sleepUntil, timeout } from "../../../executor/time/mod.ts";
import {
  abortable,
  any,
  co,
  type Context,
  flatMap,
  fromPromise,
  fromSignal,
  Future,
  FuturesOrdered,
  FuturesUnordered,
  type Inspection,
  join,
  joinSettled,
  lazy,
  map,
  mapError,
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
  type Waker,
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
  send,
  type Sink,
  Stream,
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

/** Waits, and says so. */
export class Leaf extends Future<never> {
  #waker: Waker | null = null;

  override poll(cx: Context): Poll<never> {
    this.#waker = cx.waker;
    return Pending;
  }

  override inspect(): Inspection {
    return { waits: this.#waker === null ? "not polled" : "here" };
  }
}

export const leaf: WaitInfo = { type: "Leaf", waits: "here" };
const over = (type: string, more: Partial<WaitInfo> = {}): WaitInfo => ({
  type,
  children: [leaf],
  ...more,
});
/** A stream that waits. */
class Quiet extends Stream<never> {
  waker: Waker | null = null;

  override pollNext(cx: Context): Poll<never> {
    this.waker = cx.waker;
    return Pending;
  }
}

const idle = (): Stream<never> => new Quiet();
const idleInfo: WaitInfo = { type: "Quiet" };

/** Waits for what the test knows of. */
const kept: Waker[] = [];
function wait(cx: Context): Pending {
  kept.push(cx.waker);
  return Pending;
}

export const held = <T>(value: T): T => {
  return value;
};

/**
 * Each future of `./future`, `./sync`, `./stream`, `./executor` and `./time` that
 * can wait, in a place where it does; and what it says of itself then.
 */
export const WAITING: Record<
  string,
  [make: (executor: Executor) => Future<unknown>, says: WaitInfo]
> = {
  "pending": [
    () => pending(),
    { type: "pending", waits: "for ever", intent: "never" },
  ],
  "pollFn": [
    () =>
      pollFn(function key(cx) {
        return wait(cx);
      }),
    { type: "pollFn key" },
  ],
  "pollFn without a name": [
    () => pollFn((() => (cx: Context) => wait(cx))()),
    { type: "pollFn" },
  ],
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
    () => buffered(idle(), 2).next(),
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

/** A stream of streams that waits. */
const map2 = (stream: Stream<never>): Stream<Stream<number>> =>
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
