import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  pollOnce,
  VirtualClock,
  wakeCounter,
} from "../../../executor/sim/mod.ts";
import { Executor } from "../../../executor/mod.ts";
import { Budget, noopWaker, Pending, ready } from "../../../future/mod.ts";
import {
  collect,
  Done,
  forEach,
  fromCallback,
  iter,
  pollNextFn,
  type Stream,
  unfold,
} from "../../../future/stream/mod.ts";
import { Probe } from "../../_probe.ts";

const cx = { waker: noopWaker };
const broken = new Error("broken");

/** An iterable that tells what is done with it. */
function watched(length: number): { log: string[]; items: Iterable<number> } {
  const log: string[] = [];
  let n = 0;
  const iterator: Iterator<number> = {
    next: () => {
      log.push("next");
      return n < length
        ? { done: false, value: n++ }
        : { done: true, value: undefined };
    },
    return: () => {
      log.push("return");
      return { done: true, value: undefined };
    },
  };
  const items = {
    [Symbol.iterator]: () => {
      log.push("start");
      return iterator;
    },
  };
  return { log, items };
}

Deno.test("iter: takes what is iterable, also with an iterator of its own", () => {
  class Twice extends Array<number> {
    override *[Symbol.iterator](): ArrayIterator<number> {
      for (const n of this.values()) yield* [n, n];
    }
  }
  assertEquals(pollOnce(collect(iter([1, 2]))), [1, 2]);
  assertEquals(pollOnce(collect(iter(new Set([1, 2])))), [1, 2]);
  assertEquals(pollOnce(collect(iter("ab"))), ["a", "b"]);
  assertEquals(pollOnce(collect(iter(Twice.of(1, 2)))), [1, 1, 2, 2]);
  // As for an array's own iterator: a hole is undefined, what grows is seen.
  assertEquals(pollOnce(collect(iter(new Array(2)))), [undefined, undefined]);
  const growing = [1];
  const stream = iter(growing);
  stream.pollNext(cx);
  growing.push(2);
  assertEquals(stream.pollNext(cx), 2);
});

Deno.test("iter: refuses what is not iterable, and names what takes it", () => {
  async function* later() {}
  for (const no of [null, undefined, 1, {}]) {
    assertThrows(
      () => iter(no as unknown as number[]),
      TypeError,
      "it is not iterable",
    );
  }
  assertThrows(
    () => iter(later() as unknown as number[]),
    TypeError,
    "it is not iterable; fromAsyncIterable() takes it",
  );
});

Deno.test("iter: starts at the first poll, and does not return what has ended", () => {
  const { log, items } = watched(1);
  const stream = iter(items);
  assertEquals(log, []);
  assertEquals(pollOnce(collect(stream)), [0]);
  assertEquals(log, ["start", "next", "next"]);
});

Deno.test("iter: dropped, it returns an iterator that was started, once", () => {
  const { log, items } = watched(3);
  const stream = iter(items);
  stream.pollNext(cx);
  stream[Symbol.dispose]();
  stream[Symbol.dispose]();
  assertEquals(log, ["start", "next", "return"]);

  const untouched = watched(3);
  iter(untouched.items)[Symbol.dispose]();
  assertEquals(untouched.log, []);
});

Deno.test("iter: fails with what the iterator throws, and does not return it then", () => {
  const log: string[] = [];
  const stream = iter({
    [Symbol.iterator]: () => ({
      next: (): IteratorResult<number> => {
        throw broken;
      },
      return: () => {
        log.push("return");
        return { done: true as const, value: undefined };
      },
    }),
  });
  assertStrictEquals(assertThrows(() => stream.pollNext(cx)), broken);
  stream[Symbol.dispose]();
  assertEquals(log, []);
});

Deno.test("iter: a generator that is dropped runs its finally, whose error comes out", () => {
  const stream = iter(function* () {
    try {
      yield 1;
    } finally {
      // deno-lint-ignore no-unsafe-finally
      throw broken;
    }
  }());
  stream.pollNext(cx);
  assertStrictEquals(assertThrows(() => stream[Symbol.dispose]()), broken);
});

const always: Record<string, () => Stream<number>> = {
  "iter of an array": () => iter(new Array(10).fill(0)),
  "iter of an iterable": () => iter(watched(Infinity).items),
  unfold: () => unfold(0, (n) => [n, n + 1] as const),
  "unfold by futures": () => unfold(0, (n) => ready([n, n + 1] as const)),
  fromCallback: () =>
    fromCallback(({ push }) => {
      for (let n = 0; n < 10; n++) push(n);
    }),
};

for (const [name, make] of Object.entries(always)) {
  Deno.test(`sources: ${name} takes a unit of the budget for each item, and asks for more`, () => {
    const waker = wakeCounter();
    const budget = new Budget(3);
    const stream = make();
    const given: unknown[] = [];
    const each = forEach(stream, (item) => {
      given.push(item);
    });
    assertStrictEquals(each.poll({ waker, budget }), Pending);
    assertEquals([given.length, waker.count], [3, 1]);
    budget.refill();
    assertStrictEquals(each.poll({ waker, budget }), Pending);
    assertEquals([given.length, waker.count], [6, 2]);
    each[Symbol.dispose]();
  });
}

Deno.test("sources: a forEach over an endless iter lets others run", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  let isStopped = false;
  function* endless() {
    while (!isStopped) yield 1;
  }
  const endlessly = executor.spawn(forEach(iter(endless()), () => {}));
  executor.spawn(forEach(iter([1]), () => {
    isStopped = true;
  })).detach();
  clock.settle();
  assertEquals(endlessly.isFinished, true);
});

Deno.test("unfold: steps a state, at once or by futures, until Done", () => {
  const counted = unfold(3, (n) => n === 0 ? Done : [n, n - 1] as const);
  assertEquals(pollOnce(collect(counted)), [3, 2, 1]);

  const steps: Probe<readonly [string, number] | Done>[] = [];
  const seen: number[] = [];
  const slow = unfold(0, (n) => {
    seen.push(n);
    steps.push(new Probe());
    return steps.at(-1)!;
  });
  const waker = wakeCounter();
  assertStrictEquals(slow.pollNext({ waker }), Pending);
  steps[0]!.complete(["a", 5]);
  assertEquals(waker.count, 1);
  assertEquals(slow.pollNext({ waker }), "a");
  assertStrictEquals(slow.pollNext({ waker }), Pending);
  steps[1]!.complete(Done);
  assertStrictEquals(slow.pollNext({ waker }), Done);
  assertEquals(seen, [0, 5]);
});

Deno.test("unfold: fails with what its function throws or its future fails with, and drops that future", () => {
  const throwing = unfold(0, (): Done => {
    throw broken;
  });
  assertStrictEquals(assertThrows(() => throwing.pollNext(cx)), broken);
  const failing = unfold(0, () => Probe.failing(broken));
  assertStrictEquals(assertThrows(() => failing.pollNext(cx)), broken);

  const probe = new Probe<Done>();
  const dropped = unfold(0, () => probe);
  dropped.pollNext(cx);
  dropped[Symbol.dispose]();
  assertEquals(probe.drops, 1);
});

Deno.test("pollNextFn: answers what the function does, and calls it no more after the end", () => {
  let calls = 0;
  const answers = [Pending, 1, Done] as const;
  const stream = pollNextFn(() => answers[calls++]!);
  assertStrictEquals(stream.pollNext(cx), Pending);
  assertEquals(stream.pollNext(cx), 1);
  assertStrictEquals(stream.pollNext(cx), Done);
  assertThrows(() => stream.pollNext(cx), Error, "it already completed");
  assertEquals(calls, 3);
});
