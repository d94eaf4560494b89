import { assert, assertEquals } from "@std/assert";
import { explore, type Sim } from "../../../executor/sim/mod.ts";
import { sleep } from "../../../executor/time/mod.ts";
import {
  type Context,
  Future,
  join,
  Pending,
  pollFn,
  ready,
  type Waker,
} from "../../../future/mod.ts";
import { Notify } from "../../../future/sync/mod.ts";
import { failureOf } from "./_explore.ts";

/** Completes when told to; keeps the waker of its first poll. */
class KeepsFirst extends Future<void> {
  #waker: Waker | null = null;
  #told = false;

  tell(): void {
    this.#told = true;
    this.#waker?.wake();
  }

  override poll(cx: Context) {
    if (this.#told) return;
    this.#waker ??= cx.waker;
    return Pending;
  }
}

Deno.test("wakers: who keeps the first waker instead of the last is found out", () => {
  const body = (sim: Sim) => {
    const future = new KeepsFirst();
    sim.spawn(future);
    sim.spawn(function* () {
      yield* sim.sleep(10);
      future.tell();
    });
  };
  explore({ runs: 50 }, body);
  const failure = failureOf(body, { runs: 50, wakers: { spurious: 0.3 } });
  assertEquals(failure.kind, "deadlock");
  // The wakers are as they should be, if the future is.
  explore({ runs: 50, wakers: { spurious: 0.3, late: true } }, (sim) => {
    const notify = new Notify();
    sim.spawn(notify.notified());
    sim.spawn(function* () {
      yield* sim.sleep(10);
      notify.notifyOne();
    });
  });
});

Deno.test("wakers: they can be late, doubled, and called long after, and polls come for nothing", () => {
  let polls = 0;
  let delays = 0;
  explore({
    runs: 100,
    wakers: {
      spurious: 0.2,
      delayed: 0.5,
      duplicated: 0.5,
      delay: 3,
      late: true,
    },
  }, function* (sim) {
    const counted = pollFn(function (this: void, cx: Context) {
      polls++;
      return timer.poll(cx);
    });
    const timer = sleep(10);
    yield* counted;
    if (sim.now() > 10) delays++;
    yield* join([ready(1), sim.sleep(1)]);
  });
  assert(polls > 210, `${polls} polls where 200 would do`);
  assert(delays > 10 && delays < 90, `${delays} of 100 were late`);
});
