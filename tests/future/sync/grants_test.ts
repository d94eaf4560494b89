import { assertEquals } from "@std/assert";
import type { Future, Waker } from "../../../future/mod.ts";
import { observeGrants } from "../../../future/sync/_grants.ts";
import { wakeCounter } from "../../../executor/sim/mod.ts";
import {
  mpsc,
  Mutex,
  Notify,
  OnceCell,
  Semaphore,
} from "../../../future/sync/mod.ts";
import { Probe } from "../../_probe.ts";
import { subjects } from "./_scenes.ts";
import { drop, park, take } from "./_tools.ts";

/** What is granted and not yet taken, while the test runs. */
function watching(body: (open: Map<Future<unknown>, Waker | null>) => void) {
  const open = new Map<Future<unknown>, Waker | null>();
  const before = observeGrants({
    granted: (wait, waker) => open.set(wait, waker),
    settled: (wait) => open.delete(wait),
  });
  try {
    body(open);
  } finally {
    observeGrants(before);
  }
}

Deno.test("grants: a lock that was granted and is not taken can be found, with the task it is for", () => {
  for (const { of, promise, set } of subjects) {
    if (promise !== "loses its place") continue;
    watching((open) => {
      const { make, serve } = set();
      const { future, waker } = park(make());
      assertEquals(open.size, 0, of);
      serve();
      assertEquals([...open], [[future, waker]], of);
      take(future);
      assertEquals(open.size, 0, of);
    });
  }
});

Deno.test("grants: one that is dropped is settled, and what it passes on is seen", () => {
  watching((open) => {
    const notify = new Notify();
    const [a, b] = [park(notify.notified()), park(notify.notified())];
    notify.notifyOne();
    drop(a.future);
    assertEquals([...open.keys()], [b.future]);
    drop(b.future);
    assertEquals(open.size, 0);
  });
});

Deno.test("grants: what is taken without waiting, refused or left is no grant", () => {
  let seen = 0;
  const before = observeGrants({
    granted: () => seen++,
    settled: () => seen++,
  });
  try {
    const semaphore = new Semaphore(1);
    take(semaphore.acquire()).release();
    const held = semaphore.tryAcquire()!;
    drop(park(semaphore.acquire()).future);
    park(semaphore.acquire());
    semaphore.close();
    held.release();
  } finally {
    observeGrants(before);
  }
  assertEquals(seen, 0);
});

Deno.test("grants: one to a place in line that is used again and again is seen each time", () => {
  watching((open) => {
    const mutex = new Mutex(0);
    const holder = mutex.holder();
    const [sender, receiver] = mpsc<number>(1);
    const sink = sender.asSink();
    const waker = wakeCounter();
    sink.pollReady({ waker });
    sink.startSend(0);
    for (let round = 1; round <= 2; round++) {
      const guard = mutex.tryLock()!;
      holder.pollLock({ waker });
      sink.pollReady({ waker });
      guard.release();
      receiver.tryRecv();
      assertEquals([...open.values()], [waker, waker]);
      holder.pollLock({ waker });
      sink.pollReady({ waker });
      assertEquals(open.size, 0);
      holder.release();
      sink.startSend(round);
    }
  });
});

Deno.test("grants: the turn to make the value of a cell is one", () => {
  watching((open) => {
    const cell = new OnceCell<string>();
    const first = park(cell.getOrInit(() => new Probe()));
    const second = park(cell.getOrInit(() => Probe.ready("x")));
    drop(first.future);
    assertEquals([...open.values()], [second.waker]);
    take(second.future);
    assertEquals(open.size, 0);
  });
});

Deno.test("grants: an observer is handed back by the next, and nobody is told without one", () => {
  const observer = { granted() {}, settled() {} };
  const before = observeGrants(observer);
  assertEquals(observeGrants(before), observer);
});
