// flatMap, recover and lazy: a future, then perhaps another.
import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  CancelledError,
  type Context,
  flatMap,
  type Future,
  lazy,
  noopWaker,
  Pending,
  PolledAfterCompletionError,
  ready,
  recover,
  ReentrantPollError,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";

const cx = { waker: noopWaker };

function never(): never {
  throw new Error("must not be called");
}

Deno.test("flatMap: it goes on with the future that the function makes, in the same poll", () => {
  const [first, second] = [new Probe<number>(), new Probe<string>()];
  const seen: number[] = [];
  const future = flatMap(first, (value) => (seen.push(value), second));
  assertStrictEquals(future.poll(cx), Pending);
  assertEquals([seen, second.polls], [[], 0]);
  first.complete(7);
  assertStrictEquals(future.poll(cx), Pending);
  assertEquals([seen, first.polls, second.polls], [[7], 2, 1]);
  second.complete("done");
  assertEquals(future.poll(cx), "done");
  assertEquals([seen, first.polls, second.polls], [[7], 2, 2]);
});

Deno.test("flatMap: both ready, one poll does", () => {
  assertEquals(flatMap(ready(20), (n) => ready(n + 1)).poll(cx), 21);
});

Deno.test("flatMap: a failure of the first is the failure", () => {
  assertStrictEquals(
    assertThrows(() => flatMap(Probe.failing("broken"), never).poll(cx)),
    "broken",
  );
});

Deno.test("flatMap: a failure of the second, or of the function, is the failure", () => {
  const second = flatMap(ready(1), () => Probe.failing("second"));
  assertStrictEquals(assertThrows(() => second.poll(cx)), "second");
  const thrown = flatMap(ready(1), () => {
    throw "function";
  });
  assertStrictEquals(assertThrows(() => thrown.poll(cx)), "function");
});

Deno.test("flatMap: a function that returns no future fails it, with a hint at promises", () => {
  const promise = flatMap(
    ready(1),
    () => Promise.resolve(2) as unknown as Future<number>,
  );
  assertThrows(
    () => promise.poll(cx),
    TypeError,
    "Cannot adopt Promise: it is not a Future; wrap a promise with fromPromise()",
  );
  assertThrows(
    () => promise.poll(cx),
    PolledAfterCompletionError,
    "already failed",
  );
});

Deno.test("recover: a value passes by the function", () => {
  assertEquals(recover(ready("fine"), never).poll(cx), "fine");
});

Deno.test("recover: after a failure the function gives the value", () => {
  const leaf = new Probe();
  const seen: unknown[] = [];
  const future = recover(leaf, (error) => (seen.push(error), "instead"));
  assertStrictEquals(future.poll(cx), Pending);
  leaf.fail("broken");
  assertEquals(future.poll(cx), "instead");
  assertEquals(seen, ["broken"]);
});

Deno.test("recover: or another future to go on with, in the same poll", () => {
  const second = new Probe();
  const future = recover(Probe.failing("broken"), () => second);
  assertStrictEquals(future.poll(cx), Pending);
  assertEquals(second.polls, 1);
  second.complete("second");
  assertEquals(future.poll(cx), "second");
});

Deno.test("recover: what the function throws is the new failure, and nothing recovers from the second", () => {
  const thrown = recover(Probe.failing("first"), () => {
    throw "worse";
  });
  assertStrictEquals(assertThrows(() => thrown.poll(cx)), "worse");
  let calls = 0;
  const second = recover(Probe.failing("first"), () => {
    calls++;
    return Probe.failing("second");
  });
  assertStrictEquals(assertThrows(() => second.poll(cx)), "second");
  assertEquals(calls, 1);
});

Deno.test("chain: it shows the future that it waits for, and none once it is dropped", () => {
  const second = new Probe("second");
  const chain = flatMap(Probe.ready(1), () => second);
  const children = () => [...chain.inspect().children ?? []];
  assertEquals(chain.poll(cx), Pending);
  assertEquals(children(), [second]);
  chain[Symbol.dispose]();
  assertEquals(children(), []);
});

Deno.test("lazy: the function is called once, at the first poll, with its context", () => {
  const seen: Context[] = [];
  const leaf = new Probe();
  const future = lazy((context) => (seen.push(context), leaf));
  assertEquals(seen, []);
  const context = { waker: noopWaker };
  assertStrictEquals(future.poll(context), Pending);
  assertStrictEquals(future.poll(cx), Pending);
  assertEquals(seen.length, 1);
  assertStrictEquals(seen[0], context);
  leaf.complete("followed");
  assertEquals(future.poll(cx), "followed");
});

Deno.test("lazy: a value is the value, undefined and promises too", () => {
  assertStrictEquals(lazy(() => undefined).poll(cx), undefined);
  const promise = Promise.resolve(1);
  assertStrictEquals(lazy(() => promise).poll(cx), promise);
});

Deno.test("lazy: what the function throws is the failure", () => {
  const future = lazy(() => {
    throw "broken";
  });
  assertStrictEquals(assertThrows(() => future.poll(cx)), "broken");
});

Deno.test("lazy: a future that it returns has all it needs: wakes, and a drop", () => {
  const leaf = new Probe();
  const future = lazy(() => leaf);
  future.poll(cx);
  future[Symbol.dispose]();
  assertEquals(leaf.drops, 1);
});

// Drops and polls from inside.

type Chained = (
  first: Future<unknown>,
  hook: () => Future<unknown>,
) => Future<unknown>;

const chains: Record<string, Chained> = {
  flatMap: (first, hook) => flatMap(first, hook),
  recover: (first, hook) =>
    recover(flatMap(first, () => Probe.failing("to recover from")), hook),
  lazy: (_first, hook) => lazy(hook),
};

for (const [name, chain] of Object.entries(chains)) {
  Deno.test(`${name}: dropped from inside its function, it drops the future made there and throws`, () => {
    const next = new Probe();
    const future = chain(ready(1), () => {
      future[Symbol.dispose]();
      future[Symbol.dispose]();
      return next;
    });
    assertThrows(
      () => future.poll(cx),
      CancelledError,
      "it was dropped from inside its poll",
    );
    assertEquals([next.polls, next.drops], [0, 1]);
    assertThrows(
      () => future.poll(cx),
      PolledAfterCompletionError,
      "it was dropped",
    );
  });

  Deno.test(`${name}: dropped from inside the second future's poll, it drops that and throws`, () => {
    const next = new Probe();
    const future = chain(ready(1), () => next);
    next.onPoll = () => future[Symbol.dispose]();
    assertThrows(
      () => future.poll(cx),
      CancelledError,
      "it was dropped from inside its poll",
    );
    assertEquals([next.polls, next.drops], [1, 1]);
    assertThrows(() => future.poll(cx), PolledAfterCompletionError);
  });

  Deno.test(`${name}: polled from inside its function, it throws`, () => {
    const future = chain(ready(1), () => {
      assertThrows(
        () => future.poll(cx),
        ReentrantPollError,
        "it is being polled right now",
      );
      return ready("went on");
    });
    assertEquals(future.poll(cx), "went on");
  });

  Deno.test(`${name}: what the drop of the future under way throws comes out of its own`, () => {
    const next = new Probe();
    next.onDrop = () => {
      throw "in the drop";
    };
    const future = chain(ready(1), () => next);
    future.poll(cx);
    assertStrictEquals(
      assertThrows(() => future[Symbol.dispose]()),
      "in the drop",
    );
    assertThrows(
      () => future.poll(cx),
      PolledAfterCompletionError,
      "was dropped",
    );
  });
}

for (const ending of ["pending", "value", "failure"] as const) {
  Deno.test(`chain: dropped from inside the first future's poll, that is ${ending}, its function is not called`, () => {
    for (const make of [flatMap, recover]) {
      const first = new Probe<unknown>();
      const future: Future<unknown> = make(
        first,
        never as () => Future<unknown>,
      );
      first.onPoll = () => future[Symbol.dispose]();
      if (ending === "value") first.complete(1);
      if (ending === "failure") first.fail("broken");
      const error = assertThrows(() => future.poll(cx));
      if (ending === "failure") assertStrictEquals(error, "broken");
      else assert(error instanceof CancelledError);
      assertEquals(first.drops, 1);
      assertThrows(
        () => future.poll(cx),
        PolledAfterCompletionError,
        "was dropped",
      );
    }
  });
}
