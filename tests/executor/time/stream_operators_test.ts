import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { Executor } from "../../../executor/mod.ts";
import { pollOnce, VirtualClock } from "../../../executor/sim/mod.ts";
import {
  chunksTimeout,
  debounce,
  sample,
  sleep,
  throttle,
  TimeoutError,
  timeoutStream,
} from "../../../executor/time/mod.ts";
import { co, noopWaker, settle } from "../../../future/mod.ts";
import { Done, iter, pinStream } from "../../../future/stream/mod.ts";
import { Failure, Source } from "../../future/stream/_world.ts";
import { type Entry, observe, operators, Timed } from "./_operators.ts";

Deno.test("throttle: a consumer that asks late is not held up", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const log: number[] = [];
  executor.spawn(co(function* () {
    using stream = throttle(iter([1, 2, 3]), 10);
    for (const busy of [4, 25, 0]) {
      yield* stream.next();
      log.push(clock.now());
      yield* sleep(busy);
    }
  }));
  clock.advance(100);
  assertEquals(log, [0, 10, 35]);
});

Deno.test("throttle: between two items the source is not asked", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const source = new Source([1, 2, 3]);
  const stream = throttle(source, 10);
  executor.spawn(co(function* () {
    while ((yield* stream.next()) !== Done);
  }));
  clock.advance(5);
  source.fire();
  clock.advance(4);
  assertEquals(source.polls, 1);
  clock.advance(1);
  assertEquals(source.polls, 2);
});

Deno.test("debounce, sample: an item that is there together with the timer comes in, and overtakes", () => {
  assertEquals(observe(debounce(new Timed([1, 11], 100), 10)), [
    [21, 1],
    [100, "end"],
  ]);
  assertEquals(observe(sample(new Timed([1, 5, 11], 100), 10)), [
    [1, 0],
    [11, 2],
    [100, "end"],
  ]);
});

Deno.test("timeoutStream: an item that is there together with the timer is given", () => {
  assertEquals(observe(timeoutStream(new Timed([10], 20), 10)), [
    [10, 0],
    [20, "end"],
  ]);
});

Deno.test("timeoutStream: time in which nobody waits does not count", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const task = executor.spawn(co(function* () {
    using stream = timeoutStream(new Timed([5, 1000], 2000), 10);
    yield* stream.next();
    yield* sleep(990); // until 995
    return yield* stream.next();
  }));
  clock.advance(1000);
  assertEquals(pollOnce(task), 1);
});

Deno.test("timeoutStream: the time of a wait that was dropped does count", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  using stream = timeoutStream(new Timed([1000], 2000), 10);
  const give = executor.spawn(co(function* () {
    using first = stream.next();
    first.poll({ waker: noopWaker });
    yield* sleep(6);
    first[Symbol.dispose]();
    return yield* settle(stream.next());
  }));
  clock.advance(9);
  assertEquals(give.isFinished, false);
  clock.advance(1);
  const outcome = pollOnce(give) as PromiseRejectedResult;
  assertInstanceOf(outcome.reason, TimeoutError);
  assertEquals(
    outcome.reason.message,
    "Cannot wait any longer: no item came within 10 ms",
  );
});

Deno.test("timeoutStream: a source that was lent can be gone on with", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const task = executor.spawn(co(function* () {
    using source = new Timed([50], 60);
    try {
      using hasty = timeoutStream(pinStream(source), 10);
      yield* hasty.next();
      return "in time";
    } catch (error) {
      assertInstanceOf(error, TimeoutError);
    }
    return yield* source.next();
  }));
  clock.advance(100);
  assertEquals(pollOnce(task), 0);
});

Deno.test("operators with a clock: a failure comes after the items before it, there and then", () => {
  const error = new Error("broken");
  const out: Record<string, Entry[]> = {};
  for (const [name, make] of Object.entries(operators)) {
    out[name] = observe(make(new Timed([1, 2], 3, new Failure(error)), 10));
  }
  assertEquals(out, {
    chunksTimeout: [[3, [0, 1]], [3, error]],
    debounce: [[3, 1], [3, error]],
    sample: [[1, 0], [3, 1], [3, error]],
    throttle: [[1, 0], [11, 1], [21, error]],
    timeoutStream: [[1, 0], [2, 1], [3, error]],
  });
  for (const log of Object.values(out)) {
    assertStrictEquals(log.at(-1)![1], error);
  }
});

Deno.test("operators with a clock: a failure with nothing before it comes at once", () => {
  const error = new Error("broken");
  for (const [name, make] of Object.entries(operators)) {
    const log = observe(make(new Timed([], 3, new Failure(error)), 10));
    assertEquals(log, [[3, error]], name);
  }
});

Deno.test("operators with a clock: with 0 ms all that is new at a time comes out", () => {
  const times = [1, 2, 3];
  for (const [name, make] of Object.entries(operators)) {
    if (name === "timeoutStream") continue; // nothing is new at time 0
    const items = observe(make(new Timed(times, 4), 0))
      .flatMap(([at, item]) => [item].flat().map((each) => [at, each]));
    assertEquals(items, [[1, 0], [2, 1], [3, 2], [4, "end"]], name);
  }
});

Deno.test("operators with a clock: with Infinity the timer never comes", () => {
  const out: Record<string, Entry[]> = {};
  for (const [name, make] of Object.entries(operators)) {
    out[name] = observe(make(new Timed([1, 2, 3, 4], 5), Infinity));
  }
  assertEquals(out, {
    chunksTimeout: [[3, [0, 1, 2]], [5, [3]], [5, "end"]],
    debounce: [[5, 3], [5, "end"]],
    sample: [[1, 0], [5, 3], [5, "end"]],
    throttle: [[1, 0]],
    timeoutStream: [[1, 0], [2, 1], [3, 2], [4, 3], [5, "end"]],
  });
});

Deno.test("operators with a clock: an endless source that is always ready starves nobody", () => {
  for (const [name, make] of Object.entries(operators)) {
    const clock = new VirtualClock();
    using executor = new Executor({ host: clock });
    let stop = false;
    let taken = 0;
    const naturals = function* () {
      while (!stop && taken < 1e6) yield taken++;
    };
    executor.spawn(co(function* () {
      using stream = make(iter(naturals()), 5);
      while ((yield* stream.next()) !== Done);
    })).detach();
    executor.spawn(co(function* () {
      yield* sleep(0);
      stop = true;
    }));
    clock.advance(10);
    assert(taken < 1000, `${name} took ${taken} items`);
  }
});

Deno.test("chunksTimeout: n is a whole number of at least 1", () => {
  const source = new Source([1]);
  for (const n of [0, -1, 1.5, NaN]) {
    assertThrows(
      () => chunksTimeout(source, n, 5),
      RangeError,
      `Cannot make chunks: n must be a whole number of at least 1, or Infinity, got ${n}`,
    );
  }
  source.claim();
});
