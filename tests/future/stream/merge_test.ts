import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { wakeCounter } from "../../../executor/sim/mod.ts";
import { Budget, noopWaker, Pending, type Waker } from "../../../future/mod.ts";
import {
  collect,
  Done,
  iter,
  merge,
  unfold,
} from "../../../future/stream/mod.ts";
import { Failure, Source } from "./_world.ts";

const cx = { waker: noopWaker };

Deno.test("merge: polls only the source that was woken, of ten thousand", () => {
  const sources = Array.from(
    { length: 10_000 },
    () => new Source<number>([Pending]),
  );
  const merged = merge(sources);
  const waker = wakeCounter();
  assertStrictEquals(merged.pollNext({ waker }), Pending);
  const polls = () => sources.reduce((sum, { polls }) => sum + polls, 0);
  assertEquals(polls(), 10_000);
  for (const i of [7, 9_999, 0, 7]) {
    const before = polls();
    waker.reset();
    sources[i]!.give(i, Pending);
    assertEquals(waker.count, 1);
    assertEquals(merged.pollNext({ waker }), i);
    assertEquals(polls(), before + 1);
    // The one that gave an item is asked for more, and nobody else.
    assertStrictEquals(merged.pollNext({ waker }), Pending);
    assertEquals(polls(), before + 2);
  }
  merged[Symbol.dispose]();
  assert(sources.every(({ drops }) => drops === 1));
});

Deno.test("merge: sources that are always ready take turns", () => {
  const endless = (name: string) => unfold(0, () => [name, 0] as const);
  const merged = merge(endless("a"), endless("b"), endless("c"));
  const items = Array.from({ length: 9 }, () => merged.pollNext(cx));
  assertEquals(items, ["a", "b", "c", "a", "b", "c", "a", "b", "c"]);
});

Deno.test("merge: wakes together wake the task once, and are served in their order", () => {
  const sources = [1, 2, 3].map(() => new Source<number>([Pending]));
  const merged = merge(sources);
  const waker = wakeCounter();
  merged.pollNext({ waker });
  for (const i of [2, 0, 1]) sources[i]!.give(i);
  assertEquals(waker.count, 1);
  const items = [1, 2, 3].map(() => merged.pollNext({ waker }));
  assertEquals(items, [2, 0, 1]);
});

Deno.test("merge: a source that wakes itself is polled once in a poll, and the task is woken for it", () => {
  const busy = new Source<number>([]);
  busy.onPoll = (cx) => {
    busy.isWaiting = true;
    cx.waker.wake();
  };
  const quiet = new Source<number>([Pending]);
  const merged = merge(busy, quiet);
  const waker = wakeCounter();
  for (let polls = 1; polls <= 3; polls++) {
    waker.reset();
    assertStrictEquals(merged.pollNext({ waker }), Pending);
    assert(waker.isWoken);
    assertEquals([busy.polls, quiet.polls], [polls, 1]);
  }
});

Deno.test("merge: waking twice is waking once, also from inside the poll that gives an item", () => {
  const source = new Source<number>([Pending, Pending, 1, Pending]);
  const merged = merge(source);
  merged.pollNext(cx);
  source.fire();
  source.waker!.wake();
  assertStrictEquals(merged.pollNext(cx), Pending);
  assertEquals(source.polls, 2);

  source.onPoll = (cx) => {
    source.onPoll = null;
    cx.waker.wake();
  };
  source.fire();
  assertEquals(merged.pollNext(cx), 1);
  assertStrictEquals(merged.pollNext(cx), Pending);
  assertEquals(source.polls, 4);
});

Deno.test("merge: wakes the waker of the last poll", () => {
  const source = new Source<number>([Pending, 1]);
  const merged = merge(source);
  const [first, second] = [wakeCounter(), wakeCounter()];
  merged.pollNext({ waker: first });
  merged.pollNext({ waker: second });
  assertEquals(source.polls, 1);
  source.fire();
  assertEquals([first.count, second.count], [0, 1]);
});

Deno.test("merge: a waker that is kept after its source has ended does nothing", () => {
  let kept: Waker | undefined;
  const source = new Source<number>([]);
  source.onPoll = (cx) => {
    kept = cx.waker;
    kept.wake(); // and one that wakes itself may end all the same
  };
  const other = new Source<number>([Pending]);
  const merged = merge(source, other);
  const waker = wakeCounter();
  merged.pollNext({ waker });
  assertStrictEquals(merged.pollNext({ waker }), Pending);
  waker.reset();
  kept!.wake();
  assertEquals(waker.count, 0);
  assertStrictEquals(merged.pollNext({ waker }), Pending);
  assertEquals([source.polls, other.polls], [1, 1]);
  merged[Symbol.dispose]();
  kept!.wake();
  other.waker!.wake();
  assertEquals(waker.count, 0);
  assertEquals([source.drops, other.drops], [0, 1]);
});

Deno.test("merge: shares the task's budget, and goes on where it stopped", () => {
  const sources = [1, 2, 3, 4].map(() => new Source<number>([Pending]));
  for (const source of sources) source.onPoll = (cx) => cx.budget!.spend();
  const merged = merge(sources);
  const waker = wakeCounter();
  const budget = new Budget(3);
  assertStrictEquals(merged.pollNext({ waker, budget }), Pending);
  assertEquals(sources.map(({ polls }) => polls), [1, 1, 1, 0]);
  assertEquals(waker.count, 1);
  budget.refill();
  merged.pollNext({ waker, budget });
  assertEquals(sources.map(({ polls }) => polls), [1, 1, 1, 1]);
});

Deno.test("merge: ends when all have ended; the first failure drops the others", () => {
  const merged = merge(iter([1]), iter([]), iter([2, 3]));
  assertEquals(collect(merged).poll(cx), [1, 2, 3]);

  const broken = new Error("broken");
  const [bad, good] = [new Source([new Failure(broken)]), new Source([1])];
  const failing = merge(good, bad);
  assertEquals(failing.pollNext(cx), 1);
  assertStrictEquals(assertThrows(() => failing.pollNext(cx)), broken);
  assertEquals([good.drops, good.polls], [1, 1]);
  assertThrows(() => failing.pollNext(cx), Error, "it already failed");
  assertStrictEquals(merge([iter([])]).pollNext(cx), Done);
});
