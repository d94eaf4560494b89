import type { Future } from "../../../future/mod.ts";
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
import { Probe } from "../../_probe.ts";
import { drop, take } from "./_tools.ts";

/** What a future waits for, ready to be waited for. */
export interface Scene {
  /** Makes the future, as often as one likes; the first polls all wait. */
  make(): Future<unknown>;
  /** Ends the waiting of one future, or of all. */
  serve(): void;
  /** How much is handed out still, once all have given back what they got. */
  left?(): number;
}

/** A public future, by the class and the method that it comes from. */
export interface Subject {
  of: string;
  /** What error texts call it. */
  type: string;
  /** What dropping it does; the words that its documentation begins with. */
  promise: "safe" | "loses its place" | "loses data" | string;
  set(): Scene;
}

/** Every public future of `./sync`. */
export const subjects: Subject[] = [
  {
    of: "Semaphore.acquire",
    type: "AcquirePermit",
    promise: "loses its place",
    set() {
      const semaphore = new Semaphore(0);
      return {
        make: () => semaphore.acquire(),
        serve: () => semaphore.addPermits(1),
        left: () => 1 - semaphore.availablePermits,
      };
    },
  },
  {
    of: "Mutex.lock",
    type: "Lock",
    promise: "loses its place",
    set() {
      const mutex = new Mutex("x");
      const guard = mutex.tryLock()!;
      return {
        make: () => mutex.lock(),
        serve: () => guard.release(),
        left: () => mutex.isLocked ? 1 : 0,
      };
    },
  },
  {
    of: "RwLock.read",
    type: "Read",
    promise: "loses its place",
    set() {
      const lock = new RwLock("x");
      const guard = lock.tryWrite()!;
      return {
        make: () => lock.read(),
        serve: () => guard.release(),
        left: () => lock.tryWrite() === null ? 1 : 0,
      };
    },
  },
  {
    of: "RwLock.write",
    type: "Write",
    promise: "loses its place",
    set() {
      const lock = new RwLock("x");
      const guard = lock.tryRead()!;
      return {
        make: () => lock.write(),
        serve: () => guard.release(),
        left: () => lock.tryWrite() === null ? 1 : 0,
      };
    },
  },
  {
    of: "Notify.notified",
    type: "Notified",
    promise: "loses its place",
    set() {
      const notify = new Notify();
      return { make: () => notify.notified(), serve: () => notify.notifyOne() };
    },
  },
  {
    of: "Barrier.wait",
    type: "Arrival",
    promise: "loses its place",
    set() {
      const barrier = new Barrier(2);
      return { make: () => barrier.wait(), serve: () => take(barrier.wait()) };
    },
  },
  {
    of: "OnceCell.getOrInit",
    type: "GetOrInit",
    promise: "as safe as the future that `init` returned, which is dropped",
    set() {
      const cell = new OnceCell<string>();
      let probe = new Probe();
      let isServed = false;
      const init = () => {
        probe = isServed ? Probe.ready("x") : new Probe();
        return probe;
      };
      return {
        make: () => cell.getOrInit(init),
        serve: () => {
          isServed = true;
          if (probe.isAlive) probe.complete("x");
        },
      };
    },
  },
  {
    of: "OneshotReceiver",
    type: "OneshotReceiver",
    promise: "loses data",
    set() {
      const [sender, receiver] = oneshot<string>();
      return { make: () => receiver, serve: () => sender.send("x") };
    },
  },
  {
    of: "OneshotSender.closed",
    type: "Closed",
    promise: "safe",
    set() {
      const [sender, receiver] = oneshot<string>();
      return { make: () => sender.closed(), serve: () => receiver.close() };
    },
  },
  {
    of: "MpscSender.send",
    type: "Send",
    promise: "loses its place",
    set() {
      const [sender, receiver] = mpsc<string>(1);
      sender.trySend("x");
      return {
        make: () => sender.send("y"),
        serve: () => void receiver.tryRecv(),
      };
    },
  },
  {
    of: "MpscSender.reserve",
    type: "Reserve",
    promise: "loses its place",
    set() {
      const [sender, receiver] = mpsc<string>(1);
      sender.trySend("x");
      return {
        make: () => sender.reserve(),
        serve: () => void receiver.tryRecv(),
        left: () => 1 - sender.capacity,
      };
    },
  },
  {
    of: "MpscSender.closed",
    type: "Closed",
    promise: "safe",
    set() {
      const [sender, receiver] = mpsc<string>(1);
      return { make: () => sender.closed(), serve: () => drop(receiver) };
    },
  },
  {
    of: "MpscReceiver.recv",
    type: "Next",
    promise: "safe",
    set() {
      const [sender, receiver] = mpsc<string>(1);
      return { make: () => receiver.recv(), serve: () => sender.trySend("x") };
    },
  },
  {
    of: "BroadcastReceiver.recv",
    type: "Next",
    promise: "safe",
    set() {
      const [sender, receiver] = broadcast<string>(1);
      return {
        make: () => receiver.recv(),
        serve: () => void sender.send("x"),
      };
    },
  },
  {
    of: "WatchReceiver.changed",
    type: "Changed",
    promise: "safe",
    set() {
      const [sender, receiver] = watch("w");
      return { make: () => receiver.changed(), serve: () => sender.send("x") };
    },
  },
  {
    of: "WatchReceiver.waitFor",
    type: "WaitFor",
    promise: "safe",
    set() {
      const [sender, receiver] = watch("w");
      return {
        make: () => receiver.waitFor((value) => value === "x"),
        serve: () => sender.send("x"),
      };
    },
  },
  {
    of: "WatchSender.closed",
    type: "Closed",
    promise: "safe",
    set() {
      const [sender, receiver] = watch("w");
      return { make: () => sender.closed(), serve: () => drop(receiver) };
    },
  },
];
