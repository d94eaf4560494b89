// What has ended or was dropped keeps no waker, and so no task that had waited.
import { assertEquals } from "@std/assert";
import {
  CancellationToken,
  Executor,
  JoinSet,
  scope,
  shutdown,
  TaskTracker,
} from "../../executor/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import { type Future, pending, type Waker } from "../../future/mod.ts";
import { oneshot } from "../../future/sync/mod.ts";
import { Probe } from "../_probe.ts";
import { gc } from "./_heap.ts";
import { inside } from "./_inside.ts";
import { SignalHost } from "./_signal_host.ts";

/** Something that is waited for, and what ends the waiting. */
interface Case {
  future: Future<unknown>;
  end(): void;
  /** What is still there afterwards. */
  keep: unknown;
}

const host = new SignalHost();
const executor = new Executor({ host, unjoined: "ignore" });

const cases: Record<string, () => Case> = {
  "a set that was dropped": () => {
    const set = new JoinSet<never>();
    set.spawn(pending());
    return {
      future: set.joinNext(),
      end: () => set[Symbol.dispose](),
      keep: set,
    };
  },
  "a set whose joinNext was served": () => {
    const set = new JoinSet<string>();
    const probe = new Probe();
    set.spawn(probe);
    const end = () => {
      probe.complete("x");
      host.settle();
    };
    return { future: set.joinNext(), end, keep: set };
  },
  "a scope that was dropped": () => {
    const future = scope(function* (s) {
      s.spawn(pending());
      yield* pending();
    });
    return { future, end: () => future[Symbol.dispose](), keep: future };
  },
  "a token whose wait was dropped": () => {
    const token = new CancellationToken().child();
    const future = token.cancelled();
    return {
      future,
      end: () => future[Symbol.dispose](),
      keep: [token, future],
    };
  },
  "a token that was cancelled": () => {
    const token = new CancellationToken();
    const future = token.cancelled();
    return { future, end: () => token.cancel(), keep: [token, future] };
  },
  "a tracker whose wait was dropped": () => {
    const tracker = new TaskTracker();
    const future = tracker.wait();
    return {
      future,
      end: () => future[Symbol.dispose](),
      keep: [tracker, future],
    };
  },
  "a oneshot whose value was sent": () => {
    const [sender, receiver] = oneshot<number>();
    return { future: receiver, end: () => sender.send(1), keep: receiver };
  },
  "a oneshot whose receiver was dropped": () => {
    const [sender, receiver] = oneshot<number>();
    const end = () => receiver[Symbol.dispose]();
    return { future: receiver, end, keep: [sender, receiver] };
  },
  "a shutdown that was dropped": () => {
    const future = shutdown();
    return { future, end: () => future[Symbol.dispose](), keep: future };
  },
};

/** Waits with a waker of its own, and ends the waiting. */
function waitWeakly(what: Case): WeakRef<Waker> {
  const waker: Waker = { wake() {}, willWake: () => false };
  inside(executor, host, () => pollOnce(what.future, waker));
  what.end();
  return new WeakRef(waker);
}

for (const [name, make] of Object.entries(cases)) {
  Deno.test(`kept wakers: ${name} keeps none`, async () => {
    const what = inside(executor, host, make);
    host.settle();
    const waker = waitWeakly(what);
    await new Promise((resolve) => setImmediate(resolve)); // lets go of WeakRefs
    gc();
    assertEquals(waker.deref(), undefined);
    assertEquals(what.keep !== undefined, true);
  });
}
