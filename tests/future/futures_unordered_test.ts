import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  adopt,
  Budget,
  FutureMovedError,
  FuturesUnordered,
  join,
  Pending,
  PolledAfterCompletionError,
} from "../../future/mod.ts";
import { Done } from "../../future/stream/mod.ts";
import { wakeCounter } from "../../executor/sim/mod.ts";
import { gc } from "../executor/_heap.ts";
import { Probe } from "../_probe.ts";

const probes = (n: number) =>
  Array.from({ length: n }, (_, i) => new Probe<number>(`probe ${i}`));

Deno.test("FuturesUnordered: values come in the order of completion", () => {
  const waker = wakeCounter();
  const [a, b, c] = probes(3) as [Probe<number>, Probe<number>, Probe<number>];
  using set = new FuturesUnordered([a, b, c]);
  assertStrictEquals(set.pollNext({ waker }), Pending);
  c.complete(3);
  a.complete(1);
  assertEquals(set.pollNext({ waker }), 3);
  assertEquals(set.pollNext({ waker }), 1);
  assertStrictEquals(set.pollNext({ waker }), Pending);
  b.complete(2);
  assertEquals(set.pollNext({ waker }), 2);
  assertStrictEquals(set.pollNext({ waker }), Done);
});

Deno.test("FuturesUnordered: one wake among 10,000 polls one future", () => {
  const waker = wakeCounter();
  const all = probes(10_000);
  using set = new FuturesUnordered(all);
  set.pollNext({ waker });
  waker.reset();
  all[7777]!.complete(7);
  assertEquals(waker.count, 1);
  assertEquals(set.pollNext({ waker }), 7);
  assertEquals(all.reduce((sum, each) => sum + each.polls, 0), 10_001);
});

Deno.test("FuturesUnordered: a future pushed while the task waits wakes it", () => {
  const waker = wakeCounter();
  using set = new FuturesUnordered<number>([new Probe()]);
  set.pollNext({ waker });
  assertEquals(waker.count, 0);
  set.push(Probe.ready(1));
  assertEquals(waker.count, 1);
  assertEquals(set.pollNext({ waker }), 1);
});

Deno.test("FuturesUnordered: an empty set is at its end until the next push", () => {
  const waker = wakeCounter();
  using set = new FuturesUnordered<number>();
  assertStrictEquals(set.pollNext({ waker }), Done);
  assertStrictEquals(set.pollNext({ waker }), Done);
  set.push(Probe.ready(1));
  assertEquals(set.size, 1);
  assertEquals(set.pollNext({ waker }), 1);
  assertEquals(set.size, 0);
  assertStrictEquals(set.pollNext({ waker }), Done);
});

Deno.test("FuturesUnordered: a failure is thrown, and the others go on", () => {
  const waker = wakeCounter();
  using set = new FuturesUnordered([
    Probe.failing(new Error("boom")),
    Probe.ready(1),
  ]);
  assertThrows(() => set.pollNext({ waker }), Error, "boom");
  assertEquals(set.pollNext({ waker }), 1);
  assertStrictEquals(set.pollNext({ waker }), Done);
});

Deno.test("FuturesUnordered: a future that wakes itself is polled once in a poll", () => {
  const waker = wakeCounter();
  const busy = new Probe<number>();
  busy.onPoll = (cx) => cx.waker.wake();
  const other = new Probe<number>();
  using set = new FuturesUnordered([busy, other]);
  assertStrictEquals(set.pollNext({ waker }), Pending);
  assertEquals([busy.polls, other.polls], [1, 1]);
  assert(waker.isWoken, "the set has to be polled again");
  assertStrictEquals(set.pollNext({ waker }), Pending);
  assertEquals([busy.polls, other.polls], [2, 1]);
});

Deno.test("FuturesUnordered: a set with a busy future and a stream of others starves nobody", () => {
  const waker = wakeCounter();
  const busy = new Probe<number>();
  busy.onPoll = (cx) => cx.waker.wake();
  using set = new FuturesUnordered([busy]);
  for (let i = 0; i < 100; i++) {
    set.push(Probe.ready(i));
    assertEquals(set.pollNext({ waker }), i, `round ${i}`);
  }
  assert(busy.polls >= 99, `polled ${busy.polls} times`);
});

Deno.test("FuturesUnordered: stops when the task's budget is spent, and loses nobody", () => {
  const waker = wakeCounter();
  const budget = new Budget(3);
  const all = probes(10);
  for (const probe of all) probe.onPoll = (cx) => void cx.budget!.spend();
  using set = new FuturesUnordered(all);
  for (let round = 1; round <= 4; round++) {
    waker.reset();
    assertStrictEquals(set.pollNext({ waker, budget }), Pending);
    assertEquals(
      all.reduce((sum, each) => sum + each.polls, 0),
      Math.min(3 * round, 10),
    );
    assertEquals(waker.isWoken, round < 4);
    budget.refill();
  }
});

Deno.test("FuturesUnordered: a waker kept after its future has ended is harmless", () => {
  const waker = wakeCounter();
  const probe = new Probe<number>();
  using set = new FuturesUnordered([probe, new Probe<number>()]);
  set.pollNext({ waker });
  const kept = probe.waker!;
  probe.complete(1);
  set.pollNext({ waker });
  waker.reset();
  kept.wake();
  assertEquals(waker.count, 0);
  assertStrictEquals(set.pollNext({ waker }), Pending);
});

Deno.test("FuturesUnordered: a waker kept after its future has ended keeps no other", async () => {
  const cx = { waker: wakeCounter() };
  const [first, second, third] = probes(3) as [
    Probe<number>,
    ...Probe<number>[],
  ];
  using set = new FuturesUnordered([first, second!, third!]);
  set.pollNext(cx);
  const kept = first.waker!;
  const other = new WeakRef(second!.waker!);
  first.complete(1);
  second!.complete(2);
  assertEquals([set.pollNext(cx), set.pollNext(cx)], [1, 2]);
  third!.wake(); // the set remembers whom it has polled last
  assertStrictEquals(set.pollNext(cx), Pending);
  await new Promise((resolve) => setImmediate(resolve)); // lets go of WeakRefs
  gc();
  assertStrictEquals(other.deref(), undefined);
  kept.wake();
});

Deno.test("FuturesUnordered: the waker of the last poll is the one that is called", () => {
  const first = wakeCounter();
  const second = wakeCounter();
  const probe = new Probe<number>();
  using set = new FuturesUnordered([probe]);
  set.pollNext({ waker: first });
  set.pollNext({ waker: second });
  probe.wake();
  assertEquals([first.count, second.count], [0, 1]);
});

Deno.test("FuturesUnordered: a drop drops those alive, once, and gathers what they throw", () => {
  const waker = wakeCounter();
  const [a, b, c] = probes(3) as [Probe<number>, Probe<number>, Probe<number>];
  const set = new FuturesUnordered([a, b, c]);
  a.complete(1);
  set.pollNext({ waker });
  b.onDrop = () => {
    throw new Error("b cannot go");
  };
  assertThrows(() => set[Symbol.dispose](), Error, "b cannot go");
  set[Symbol.dispose]();
  assertEquals([a.drops, b.drops, c.drops], [0, 1, 1]);
  assertThrows(() => set.pollNext({ waker }), PolledAfterCompletionError);
  assertThrows(() => set.push(new Probe()), PolledAfterCompletionError);
});

Deno.test("FuturesUnordered: a set that its own future drops says so", () => {
  const probe = new Probe<number>();
  const other = new Probe<number>();
  const set = new FuturesUnordered([probe, other]);
  probe.onPoll = () => set[Symbol.dispose]();
  assertThrows(() => set.pollNext({ waker: wakeCounter() }));
  assertEquals([other.polls, other.drops], [0, 1]);
});

Deno.test("FuturesUnordered: adopts all futures or none", () => {
  const free = new Probe<number>();
  const held = new Probe<number>();
  using _owner = join([held]);
  assertThrows(() => new FuturesUnordered([free, held]), FutureMovedError);
  using set = new FuturesUnordered([free]);
  assertThrows(() => set.push(held), FutureMovedError);
  assertEquals(set.size, 1);
});

Deno.test("FuturesUnordered: next() is a future, and dropping it loses no value", () => {
  const waker = wakeCounter();
  const probe = new Probe<number>();
  using set = new FuturesUnordered([probe]);
  {
    using next = set.next();
    assertStrictEquals(next.poll({ waker }), Pending);
  }
  probe.complete(1);
  assertEquals(set.next().poll({ waker }), 1);
});

Deno.test("FuturesUnordered: a future that has ended is nobody's", () => {
  const good = Probe.ready(1);
  const bad = Probe.failing(new Error("boom"));
  using set = new FuturesUnordered<number>([good, bad]);
  set.pollNext({ waker: wakeCounter() });
  assertThrows(() => set.pollNext({ waker: wakeCounter() }), Error, "boom");
  adopt({}, good);
  adopt({}, bad);
});
