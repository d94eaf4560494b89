// Notify and Barrier against models that are arrays.
import { assertEquals, assertStrictEquals } from "@std/assert";
import { type WakeCounter, wakeCounter } from "../../../executor/sim/mod.ts";
import { type Future, Pending } from "../../../future/mod.ts";
import {
  Barrier,
  type BarrierResult,
  Notify,
} from "../../../future/sync/mod.ts";
import { forSeeds, type Random } from "./_random.ts";
import { drop } from "./_tools.ts";

interface Wait<T> {
  future: Future<T>;
  waker: WakeCounter;
}

function remove<T>(from: T[], random: Random): T | undefined {
  return from.splice(random.below(from.length), 1)[0];
}

Deno.test("property: a notice to one is never lost, and reaches who has waited longest", () => {
  forSeeds(30, (random) => {
    const notify = new Notify();
    type Told = Wait<void> & { isForAll: boolean };
    const line: Wait<void>[] = [];
    const told: Told[] = [];
    let isStored = false;
    const notifyOne = () => {
      const first = line.shift();
      if (first === undefined) isStored = true;
      else told.push({ ...first, isForAll: false });
    };
    const actions = [
      () => {
        const wait = { future: notify.notified(), waker: wakeCounter() };
        const got = wait.future.poll(wait);
        assertEquals(got !== Pending, isStored);
        if (got === Pending) line.push(wait);
        isStored = false;
      },
      () => {
        notify.notifyOne();
        notifyOne();
      },
      () => {
        if (!random.chance(0.3)) return;
        notify.notifyWaiters();
        for (const wait of line.splice(0)) {
          told.push({ ...wait, isForAll: true });
        }
      },
      () => {
        const wait = remove(told, random);
        if (wait !== undefined) assertEquals(wait.future.poll(wait), undefined);
      },
      () => {
        const wait = remove(told, random);
        if (wait === undefined) return;
        drop(wait.future);
        if (!wait.isForAll) notifyOne();
      },
      () => {
        const wait = remove(line, random);
        if (wait !== undefined) drop(wait.future);
      },
    ];
    for (let step = 0; step < 1000; step++) {
      random.pick(actions)();
      for (const { waker } of line) assertEquals(waker.count, 0);
      for (const { waker } of told) assertEquals(waker.count, 1);
    }
  });
});

Deno.test("property: each round of a barrier has all who are there, and one leader", () => {
  forSeeds(30, (random) => {
    const size = 1 + random.below(5);
    const barrier = new Barrier(size);
    const line: Wait<BarrierResult>[] = [];
    const free: Wait<BarrierResult>[] = [];
    let leaders = 0;
    let rounds = 0;
    for (let step = 0; step < 1000; step++) {
      switch (random.below(4)) {
        case 0:
        case 1: {
          const wait = { future: barrier.wait(), waker: wakeCounter() };
          const got = wait.future.poll(wait);
          if (line.length + 1 < size) {
            assertStrictEquals(got, Pending);
            line.push(wait);
          } else {
            assertEquals(got, { isLeader: true });
            leaders++;
            rounds++;
            free.push(...line.splice(0));
          }
          break;
        }
        case 2: {
          const from = random.chance(0.5) ? line : free;
          const wait = remove(from, random);
          if (wait !== undefined) drop(wait.future);
          break;
        }
        default: {
          const wait = remove(free, random);
          if (wait === undefined) break;
          assertEquals(wait.future.poll(wait), { isLeader: false });
        }
      }
      for (const { waker } of line) assertEquals(waker.count, 0);
      for (const { waker } of free) assertEquals(waker.count, 1);
    }
    assertEquals(leaders, rounds);
  });
});
