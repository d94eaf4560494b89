import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  backoff,
  CancelledError,
  Pending,
  PolledAfterCompletionError,
  retry,
  type RetryOptions,
} from "../../future/mod.ts";
import { wakeCounter } from "../../executor/sim/mod.ts";
import { Probe } from "../_probe.ts";

/** A retry whose attempts and waits the test drives. */
function driven(options: Partial<RetryOptions> = {}) {
  const attempts: Probe<number>[] = [];
  const waits: { ms: number; probe: Probe<void> }[] = [];
  const future = retry((number) => {
    assertEquals(number, attempts.length + 1);
    const attempt = new Probe<number>(`attempt ${number}`);
    attempts.push(attempt);
    return attempt;
  }, {
    schedule: [10, 20],
    delay(ms) {
      const probe = new Probe<void>(`wait ${ms}`);
      waits.push({ ms, probe });
      return probe;
    },
    ...options,
  });
  const cx = { waker: wakeCounter() };
  return { attempts, waits, future, poll: () => future.poll(cx) };
}

Deno.test("retry: makes the first attempt at the first poll", () => {
  const { attempts, poll } = driven();
  assertEquals(attempts.length, 0);
  assertStrictEquals(poll(), Pending);
  attempts[0]!.complete(1);
  assertEquals(poll(), 1);
  assertThrows(poll, PolledAfterCompletionError, "completed");
});

Deno.test("retry: waits as the schedule says, then tries again", () => {
  const { attempts, waits, poll } = driven();
  poll();
  attempts[0]!.fail(new Error("one"));
  assertStrictEquals(poll(), Pending);
  assertEquals([attempts.length, waits.map(({ ms }) => ms)], [1, [10]]);
  waits[0]!.probe.complete();
  assertStrictEquals(poll(), Pending);
  attempts[1]!.fail(new Error("two"));
  poll();
  assertEquals(waits.map(({ ms }) => ms), [10, 20]);
  waits[1]!.probe.complete();
  poll();
  attempts[2]!.complete(3);
  assertEquals(poll(), 3);
});

Deno.test("retry: when the schedule is used up, the last failure stands", () => {
  const { attempts, poll } = driven({ schedule: [] });
  poll();
  attempts[0]!.fail(new Error("the last"));
  assertThrows(poll, Error, "the last");
  assertThrows(poll, PolledAfterCompletionError, "failed");
});

Deno.test("retry: a failure that is not worth it stands at once", () => {
  const asked: unknown[] = [];
  const { attempts, waits, poll } = driven({
    retryIf: (error, attempt) => {
      asked.push([(error as Error).message, attempt]);
      return false;
    },
  });
  poll();
  attempts[0]!.fail(new Error("hopeless"));
  assertThrows(poll, Error, "hopeless");
  assertEquals([asked, waits.length], [[["hopeless", 1]], 0]);
});

Deno.test("retry: dropped, it drops the attempt, or the wait, and closes the schedule", () => {
  let closed = 0;
  const schedule = {
    *[Symbol.iterator]() {
      try {
        for (;;) yield 1;
      } finally {
        closed++;
      }
    },
  };
  const trying = driven({ schedule });
  trying.poll();
  trying.future[Symbol.dispose]();
  trying.future[Symbol.dispose]();
  assertEquals(trying.attempts[0]!.drops, 1);

  const waiting = driven({ schedule });
  waiting.poll();
  waiting.attempts[0]!.fail(new Error("once"));
  waiting.poll();
  waiting.future[Symbol.dispose]();
  assertEquals([waiting.waits[0]!.probe.drops, closed], [1, 1]);
  assertThrows(waiting.poll, PolledAfterCompletionError, "was dropped");
});

Deno.test("retry: what its functions throw fails it", () => {
  const cx = { waker: wakeCounter() };
  const delay = () => new Probe<void>();
  const making = retry(() => {
    throw new Error("cannot make");
  }, { schedule: [], delay });
  assertThrows(() => making.poll(cx), Error, "cannot make");
  const waiting = retry(() => Probe.failing(new Error("first")), {
    schedule: [1],
    delay: () => {
      throw new Error("cannot wait");
    },
  });
  assertThrows(() => waiting.poll(cx), Error, "cannot wait");
});

Deno.test("retry: attempts that fail at once do not grow the stack", () => {
  let attempts = 0;
  const future = retry(() => {
    attempts++;
    return Probe.failing(new Error("again"));
  }, {
    schedule: backoff({ first: 0, attempts: 50_000 }),
    delay: () => Probe.ready(undefined),
  });
  assertThrows(() => future.poll({ waker: wakeCounter() }), Error, "again");
  assertEquals(attempts, 50_000);
});

Deno.test("backoff: grows by a factor up to the longest wait", () => {
  const schedule = backoff({ first: 100, factor: 3, most: 1000, attempts: 5 });
  assertEquals([...schedule], [100, 300, 900, 1000]);
  assertEquals([...schedule], [100, 300, 900, 1000], "and a second time");
  assertEquals([...backoff({ attempts: 1 })], []);
});

Deno.test("backoff: with randomness, waits lie between zero and the full length", () => {
  const values = [0, 0.5, 0.999];
  const waits = [...backoff({ attempts: 4, random: () => values.shift()! })];
  assertEquals(waits.slice(0, 2), [0, 100]);
  assert(waits[2]! < 400);
});

Deno.test("backoff: refuses what is out of range, and says which", () => {
  for (
    const [options, name] of [
      [{ first: -1 }, "first"],
      [{ first: NaN }, "first"],
      [{ factor: 0.5 }, "factor"],
      [{ most: -1 }, "most"],
      [{ attempts: 0 }, "attempts"],
      [{ attempts: 1.5 }, "attempts"],
    ] as const
  ) assertThrows(() => backoff(options), RangeError, name);
});

Deno.test("retry: dropped from inside its poll, it says so and tries no more", () => {
  const quiet = driven();
  quiet.poll();
  quiet.attempts[0]!.onPoll = () => quiet.future[Symbol.dispose]();
  assertThrows(quiet.poll, CancelledError, "dropped from inside");
  assertEquals(quiet.attempts[0]!.drops, 1);

  const loud = driven();
  loud.poll();
  loud.attempts[0]!.onPoll = () => {
    loud.future[Symbol.dispose]();
    throw new Error("and it fails");
  };
  assertThrows(loud.poll, Error, "and it fails");
  assertEquals([loud.attempts.length, loud.waits.length], [1, 0]);
});

Deno.test("retry: a schedule that is used up is not closed besides", () => {
  let closed = 0;
  const iterator = {
    next: () => ({ done: true as const, value: undefined }),
    return: () => (closed++, { done: true as const, value: undefined }),
  };
  const { attempts, poll } = driven({
    schedule: { [Symbol.iterator]: () => iterator },
  });
  poll();
  attempts[0]!.fail(new Error("the last"));
  assertThrows(poll, Error, "the last");
  assertEquals(closed, 0);
});

Deno.test("retry: what cannot be retried, or waited for, is said at once", () => {
  const make = () => new Probe<number>();
  const schedule = [1];
  const delay = () => new Probe<void>();
  const cases: [make: unknown, options: unknown, message: string][] = [
    [
      new Probe(),
      { schedule, delay },
      "Cannot retry Probe: pass a function that makes the future",
    ],
    [make, undefined, "options.schedule must be iterable"],
    [make, { attempts: 3, delay }, "options.schedule must be iterable"],
    [make, { schedule }, "options.delay must be a function"],
  ];
  for (const [what, options, message] of cases) {
    assertThrows(
      () => retry(what as typeof make, options as RetryOptions),
      TypeError,
      message,
    );
  }
});
