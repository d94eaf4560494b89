// The operators that need a clock: against plain accounts of what they do, and
// dropped at every moment.
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
  sleepUntil,
  throttle,
  TimeoutError,
  timeoutStream,
} from "../../../executor/time/mod.ts";
import {
  co,
  type Context,
  Future,
  FutureMovedError,
  noopWaker,
  Pending,
  type Poll,
  PolledAfterCompletionError,
  settle,
} from "../../../future/mod.ts";
import { Done, iter, pinStream, Stream } from "../../../future/stream/mod.ts";
import { Failure, Source } from "../../future/stream/_world.ts";
import { LogHost } from "../_log_host.ts";

type Operator = (
  stream: Stream<number>,
  ms: number,
) => Stream<number | number[]>;

const operators: Record<string, Operator> = {
  chunksTimeout: (stream, ms) => chunksTimeout(stream, 3, ms),
  debounce,
  sample,
  throttle,
  timeoutStream,
};

/** Numbers, each from its time on, and an end or a failure at a time. */
class Timed extends Stream<number> {
  readonly #times: readonly number[];
  readonly #end: number;
  readonly #failure: Failure | undefined;
  #timer = sleepUntil(-Infinity);
  #next = 0;
  drops = 0;

  constructor(times: readonly number[], end: number, failure?: Failure) {
    super();
    this.#times = times;
    this.#end = end;
    this.#failure = failure;
    this.#timer = sleepUntil(times[0] ?? end);
  }

  override pollNext(cx: Context): Poll<number | Done> {
    if (this.#timer.poll(cx) === Pending) return Pending;
    const at = this.#next++;
    if (at === this.#times.length) {
      if (this.#failure !== undefined) throw this.#failure.error;
      return Done;
    }
    this.#timer = sleepUntil(this.#times[at + 1] ?? this.#end);
    return at;
  }

  override [Symbol.dispose](): void {
    this.drops++;
    this.#timer[Symbol.dispose]();
  }
}

type Entry = [at: number, item: unknown];

/** What comes out, and when, for a consumer that always asks. */
function observe(stream: Stream<unknown>): Entry[] {
  const host = new LogHost();
  using executor = new Executor({ host });
  const log: Entry[] = [];
  executor.spawn(co(function* () {
    using source = stream;
    try {
      for (;;) {
        const item = yield* source.next();
        log.push([host.now(), item === Done ? "end" : item]);
        if (item === Done) return;
      }
    } catch (error) {
      log.push([host.now(), error]);
    }
  }));
  host.advance(1e6);
  if (executor.taskCount === 0) assertEquals(executor.timerCount, 0);
  assertEquals(host.errors, []);
  return log;
}

// Plain accounts: they know all times beforehand.

const models: Record<
  string,
  (times: number[], end: number, ms: number) => Entry[]
> = {
  throttle(times, end, ms) {
    let free = 0;
    const log: Entry[] = times.map((time, i) => {
      const at = Math.max(time, free);
      free = at + ms;
      return [at, i];
    });
    return [...log, [Math.max(end, free), "end"]];
  },
  debounce(times, end, ms) {
    const log: Entry[] = [];
    times.forEach((time, i) => {
      const next = times[i + 1];
      if (next === undefined) log.push([Math.min(time + ms, end), i]);
      else if (next > time + ms) log.push([time + ms, i]);
    });
    return [...log, [end, "end"]];
  },
  chunksTimeout(times, end, ms) {
    const log: Entry[] = [];
    for (let i = 0; i < times.length;) {
      const limit = times[i]! + ms;
      const chunk: number[] = [];
      while (chunk.length < 3 && i < times.length && times[i]! <= limit) {
        chunk.push(i++);
      }
      const full = chunk.length === 3 ? times[i - 1]! : Infinity;
      log.push([Math.min(full, limit, end), chunk]);
    }
    return [...log, [end, "end"]];
  },
  sample(times, end, ms) {
    const log: Entry[] = [];
    let free = 0;
    for (let i = 0; i < times.length; i++) {
      const at = Math.min(Math.max(times[i]!, free), end);
      if (i + 1 < times.length && times[i + 1]! <= at) continue; // overtaken
      log.push([at, i]);
      free = at + ms;
    }
    return [...log, [end, "end"]];
  },
  timeoutStream(times, end, ms) {
    const log: Entry[] = [];
    let last = 0;
    for (const [i, time] of [...times, end].entries()) {
      if (time > last + ms) return [...log, [last + ms, "timeout"]];
      log.push([time, i === times.length ? "end" : i]);
      last = time;
    }
    return log;
  },
};

for (const [name, model] of Object.entries(models)) {
  Deno.test(`${name}: at random times, what comes out and when is what a plain account gives`, () => {
    let given = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const dice = new VirtualClock({ seed });
      // Eighths, so that sums are exact; odd ones against even, so that nothing
      // happens at the same time by chance: what then comes first is below.
      let time = 0;
      const step = () => (1 + Math.floor(dice.random() * 40)) * 64 / 8;
      const times = Array.from(
        { length: Math.floor(dice.random() * 12) },
        (_, i) => time += step() + 1 / 2 ** (i + 2),
      );
      const end = time + step() + 1 / 2 ** 20;
      const ms = 60 + Math.floor(dice.random() * 300) + 1 / 2 ** 25;
      const log = observe(operators[name]!(new Timed(times, end), ms))
        .map(([at, item]) => [
          at,
          item instanceof TimeoutError ? "timeout" : item,
        ]);
      assertEquals(log, model(times, end, ms), `seed ${seed}`);
      given += log.length;
    }
    assert(given > 400, "too little happened");
  });
}

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

/** Polls so many times, a millisecond apart, then drops and completes. */
class DropAfter extends Future<void> {
  readonly #stream: Stream<unknown>;
  readonly #executor: Executor;
  #left: number;
  readonly given: unknown[] = [];
  hasEnded = false;
  #timer = sleep(0);

  constructor(stream: Stream<unknown>, executor: Executor, polls: number) {
    super();
    this.#stream = stream;
    this.#executor = executor;
    this.#left = polls;
  }

  override poll(cx: Context): Poll<void> {
    while (this.#left > 0 && !this.hasEnded) {
      if (this.#timer.poll(cx) === Pending) return Pending;
      this.#timer = sleep(1);
      this.#left--;
      const item = this.#stream.pollNext(cx);
      if (item === Done) this.hasEnded = true;
      else if (item !== Pending) this.given.push(...[item].flat());
    }
    this.#timer[Symbol.dispose]();
    this.#stream[Symbol.dispose]();
    assertEquals(this.#executor.timerCount, 0, "a timer is left");
  }
}

for (const [name, make] of Object.entries(operators)) {
  const keepsAll = name === "throttle" || name === "timeoutStream";
  Deno.test(`${name}: dropped after any number of polls, it leaves no timer, and ${keepsAll ? "nothing of its source is lost" : "only what it held is lost"}`, () => {
    let lost = 0;
    for (let polls = 0;; polls++) {
      assert(polls < 100, "it never ends");
      const host = new LogHost();
      using executor = new Executor({ host });
      const source = new Source([1, 2, Pending, 3, 4]);
      const ms = name === "timeoutStream" ? 50 : 2.5;
      const stream = make(pinStream(source), ms);
      const drop = new DropAfter(stream, executor, polls);
      executor.spawn(drop);
      host.advance(10);
      if (source.isWaiting) source.fire();
      host.advance(100);
      assertEquals(host.errors, []);
      assertEquals([executor.taskCount, host.set.size], [0, 0]);
      if (drop.hasEnded) break;

      source.claim(); // nobody holds it
      assertEquals(source.drops, 0);
      assertThrows(
        () => stream.pollNext({ waker: noopWaker }),
        PolledAfterCompletionError,
        "it was dropped",
      );
      const all = [...drop.given, ...rest(source)] as number[];
      assertEquals(all, all.toSorted(), `after ${polls} polls`);
      if (all.length < 4) lost++;
    }
    assertEquals(lost > 0, !keepsAll);
  });

  Deno.test(`${name}: it adopts its source, does nothing before its first poll, and drops it once`, () => {
    const source = new Source([1]);
    const stream = make(source, 10);
    assertThrows(() => source.claim(), FutureMovedError);
    assertThrows(() => make(source, 10), FutureMovedError);
    assertEquals([source.polls, source.drops], [0, 0]);
    stream[Symbol.dispose]();
    stream[Symbol.dispose]();
    assertEquals([source.polls, source.drops], [0, 1]);
    source.claim();
  });

  Deno.test(`${name}: what makes no sense is refused, and the source is not adopted`, () => {
    const source = new Source([1]);
    assertThrows(() => make(source, -1), RangeError, "negative, got -1");
    assertThrows(() => make(source, NaN), RangeError, "must not be NaN");
    assertThrows(() => make(source, "5" as never), TypeError, "got string");
    assertThrows(() => make([1] as never, 5), TypeError, "is not a Stream");
    source.claim();
  });
}

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

/** What is left in the source. */
function rest(source: Source<number>): number[] {
  const items: number[] = [];
  while (source.ended === null) {
    const item = source.pollNext({ waker: noopWaker });
    if (item === Pending) source.fire();
    else if (item !== Done) items.push(item);
  }
  return items;
}
