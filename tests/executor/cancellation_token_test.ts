import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Cancelled, TokenState } from "../../executor/_token_state.ts";
import { CancellationToken } from "../../executor/mod.ts";
import { pollOnce, wakeCounter } from "../../executor/sim/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import {
  CancelledError,
  co,
  Pending,
  pending,
  PolledAfterCompletionError,
  ready,
  select,
  settle,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { countingSignal } from "./_listeners.ts";
import { World } from "./_world.ts";

Deno.test("token: it is cancelled once, at once, and the first reason stays", () => {
  const token = new CancellationToken();
  assertEquals([token.isCancelled, token.reason], [false, undefined]);
  token.throwIfCancelled();
  token.cancel("first");
  token.cancel("second");
  assertEquals([token.isCancelled, token.reason], [true, "first"]);
  let thrown: unknown;
  try {
    token.throwIfCancelled();
  } catch (error) {
    thrown = error;
  }
  assertEquals(thrown, "first");
});

Deno.test("token: without a reason it is a CancelledError", () => {
  const token = new CancellationToken();
  token.cancel();
  assertInstanceOf(token.reason, CancelledError);
  const other = new CancellationToken();
  other.cancel(null);
  assertEquals([other.isCancelled, other.reason], [true, null]);
});

Deno.test("token: cancelled() waits for it, and gives the reason", () => {
  const token = new CancellationToken();
  const waker = wakeCounter();
  const waiting = token.cancelled();
  assertStrictEquals(pollOnce(waiting, waker), Pending);
  assertEquals(waker.count, 0);
  token.cancel("enough");
  assertEquals(waker.count, 1);
  assertEquals(pollOnce(waiting, waker), "enough");
  assertThrows(() => pollOnce(waiting), PolledAfterCompletionError);
  assertEquals(pollOnce(token.cancelled()), "enough");
});

Deno.test("token: those who wait are woken in the order in which they came", () => {
  const token = new CancellationToken();
  const log: string[] = [];
  const waker = (name: string) => ({
    wake: () => {
      assert(token.isCancelled);
      log.push(name);
    },
    willWake: () => false,
  });
  const waits = ["a", "b", "c"].map((name) => {
    const waiting = token.cancelled();
    pollOnce(waiting, waker(name));
    return waiting;
  });
  waits[1]![Symbol.dispose]();
  token.cancel();
  assertEquals(log, ["a", "c"]);
  assertThrows(() => pollOnce(waits[1]!), PolledAfterCompletionError);
});

Deno.test("token: a changed waker replaces the first", () => {
  const token = new CancellationToken();
  const [first, last] = [wakeCounter(), wakeCounter()];
  using waiting = token.cancelled();
  pollOnce(waiting, first);
  pollOnce(waiting, last);
  token.cancel();
  assertEquals([first.count, last.count], [0, 1]);
});

Deno.test("token: a waker that throws keeps no other from being woken, nor a child", () => {
  const token = new CancellationToken();
  const child = token.child();
  const bad = new Error("bad waker");
  const good = wakeCounter();
  const throwing = {
    wake() {
      throw bad;
    },
    willWake: () => false,
  };
  using one = token.cancelled();
  using two = token.cancelled();
  using three = child.cancelled();
  pollOnce(one, throwing);
  pollOnce(two, good);
  pollOnce(three, good);
  const { signal } = child;
  assertStrictEquals(assertThrows(() => token.cancel("x")), bad);
  assertEquals(good.count, 2);
  assertEquals(signal.reason, "x");
});

Deno.test("token: cancelling reaches those below, never those above or beside", () => {
  const root = new CancellationToken();
  const [a, b] = [root.child(), root.child()];
  const [a1, a2] = [a.child(), a.child()];
  a.cancel("a");
  assertEquals(
    [root, a, b, a1, a2].map((token) => token.isCancelled),
    [false, true, false, true, true],
  );
  assertEquals(a1.reason, "a");
  root.cancel("root");
  assertEquals([a.reason, a1.reason, b.reason], ["a", "a", "root"]);
});

Deno.test("token: a child that was cancelled keeps its own reason, one that was not cannot have another", () => {
  const root = new CancellationToken();
  const [early, late] = [root.child(), root.child()];
  early.cancel("early");
  root.cancel("root");
  late.cancel("late");
  assertEquals([early.reason, late.reason], ["early", "root"]);
  assertEquals(root.child().reason, "root");
});

Deno.test("token: those who wait for a child hear of any token above", () => {
  for (const above of [0, 1, 2]) {
    const line = [new CancellationToken()];
    for (let i = 0; i < 3; i++) line.push(line[i]!.child());
    const waker = wakeCounter();
    const waiting = line[3]!.cancelled();
    pollOnce(waiting, waker);
    line[above]!.cancel(above);
    assertEquals(waker.count, 1);
    assertEquals(pollOnce(waiting), above);
  }
});

Deno.test("token: a tree of ten thousand levels is cancelled and asked", () => {
  const root = new CancellationToken();
  let leaf = root;
  for (let i = 0; i < 10_000; i++) leaf = leaf.child();
  const waiting = leaf.cancelled();
  pollOnce(waiting);
  waiting[Symbol.dispose]();
  assertEquals(leaf.isCancelled, false);
  const again = leaf.cancelled();
  const waker = wakeCounter();
  pollOnce(again, waker);
  root.cancel("x");
  assertEquals([waker.count, leaf.reason], [1, "x"]);
});

Deno.test("token: a parent holds a child only while something waits for it", () => {
  const root = new TokenState(null);
  const middle = new TokenState(root);
  const child = new TokenState(middle);
  const linked = () => [root.linkedChildren, middle.linkedChildren];
  const [one, two] = [new Cancelled(child), new Cancelled(child)];
  assertEquals(linked(), [0, 0]);
  pollOnce(one);
  pollOnce(two);
  pollOnce(two);
  assertEquals(linked(), [1, 1]);
  one[Symbol.dispose]();
  assertEquals(linked(), [1, 1]);
  two[Symbol.dispose]();
  assertEquals(linked(), [0, 0], "finished children detach");
  const three = new Cancelled(child);
  pollOnce(three);
  assertEquals(linked(), [1, 1]);
  child.cancel("x");
  assertEquals(linked(), [0, 0], "so do cancelled ones");
  assertEquals(pollOnce(three), "x");
});

Deno.test("token: a middle one that is waited for stays when its child goes", () => {
  const root = new TokenState(null);
  const middle = new TokenState(root);
  const child = new TokenState(middle);
  using forMiddle = new Cancelled(middle);
  const forChild = new Cancelled(child);
  pollOnce(forMiddle);
  pollOnce(forChild);
  child.cancel("x");
  assertEquals([root.linkedChildren, middle.linkedChildren], [1, 0]);
  const waker = wakeCounter();
  pollOnce(forMiddle, waker);
  root.cancel("y");
  assertEquals(waker.count, 1);
});

Deno.test("token: a child with a signal is held until it is cancelled", () => {
  const root = new TokenState(null);
  const child = new TokenState(root);
  const { signal } = child;
  assertEquals(root.linkedChildren, 1);
  const waiting = new Cancelled(child);
  pollOnce(waiting);
  waiting[Symbol.dispose]();
  assertEquals(root.linkedChildren, 1);
  child.cancel("x");
  assertEquals(root.linkedChildren, 0);
  assertEquals(signal.reason, "x");
});

Deno.test("token: a thousand children that come and go leave nothing, waited for or not", () => {
  const root = new TokenState(null);
  for (let i = 0; i < 1000; i++) {
    const child = new TokenState(root);
    const waiting = new Cancelled(child);
    pollOnce(waiting);
    if (i % 2 === 0) waiting[Symbol.dispose]();
    else child.cancel(i);
  }
  assertEquals(root.linkedChildren, 0);
});

Deno.test("token: its signal is one, is aborted with it, and with those above", () => {
  const root = new CancellationToken();
  const child = root.child();
  const { signal } = child;
  assertStrictEquals(child.signal, signal);
  assertEquals(signal.aborted, false);
  let reason: unknown;
  signal.addEventListener("abort", () => reason = signal.reason);
  const cause = new Error("enough");
  root.cancel(cause);
  assertStrictEquals(reason, cause);
  assert(root.signal.aborted, "made afterwards, too");
  assertStrictEquals(root.signal.reason, cause);
});

Deno.test("token: from a signal it is cancelled with the signal's reason", () => {
  const source = countingSignal();
  const token = CancellationToken.fromSignal(source.signal);
  const child = token.child();
  const waker = wakeCounter();
  using waiting = child.cancelled();
  pollOnce(waiting, waker);
  source.abort("stop");
  assertEquals(waker.count, 1);
  assertEquals([token.reason, child.reason], ["stop", "stop"]);
  assertEquals(pollOnce(waiting), "stop");
  const late = CancellationToken.fromSignal(source.signal);
  assertEquals(late.reason, "stop");
  assertThrows(
    () => CancellationToken.fromSignal({} as AbortSignal),
    TypeError,
    "pass an AbortSignal",
  );
});

Deno.test("token: from a signal it listens once, and only while something waits", () => {
  const source = countingSignal();
  const token = CancellationToken.fromSignal(source.signal);
  assertEquals([token.isCancelled, source.listeners], [false, 0]);
  const waits = Array.from({ length: 10 }, () => token.child().cancelled());
  for (const waiting of waits) pollOnce(waiting);
  assertEquals(source.listeners, 1);
  for (const waiting of waits) waiting[Symbol.dispose]();
  assertEquals(source.listeners, 0);
  using again = token.cancelled();
  pollOnce(again);
  assertEquals(source.listeners, 1);
  token.cancel("by itself");
  assertEquals([source.listeners, source.signal.aborted], [0, false]);
  source.abort("late");
  assertEquals(token.reason, "by itself");
});

Deno.test("token: from a signal that another listener hears of first, all are told all the same", () => {
  const source = countingSignal();
  const token = CancellationToken.fromSignal(source.signal);
  const seen: unknown[] = [];
  source.signal.addEventListener("abort", () => {
    token.cancel("not this one");
    seen.push(token.isCancelled, token.reason);
  });
  const waker = wakeCounter();
  using waiting = token.cancelled();
  pollOnce(waiting, waker);
  source.abort("stop");
  assertEquals(seen, [true, "stop"]);
  assertEquals(waker.count, 1);
  assertEquals(token.reason, "stop");
});

Deno.test("token: runUntilCancelled drops the future and fails with the reason", async () => {
  using world = new World();
  const token = new CancellationToken();
  const probe = new Probe();
  await world.run(function* () {
    assertEquals(yield* token.runUntilCancelled(ready("x")), "x");
    world.executor.spawn(co(function* () {
      yield* sleep(5);
      token.cancel("stop");
    }));
    const outcome = yield* settle(token.runUntilCancelled(probe));
    assertEquals(outcome, { status: "rejected", reason: "stop" });
    assertEquals(probe.drops, 1);
    const late = new Probe();
    yield* settle(token.runUntilCancelled(late));
    assertEquals([late.polls, late.drops], [0, 1], "it does not begin");
  });
  world.assertClean();
});

Deno.test("token: runUntilCancelled leaves nothing in the token", async () => {
  using world = new World();
  const source = countingSignal();
  const token = CancellationToken.fromSignal(source.signal);
  await world.run(function* () {
    yield* token.runUntilCancelled(sleep(5));
    assertEquals(source.listeners, 0);
    yield* select({ a: token.runUntilCancelled(pending()), b: sleep(1) });
    assertEquals(source.listeners, 0);
  });
});

Deno.test("token: a drop guard cancels it, whatever way the block is left, unless disarmed", () => {
  const token = new CancellationToken();
  assertThrows(() => {
    using _guard = token.dropGuard("left");
    throw new Error("out");
  });
  assertEquals(token.reason, "left");
  const kept = new CancellationToken();
  {
    using guard = kept.dropGuard();
    guard.disarm();
  }
  assertEquals(kept.isCancelled, false);
});

Deno.test("token: of ten thousand that wait, those that were not dropped are woken", () => {
  const token = new CancellationToken();
  const wakers = Array.from({ length: 10_000 }, wakeCounter);
  const waits = wakers.map((waker) => {
    const waiting = token.cancelled();
    pollOnce(waiting, waker);
    return waiting;
  });
  for (let i = 0; i < waits.length; i += 2) waits[i]![Symbol.dispose]();
  token.cancel();
  assertEquals(wakers.map(({ count }) => count), wakers.map((_, i) => i % 2));
});

Deno.test("token: when one child has gone, its siblings are told still", () => {
  const root = new CancellationToken();
  const middle = root.child();
  const [gone, cancelled, left] = [middle, middle, middle].map((token) => {
    const child = token.child();
    const waker = wakeCounter();
    const waiting = child.cancelled();
    pollOnce(waiting, waker);
    return { child, waiting, waker };
  });
  gone!.waiting[Symbol.dispose]();
  cancelled!.child.cancel();
  root.cancel("x");
  assertEquals(
    [gone, cancelled, left].map((each) => each!.waker.count),
    [0, 1, 1],
  );
  assertEquals(pollOnce(left!.waiting), "x");
});
