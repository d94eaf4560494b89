// buffered, bufferUnordered: several futures at a time.
import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { VirtualClock, wakeCounter } from "../../../executor/sim/mod.ts";
import { Executor } from "../../../executor/mod.ts";
import { sleep } from "../../../executor/time/mod.ts";
import {
  Budget,
  type Future,
  lazy,
  map,
  noopWaker,
  Pending,
  pending,
  pollFn,
  proceed,
  ready,
  type Waker,
} from "../../../future/mod.ts";
import {
  buffered,
  bufferUnordered,
  collect,
  Done,
  forEach,
  iter,
  mapStream,
  type Stream,
  unfold,
} from "../../../future/stream/mod.ts";
import { Probe } from "../../_probe.ts";
import { Failure, Source, worlds } from "./_world.ts";

const cx = { waker: noopWaker };
const broken = new Error("broken");
const both = { buffered, bufferUnordered };

function probes(length: number): Probe<number>[] {
  return Array.from({ length }, () => new Probe<number>());
}

for (const [name, buffer] of Object.entries(both)) {
  Deno.test(`${name}: refuses a limit that is none, and adopts nothing then`, () => {
    const source = new Source<Future<number>>([]);
    for (const n of [0, -1, 1.5, NaN, -Infinity]) {
      assertThrows(
        () => buffer(source, n),
        RangeError,
        `Cannot buffer: n must be a whole number of at least 1, or Infinity, got ${n}`,
      );
    }
    source.claim();
    assertThrows(() => buffer(source, "2" as unknown as number), RangeError);
  });

  Deno.test(`${name}: starts all that it may in its first poll, and never more than n`, () => {
    for (const world of worlds(200)) {
      const n = 1 + world.below(5);
      let [started, ended, most] = [0, 0, 0];
      let given = 0;
      const work = mapStream(world.source(new Array(20).fill(0)), () => {
        started++;
        const inFlight = name === "buffered"
          ? started - given
          : started - ended;
        most = Math.max(most, inFlight);
        return map(world.step(0), () => void ended++);
      });
      const stream = buffer(work, n);
      world.drain(mapStream(stream, () => void given++));
      assert(most <= n, `seed ${world.seed}: ${most} at a time, of ${n}`);
      world.settle();
    }
    const all = probes(100);
    buffer(iter(all), 100).pollNext(cx);
    assert(all.every(({ polls }) => polls === 1));
    const some = probes(100);
    buffer(iter(some), 70).pollNext(cx);
    assertEquals(some.filter(({ polls }) => polls === 1).length, 70);
  });

  Deno.test(`${name}: a wake of one among ten thousand polls one`, () => {
    const all = probes(10_000);
    const stream = buffer(iter(all), Infinity);
    const waker = wakeCounter();
    assertStrictEquals(stream.pollNext({ waker }), Pending);
    const polls = () => all.reduce((sum, { polls }) => sum + polls, 0);
    assertEquals(polls(), 10_000);
    for (const i of [9_999, 0, 5]) {
      waker.reset();
      const before = polls();
      all[i]!.wake();
      assertEquals(waker.count, 1);
      assertStrictEquals(stream.pollNext({ waker }), Pending);
      assertEquals(polls(), before + 1);
    }
    all[0]!.complete(7);
    assertEquals(stream.pollNext({ waker }), 7);
    stream[Symbol.dispose]();
    assertEquals(all.filter(({ drops }) => drops === 1).length, 9_999);
  });

  Deno.test(`${name}: a waker that is kept after completion does nothing`, () => {
    const [first, second] = [new Probe<number>(), new Probe<number>()];
    let kept: Waker | undefined;
    first.onPoll = (cx) => kept = cx.waker;
    const stream = buffer(iter([first, second]), 2);
    const waker = wakeCounter();
    stream.pollNext({ waker });
    first.complete(1);
    assertEquals(stream.pollNext({ waker }), 1);
    assertStrictEquals(stream.pollNext({ waker }), Pending);
    waker.reset();
    kept!.wake();
    assertEquals(waker.count, 0);
    assertStrictEquals(stream.pollNext({ waker }), Pending);
    assertEquals([first.polls, second.polls], [2, 1]);
  });

  Deno.test(`${name}: a source that is always ready cannot starve the futures`, () => {
    let polls = 0;
    const starving = pollFn((cx) => {
      polls++;
      cx.waker.wake();
      return Pending;
    });
    let isFirst = true;
    const source = unfold(0, (n) => {
      const future = isFirst ? starving : pending();
      isFirst = false;
      return [future, n] as const;
    });
    const stream = buffer(source, Infinity);
    const budget = new Budget(128);
    for (let turn = 1; turn <= 3; turn++) {
      budget.refill();
      assertStrictEquals(
        stream.pollNext({ waker: noopWaker, budget }),
        Pending,
      );
      assert(polls >= turn, `turn ${turn}: ${polls}`);
    }
  });

  Deno.test(`${name}: shares the task's budget, and leaves nobody behind`, () => {
    const log: number[] = [];
    const leaf = (i: number) =>
      pollFn((cx) => {
        if (!proceed(cx)) return Pending;
        log.push(i);
        return i;
      });
    const stream = buffer(iter([0, 1, 2, 3, 4, 5].map(leaf)), 6);
    const waker = wakeCounter();
    const budget = new Budget(8); // 6 go to iter
    const all = collect(stream);
    assertStrictEquals(all.poll({ waker, budget }), Pending);
    assertEquals(log, [0, 1]);
    assert(waker.isWoken);
    budget.refill();
    assertEquals(all.poll({ waker, budget }), [0, 1, 2, 3, 4, 5]);
  });

  Deno.test(`${name}: a future that is held by somebody fails it`, () => {
    const [good, held] = probes(2);
    using _owner = map(held!, String);
    const stream = buffer(iter([good!, held!]), 2);
    if (name === "buffered") good!.complete(1); // its turn comes first
    assertThrows(
      () => collect(stream).poll(cx),
      Error,
      "Cannot move Probe: Map holds it",
    );
    assertEquals([good!.isAlive, held!.isAlive], [false, true]);
  });

  Deno.test(`${name}: dropped, it drops the futures that run and the source, once`, () => {
    const all = probes(3);
    const source = new Source([all[0]!, all[1]!, Pending]);
    const stream = buffer(source, 5);
    stream.pollNext(cx);
    all[1]!.complete(1);
    if (name === "buffered") stream.pollNext(cx);
    stream[Symbol.dispose]();
    stream[Symbol.dispose]();
    assertEquals([all[0]!.drops, source.drops], [1, 1]);
    assertEquals(all[1]!.drops, name === "buffered" ? 0 : 1);
    assertThrows(() => stream.pollNext(cx), Error, "it was dropped");
  });
}

Deno.test("buffered: takes no more from the source while values wait for their turn", () => {
  const all = probes(4);
  const source = new Source<Future<number>>(all);
  const stream = buffered(source, 2);
  assertStrictEquals(stream.pollNext(cx), Pending);
  all[1]!.complete(1);
  assertStrictEquals(stream.pollNext(cx), Pending);
  assertEquals([source.polls, all[2]!.polls], [2, 0]);
  all[0]!.complete(0);
  assertEquals(stream.pollNext(cx), 0);
  assertStrictEquals(source.polls, 2);
  assertEquals(stream.pollNext(cx), 1);
  assertStrictEquals(source.polls, 3);
});

Deno.test("buffered: a failure waits for its turn, and nothing is started behind it", () => {
  const all = probes(4);
  const stream = buffered(iter(all), 3);
  stream.pollNext(cx);
  all[1]!.fail(broken);
  assertStrictEquals(stream.pollNext(cx), Pending);
  all[0]!.complete(0);
  assertEquals(stream.pollNext(cx), 0);
  assertEquals(all[3]!.polls, 0);
  assertStrictEquals(assertThrows(() => stream.pollNext(cx)), broken);
  assertEquals(all.map(({ drops }) => drops), [0, 0, 1, 0]);
});

Deno.test("buffered: a failure of the source comes after the values of what it gave", () => {
  const probe = new Probe<number>();
  const source = new Source([probe, new Failure(broken)]);
  const stream = buffered(source, 3);
  assertStrictEquals(stream.pollNext(cx), Pending);
  assertStrictEquals(stream.pollNext(cx), Pending);
  probe.complete(1);
  assertEquals(stream.pollNext(cx), 1);
  assertStrictEquals(assertThrows(() => stream.pollNext(cx)), broken);
  assertEquals([source.polls, source.latePolls], [2, 0]);
});

Deno.test("bufferUnordered: gives the values as they complete, and a failure at once", () => {
  const all = probes(3);
  const stream = bufferUnordered(iter(all), 3);
  stream.pollNext(cx);
  all[2]!.complete(2);
  assertEquals(stream.pollNext(cx), 2);
  all[1]!.fail(broken);
  assertStrictEquals(assertThrows(() => stream.pollNext(cx)), broken);
  assertEquals(all.map(({ drops }) => drops), [1, 0, 0]);

  const running = new Probe<number>();
  const source = new Source([running, Pending, new Failure(broken)]);
  const failing = bufferUnordered(source, 3);
  failing.pollNext(cx);
  source.fire();
  assertStrictEquals(assertThrows(() => failing.pollNext(cx)), broken);
  assertEquals(running.drops, 1);
});

Deno.test("bufferUnordered: those that are ready together are given in the order of their wakes", () => {
  const all = probes(3);
  const stream = bufferUnordered(iter(all), 3);
  stream.pollNext(cx);
  for (const i of [2, 0, 1]) all[i]!.complete(i);
  assertEquals(collect(stream).poll(cx), [2, 0, 1]);
});

Deno.test("bufferUnordered: stands still while the consumer waits for something else, and goes on in a task of its own", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const work = () => {
    const done: number[] = [];
    const futures = mapStream(
      iter([10, 20, 30]),
      (ms) => map(sleep(ms), () => void done.push(ms)),
    );
    return { done, stream: bufferUnordered(futures, 3) };
  };
  // Nobody polls the one while the first item is dealt with…
  const still = work();
  executor.spawn(forEach(still.stream, () => sleep(1000))).detach();
  // … the other is polled by a task that does nothing else.
  const staged = work();
  executor.spawn(forEach(staged.stream, () => {})).detach();
  clock.advance(500);
  assertEquals([still.done, staged.done], [[10], [10, 20, 30]]);
  clock.advance(5000);
  assertEquals(still.done, [10, 20, 30]);
});

Deno.test("bufferUnordered: a lazy future starts when it has room, and not before", () => {
  const log: string[] = [];
  const gate = new Probe<string>();
  const work: Stream<Future<string>> = iter([
    map(gate, () => "a"),
    lazy(() => (log.push("b starts"), "b")),
  ]);
  const stream = bufferUnordered(work, 1);
  stream.pollNext(cx);
  assertEquals(log, []);
  gate.complete("");
  assertEquals([stream.pollNext(cx), stream.pollNext(cx)], ["a", "b"]);
  assertStrictEquals(stream.pollNext(cx), Done);
  assertEquals(collect(bufferUnordered(iter([ready(1)]), 1)).poll(cx), [1]);
});
