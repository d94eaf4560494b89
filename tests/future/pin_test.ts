import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { Executor } from "../../executor/mod.ts";
import { VirtualClock, wakeCounter } from "../../executor/sim/mod.ts";
import {
  CancelledError,
  co,
  type Future,
  FutureMovedError,
  join,
  noopWaker,
  Pending,
  pending,
  pin,
  PolledAfterCompletionError,
  race,
  ready,
  select,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";

const cx = { waker: noopWaker };

/** Polls a race that the lent future loses. */
function loseWith(handle: Future<unknown>): void {
  race([handle, ready("other")], { biased: true }).poll(cx);
}

Deno.test("pin: the handle polls the future in place", () => {
  const work = new Probe();
  const handle = pin(work);
  const waker = wakeCounter();
  assertStrictEquals(handle.poll({ waker }), Pending);
  work.complete("done");
  assertEquals([waker.count, work.polls], [1, 1]);
  assertEquals(handle.poll({ waker }), "done");
  assertThrows(
    () => handle.poll(cx),
    PolledAfterCompletionError,
    "Cannot poll Pinned: it already completed",
  );
});

Deno.test("pin: a new handle each round goes on with the same future", () => {
  using work = new Probe();
  for (let round = 1; round <= 5; round++) {
    loseWith(pin(work));
    assertEquals([work.polls, work.drops], [round, 0]);
  }
  work.complete("done");
  assertEquals(race([pin(work), pending()]).poll(cx), "done");
});

Deno.test("pin: the same handle over many rounds", () => {
  using work = new Probe();
  const handle = pin(work);
  for (let round = 1; round <= 5; round++) {
    loseWith(handle);
    assertEquals([work.polls, work.drops], [round, 0]);
  }
  work.complete("done");
  assertEquals(race([handle, pending()]).poll(cx), "done");
  assertThrows(
    () => race([handle, ready(1)], { biased: true }).poll(cx),
    PolledAfterCompletionError,
    "already completed",
  );
});

Deno.test("pin: a select in a loop inside co", () => {
  const work = new Probe<string>("work");
  const ticks: Probe<number>[] = [];
  const seen: unknown[] = [];
  const loop = co(function* () {
    using mine = work;
    for (;;) {
      const tick = new Probe<number>();
      ticks.push(tick);
      const { key, value } = yield* select({ work: pin(mine), tick });
      if (key === "work") return value;
      seen.push(value);
    }
  });
  loop.poll(cx);
  for (let i = 0; i < 4; i++) {
    ticks.at(-1)!.complete(i);
    assertStrictEquals(loop.poll(cx), Pending);
  }
  work.complete("worked");
  assertEquals(loop.poll(cx), "worked");
  assertEquals(seen, [0, 1, 2, 3]);
  assertEquals(ticks.map((tick) => tick.drops), [0, 0, 0, 0, 1]);
});

Deno.test("pin: a handle that is dropped before its poll blocks nothing", () => {
  using work = new Probe();
  const handle = pin(work);
  handle[Symbol.dispose]();
  assertThrows(
    () => handle.poll(cx),
    PolledAfterCompletionError,
    "Cannot poll Pinned: it was dropped",
  );
  assertEquals([work.polls, work.drops], [0, 0]);
  loseWith(pin(work));
  assertEquals(work.polls, 1);
});

Deno.test("pin: a handle that lost before it was polled may be lent again", () => {
  using work = new Probe();
  const handle = pin(work);
  race([ready("first"), handle], { biased: true }).poll(cx);
  assertEquals(work.polls, 0);
  loseWith(handle);
  assertEquals(work.polls, 1);
});

Deno.test("pin: a handle that nobody used blocks nothing", () => {
  using work = new Probe();
  const [unused, used] = [pin(work), pin(work)];
  used.poll(cx);
  assertEquals(work.polls, 1);
  used[Symbol.dispose]();
  unused.poll(cx);
  assertEquals(work.polls, 2);
});

Deno.test("pin: of two handles at once the second is refused, and may try again later", () => {
  using work = new Probe();
  const [first, second] = [pin(work), pin(work)];
  first.poll(cx);
  const error = assertThrows(() => second.poll(cx), FutureMovedError);
  assertEquals(
    error.message,
    "Cannot move Probe: Pinned holds it; lend it with pin() or make a second one",
  );
  first.poll(cx);
  assertEquals(work.polls, 2, "the first is unharmed");
  first[Symbol.dispose]();
  assertStrictEquals(second.poll(cx), Pending);
  assertThrows(() => pin(work), FutureMovedError, "another future or task");
});

Deno.test("pin: while it is lent nobody can adopt it, afterwards anybody can", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const work = new Probe();
  const handle = pin(work);
  handle.poll(cx);
  assertThrows(() => join([work]), FutureMovedError, "Pinned holds it");
  assertThrows(() => executor.spawn(work), FutureMovedError, "Pinned holds it");
  handle[Symbol.dispose]();
  const task = executor.spawn(work);
  clock.settle();
  assertEquals(work.polls, 2);
  assertThrows(() => pin(work), FutureMovedError);
  task.abort();
  assertEquals(work.drops, 1);
});

Deno.test("pin: a future that was adopted between pin and the first poll is refused", () => {
  const work = new Probe();
  const handle = pin(work);
  using owner = join([work]);
  assertThrows(() => handle.poll(cx), FutureMovedError, "Join holds it");
  owner.poll(cx);
  assertEquals(work.polls, 1);
  handle[Symbol.dispose]();
  assertEquals(work.drops, 0);
  assertThrows(() => join([work]), FutureMovedError, "Join holds it");
});

Deno.test("pin: a handle that ran on a task can be run again after an abort", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  using work = new Probe();
  const handle = pin(work);
  executor.spawn(handle).abort();
  const second = executor.spawn(handle);
  clock.settle();
  assertEquals(work.polls, 1);
  second.abort();
  const third = executor.spawn(handle);
  work.complete("done");
  clock.settle();
  assertEquals([third.isFinished, work.drops], [true, 0]);
});

Deno.test("pin: polled after its drop by nobody's hand, it throws", () => {
  using work = new Probe();
  const handle = pin(work);
  handle.poll(cx);
  handle[Symbol.dispose]();
  handle[Symbol.dispose]();
  const error = assertThrows(() => handle.poll(cx), PolledAfterCompletionError);
  assertEquals(error.message, "Cannot poll Pinned: it was dropped");
  assertEquals(work.polls, 1);
});

Deno.test("pin: a failure goes through, and ends the loan", () => {
  const work = new Probe();
  const handle = pin(work);
  handle.poll(cx);
  work.fail("broken");
  assertStrictEquals(assertThrows(() => handle.poll(cx)), "broken");
  assertThrows(
    () => handle.poll(cx),
    PolledAfterCompletionError,
    "Cannot poll Pinned: it already failed",
  );
  using _free = join([work]);
});

Deno.test("pin: of what has ended, it fails as that does", () => {
  const work = Probe.ready("once", "work");
  assertEquals(pin(work).poll(cx), "once");
  const late = pin(work);
  assertThrows(
    () => late.poll(cx),
    PolledAfterCompletionError,
    "Cannot poll work: it already completed",
  );
  assertThrows(
    () => late.poll(cx),
    PolledAfterCompletionError,
    "Cannot poll Pinned: it already failed",
  );
});

Deno.test("pin: a future that is dropped while it is lent fails its borrower", () => {
  const work = new Probe("work");
  const handle = pin(work);
  handle.poll(cx);
  work[Symbol.dispose]();
  assertThrows(
    () => handle.poll(cx),
    PolledAfterCompletionError,
    "Cannot poll work: it was dropped",
  );
});

Deno.test("pin: a loan that is returned from inside its own poll does not take the future from its next owner", () => {
  for (const ends of [false, true]) {
    const work = new Probe();
    const handle = pin(work);
    let owner: Future<unknown> | undefined;
    work.onPoll = () => {
      handle[Symbol.dispose]();
      owner = join([work]);
    };
    if (ends) {
      work.complete("done");
      assertEquals(handle.poll(cx), "done");
    } else {
      assertThrows(
        () => handle.poll(cx),
        CancelledError,
        "Cannot go on with Pinned: it was dropped from inside its poll",
      );
    }
    assertEquals(work.drops, 0);
    assertThrows(() => pin(work), FutureMovedError);
    owner![Symbol.dispose]();
  }
});

Deno.test("pin: what is no future, or is owned, is refused at once", () => {
  assertThrows(
    () => pin(5 as unknown as Future<number>),
    TypeError,
    "Cannot adopt number: it is not a Future",
  );
  assertThrows(
    () => pin(Promise.resolve() as unknown as Future<number>),
    TypeError,
    "wrap a promise with fromPromise()",
  );
  const work = new Probe();
  using _owner = join([work]);
  assertThrows(
    () => pin(work),
    FutureMovedError,
    "Cannot move Probe: another future or task holds it",
  );
});

Deno.test("pin: a handle can be lent in turn", () => {
  using work = new Probe();
  const handle = pin(work);
  for (let round = 1; round <= 3; round++) {
    loseWith(pin(handle));
    assertEquals([work.polls, work.drops], [round, 0]);
  }
});
