import {
  CancellationToken,
  scope,
  shield,
  taskLocal,
  unconstrained,
} from "../../../executor/mod.ts";
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
  FuturesOrdered,
  FuturesUnordered,
  join,
  joinSettled,
  lazy,
  map,
  mapError,
  pending,
  pin,
  pollFn,
  race,
  ready,
  recover,
  retry,
  select,
  settle,
  shared,
} from "../../../future/mod.ts";
import { send } from "../../../future/stream/mod.ts";
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

import { held, Leaf, leaf, over, wait, type Waiting } from "./_leaf.ts";

/** The futures of `./future`, `./sync`, `./executor` and `./time`. */
export const FUTURES: Waiting = {
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

  "unconstrained": [
    () => unconstrained(new Leaf()),
    over("Unconstrained"),
  ],
  "a task-local": [
    () => taskLocal<number>().with(1, new Leaf()),
    over("WithLocal"),
  ],
  "shield": [() => shield(new Leaf()), over("shield")],
  "scope": [
    () =>
      scope(function* (s) {
        s.spawn(new Leaf());
        yield* new Leaf();
      }),
    over("scope", { waits: "for children: 1" }),
  ],
  "a token": [
    () => new CancellationToken().cancelled(),
    { type: "cancelled", waits: "for the token" },
  ],
};
