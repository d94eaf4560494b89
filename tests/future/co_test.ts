import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { wakeCounter } from "../../executor/sim/mod.ts";
import {
  co,
  type Future,
  FutureMovedError,
  join,
  noopWaker,
  Pending,
  pending,
  pin,
  PolledAfterCompletionError,
  ready,
  ReentrantPollError,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";

const cx = { waker: noopWaker };
type Body<T> = () => Generator<Future<unknown>, T, unknown>;

function raise(error: unknown): never {
  throw error;
}

Deno.test("co: yield* waits for a value, return completes with one", () => {
  const [a, b] = [new Probe<number>(), new Probe<number>()];
  const sum = co(function* () {
    return (yield* a) + (yield* b);
  });
  assertStrictEquals(sum.poll(cx), Pending);
  a.complete(40);
  assertStrictEquals(sum.poll(cx), Pending);
  b.complete(2);
  assertEquals(sum.poll(cx), 42);
});

Deno.test("co: only the future it waits for is polled, with the waker of this poll", () => {
  const [a, b] = [new Probe(), new Probe()];
  using body = co(function* () {
    yield* a;
    yield* b;
  });
  const wakers = [wakeCounter(), wakeCounter()];
  body.poll({ waker: wakers[0]! });
  body.poll({ waker: wakers[1]! });
  a.complete("on");
  assertEquals(wakers.map(({ count }) => count), [0, 1]);
  body.poll({ waker: wakers[0]! });
  assertEquals([a.polls, b.polls], [3, 1]);
});

Deno.test("co: a failure is thrown at the place of the wait, and can be caught", () => {
  const leaf = new Probe();
  const body = co(function* () {
    try {
      yield* leaf;
      return "not reached";
    } catch (error) {
      return `caught ${error}`;
    } finally {
      yield* ready("a finally may wait, outside of a drop");
    }
  });
  body.poll(cx);
  leaf.fail("trouble");
  assertEquals(body.poll(cx), "caught trouble");
});

Deno.test("co: what the body throws is its failure, before the first wait and after it", () => {
  // deno-lint-ignore require-yield
  const early = co(function* () {
    throw "early";
  });
  assertStrictEquals(assertThrows(() => early.poll(cx)), "early");
  const late = co(function* () {
    yield* ready(1);
    throw "late";
  });
  assertStrictEquals(assertThrows(() => late.poll(cx)), "late");
});

Deno.test("co: an error in a finally block replaces the one that came before", () => {
  const body = co(function* () {
    try {
      yield* Probe.failing("first");
    } finally {
      raise("second");
    }
  });
  assertStrictEquals(assertThrows(() => body.poll(cx)), "second");
});

Deno.test("co: using disposes at the end of the block, in reverse order", () => {
  const log: string[] = [];
  const resource = (name: string) => ({
    [Symbol.dispose]: () => void log.push(name),
  });
  const body = co(function* () {
    {
      using _a = resource("a");
      using _b = resource("b");
      yield* ready(1);
      log.push("block");
    }
    log.push("after");
  });
  body.poll(cx);
  assertEquals(log, ["block", "b", "a", "after"]);
});

Deno.test("co: yielding what is no future throws a TypeError there, and the body may go on", () => {
  const cases: [unknown, string][] = [
    [5, "Cannot adopt number: it is not a Future"],
    [undefined, "Cannot adopt undefined: it is not a Future"],
    [null, "Cannot adopt null: it is not a Future"],
    [
      Promise.resolve(1),
      "Cannot adopt Promise: it is not a Future; wrap a promise with fromPromise()",
    ],
  ];
  for (const [value, message] of cases) {
    const body = co(function* () {
      try {
        yield value as Future<unknown>;
      } catch (error) {
        assertInstanceOf(error, TypeError);
        return error.message + " / " + (yield* ready("went on"));
      }
    });
    assertEquals(body.poll(cx), `${message} / went on`);
  }
  const uncaught = co(function* () {
    yield 5 as unknown as Future<unknown>;
  });
  assertThrows(() => uncaught.poll(cx), TypeError, "Cannot adopt number");
});

Deno.test("co: a plain yield waits as well, for a value of unknown type", () => {
  const body = co(function* () {
    const value: unknown = yield ready(1);
    return value;
  });
  assertEquals(body.poll(cx), 1);
});

Deno.test("co: a body that yields an owned future gets a FutureMovedError there", () => {
  const held = new Probe();
  using _owner = join([held]);
  const body = co(function* () {
    try {
      yield* held;
    } catch (error) {
      assertInstanceOf(error, FutureMovedError);
    }
    yield* held;
  });
  assertThrows(
    () => body.poll(cx),
    FutureMovedError,
    "Cannot move Probe: Join holds it",
  );
});

Deno.test("co: a body function that is no generator function is named, not run for ever", () => {
  const cases: [unknown, string][] = [
    [async function* () {}, "AsyncGenerator"],
    [() => Promise.resolve(), "Promise"],
    [() => {}, "undefined"],
    [() => null, "null"],
    [() => ready(1), "Ready"],
  ];
  for (const [make, what] of cases) {
    const body = co(make as unknown as Body<void>);
    const error = assertThrows(() => body.poll(cx), TypeError);
    assert(
      error.message.startsWith(
        "Cannot run co: its body must be a generator function, but it returned ",
      ),
    );
    assert(
      error.message.endsWith(what) || what === "AsyncGenerator",
      error.message,
    );
    assertThrows(
      () => body.poll(cx),
      Error,
      "Cannot poll co: it already failed",
    );
  }
});

Deno.test("co: polled from inside its own poll, it throws and goes on", () => {
  const body: Future<unknown> = co(function* () {
    const error = assertThrows(() => body.poll(cx), ReentrantPollError);
    assertEquals(
      error.message,
      "Cannot poll co: it is being polled right now, further up",
    );
    assertEquals(error.name, "ReentrantPollError");
    return yield* ready("went on");
  });
  assertEquals(body.poll(cx), "went on");
});

Deno.test("co: polled by the future it waits for, it throws there", () => {
  const leaf = new Probe();
  const body: Future<unknown> = co(function* () {
    yield* leaf;
  });
  leaf.onPoll = () => void body.poll(cx);
  assertThrows(() => body.poll(cx), ReentrantPollError);
});

Deno.test("co: a body that waits for itself is told so", () => {
  const body: Future<unknown> = co(function* () {
    yield* body;
  });
  assertThrows(() => body.poll(cx), ReentrantPollError);
  const lent: Future<unknown> = co(function* () {
    yield* pin(lent);
  });
  assertThrows(() => lent.poll(cx), ReentrantPollError);
});

Deno.test("co: in another co, values and failures go through", () => {
  const leaf = new Probe<string>();
  const inner = (value: string): Future<string> =>
    co(function* () {
      if (value === "bad") throw "inner";
      return value + (yield* leaf);
    });
  const outer = co(function* () {
    try {
      yield* inner("bad");
    } catch (error) {
      assertEquals(error, "inner");
    }
    return yield* inner("good ");
  });
  outer.poll(cx);
  leaf.complete("value");
  assertEquals(outer.poll(cx), "good value");
});

Deno.test("co: a thousand of them, each in the next, and a generator delegated to", () => {
  const leaf = new Probe<number>();
  const nest = (depth: number): Future<number> =>
    co(function* () {
      return depth === 0 ? yield* leaf : 1 + (yield* nest(depth - 1));
    });
  const deep = nest(1000);
  deep.poll(cx);
  leaf.complete(0);
  assertEquals(deep.poll(cx), 1000);

  function* part(): Generator<Future<unknown>, number, unknown> {
    return (yield* ready(1)) + 1;
  }
  assertEquals(
    co(function* () {
      return yield* part();
    }).poll(cx),
    2,
  );
});

Deno.test("co: a hundred thousand ready futures in a row take one poll and no stack", () => {
  const body = co(function* () {
    let sum = 0;
    for (let i = 0; i < 100_000; i++) sum += yield* ready(1);
    return sum;
  });
  assertEquals(body.poll(cx), 100_000);
});

Deno.test("co: a hundred thousand failures in a row neither", () => {
  const failing = co(function* () {
    let caught = 0;
    for (let i = 0; i < 100_000; i++) {
      try {
        yield i as unknown as Future<never>;
      } catch {
        caught++;
      }
    }
    return caught;
  });
  assertEquals(failing.poll(cx), 100_000);
});

Deno.test("co: it lets go of what it has waited for", () => {
  const [a, b] = [Probe.ready(1), new Probe()];
  using body = co(function* () {
    yield* a;
    yield* b;
  });
  body.poll(cx);
  using _other = join([a]);
  body[Symbol.dispose]();
  assertEquals([a.drops, b.drops], [0, 1]);
});

Deno.test("co: a future that is pending for ever keeps it pending for ever", () => {
  using body = co(function* () {
    yield* pending();
  });
  for (let i = 0; i < 3; i++) assertStrictEquals(body.poll(cx), Pending);
});

Deno.test("co: Pending is no value to complete with", () => {
  // deno-lint-ignore require-yield
  const future = co(function* () {
    return Pending;
  });
  assertThrows(
    () => future.poll({ waker: noopWaker }),
    TypeError,
    "Cannot complete co with Pending",
  );
  assertThrows(
    () => future.poll({ waker: noopWaker }),
    PolledAfterCompletionError,
    "failed",
  );
});
