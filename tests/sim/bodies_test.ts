// Each primitive of ./sync and the combinators, in every order of their tasks.
import { assert, assertEquals } from "@std/assert";
import {
  dfs,
  explore,
  type ExploreOptions,
  pct,
  random,
} from "../../executor/sim/mod.ts";
import { futures, methods } from "../executor/_claims.ts";
import { promises } from "../future/_claims.ts";
import { table } from "../future/sync/_claims.ts";
import { bodies as first } from "./_bodies.ts";
import { endBodies } from "./_end_bodies.ts";

const bodies = { ...first, ...endBodies };

/** Which bodies explore what there is to wait for. */
const explored: Record<string, (keyof typeof bodies)[]> = {
  "Barrier.wait": ["barrier"],
  "BroadcastReceiver": ["broadcasting"],
  "BroadcastReceiver.recv": ["broadcasting"],
  "MpscReceiver": ["channel", "channelAborted", "channelSinks"],
  "MpscReceiver.recv": ["channel", "channelAborted", "channelSinks"],
  "MpscSender.closed": ["channelClosed"],
  "MpscSender.reserve": ["channelAborted"],
  "MpscSender.send": ["channel", "channelAborted"],
  "Mutex.lock": ["mutex", "mutexAborted"],
  "Notify.notified": ["notify", "notifyAll"],
  "OnceCell.getOrInit": ["onceCell"],
  "OneshotReceiver": ["oneshotSend"],
  "OneshotSender.closed": ["oneshotClosed"],
  "RwLock.read": ["rwLock"],
  "RwLock.write": ["rwLock"],
  "Semaphore.acquire": ["semaphore", "semaphoreClosed"],
  "WatchReceiver": ["watching"],
  "WatchReceiver.changed": ["watchWaits"],
  "WatchReceiver.waitFor": ["watchWaits"],
  "WatchSender.closed": ["watchClosed"],

  any: ["anyOf"],
  join: ["joining"],
  joinSettled: ["joiningSettled"],
  race: ["racing"],
  select: ["selecting"],
  shared: ["sharing"],

  JoinHandle: ["mutexAborted"],
  JoinMap: ["joinMap"],
  JoinSet: ["joinSet"],
  Shutdown: ["shuttingDown"],
  cancelled: ["cancelling"],
  scope: ["scoped", "shielded"],
  shield: ["shielded"],
  shutdown: ["shuttingDown"],
  track: ["tracked"],
  wait: ["tracked"],
  yieldNow: ["mutex"],

  // No futures, but what hands them out or takes them in.
  FuturesOrdered: ["ordered"],
  FuturesUnordered: ["unordered"],
  MutexHolder: ["mutexHolders"],
  "MpscSender.asSink": ["channelSinks"],
};

/** What has one child, or none, and so nothing whose order could be another. */
const alone = [
  ...["abortable", "co", "flatMap", "fromPromise", "fromSignal", "lazy"],
  ...["map", "mapError", "pending", "pin", "pollFn", "ready", "recover"],
  ...["retry", "settle"],
  ...["AsyncTimer", "sleep", "sleepUntil", "timeout", "timeoutAt"],
  ...["runUntilCancelled", "unconstrained", "with"],
];

Deno.test("every order: each primitive of ./sync, and all that waits for several, is explored", () => {
  const named = new Set([
    ...Object.keys(table),
    ...Object.keys(promises),
    ...Object.keys(futures),
    ...Object.keys(methods),
  ]);
  const beside = ["FuturesOrdered", "FuturesUnordered", "MutexHolder"];
  assertEquals(
    [...Object.keys(explored), ...alone].sort(),
    [...named, ...beside, "MpscSender.asSink"].sort(),
  );
  assertEquals(
    [...new Set(Object.values(explored).flat())].sort(),
    Object.keys(bodies).sort(),
    "and no body is for nothing",
  );
});

/** Wakers as the contract allows them, at their worst. */
const wakers = {
  spurious: 0.2,
  delayed: 0.2,
  duplicated: 0.2,
  delay: 2,
  late: true,
  ledger: true,
};

for (const [name, body] of Object.entries(bodies)) {
  Deno.test(`every order: ${name}`, () => {
    const report = explore({ schedule: dfs() }, body);
    assert(report.isExhaustive);
    assert(report.runs > 1, "there is something to choose");
  });

  Deno.test(`bad wakers: ${name}`, () => {
    const ways: ExploreOptions[] = [
      { schedule: random(), wakers: { ...wakers, delay: 0 } },
      { schedule: pct({ depth: 3 }), wakers },
    ];
    for (const options of ways) {
      const first = explore({ runs: 80, ...options }, body);
      assertEquals(
        explore({ runs: 80, ...options }, body),
        first,
        "the same twice",
      );
    }
  });
}
