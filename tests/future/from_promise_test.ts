import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { wakeCounter } from "../../executor/sim/mod.ts";
import {
  CancelledError,
  fromPromise,
  type Future,
  noopWaker,
  Pending,
  PolledAfterCompletionError,
} from "../../future/mod.ts";

const cx = { waker: noopWaker };
const untyped = fromPromise as (source: unknown) => Future<unknown>;

/** Lets every promise that has settled tell so. */
async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await Promise.resolve();
}

Deno.test("fromPromise: it completes with the value of a promise", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const future = fromPromise(promise);
  const waker = wakeCounter();
  assertStrictEquals(future.poll({ waker }), Pending);
  resolve("value");
  await settled();
  assertEquals(waker.count, 1);
  assertEquals(future.poll({ waker }), "value");
});

Deno.test("fromPromise: a promise that has settled before the first poll is ready there", async () => {
  const [good, bad] = [
    fromPromise(Promise.resolve(1)),
    fromPromise(Promise.reject("no")),
  ];
  await settled();
  assertEquals(good.poll(cx), 1);
  assertStrictEquals(assertThrows(() => bad.poll(cx)), "no");
});

Deno.test("fromPromise: a rejection is the failure, whatever the reason", async () => {
  const future = fromPromise(Promise.reject(undefined));
  future.poll(cx);
  await settled();
  let thrown: unknown = "nothing";
  try {
    future.poll(cx);
  } catch (error) {
    thrown = error;
  }
  assertStrictEquals(thrown, undefined);
  assertThrows(
    () => future.poll(cx),
    PolledAfterCompletionError,
    "already failed",
  );
});

Deno.test("fromPromise: a function is called once, at the first poll, with a signal", () => {
  const signals: AbortSignal[] = [];
  using future = fromPromise((signal) => {
    signals.push(signal);
    return new Promise<never>(() => {});
  });
  assertEquals(signals.length, 0);
  for (let i = 0; i < 3; i++) assertStrictEquals(future.poll(cx), Pending);
  assertEquals(signals.map((signal) => signal.aborted), [false]);
});

Deno.test("fromPromise: a function's promise wakes the latest poll", async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const future = fromPromise(() => promise);
  const [stale, latest] = [wakeCounter(), wakeCounter()];
  future.poll({ waker: stale });
  future.poll({ waker: latest });
  resolve(1);
  await settled();
  assertEquals([stale.count, latest.count], [0, 1]);
  assertEquals(future.poll(cx), 1);
});

Deno.test("fromPromise: a promise settling in the first poll's own turn is not missed", async () => {
  const waker = wakeCounter();
  const future = fromPromise(() => Promise.resolve("quick"));
  assertStrictEquals(future.poll({ waker }), Pending);
  await settled();
  assertEquals([waker.count, future.poll({ waker })], [1, "quick"]);
});

Deno.test("fromPromise: dropping it aborts the signal with a CancelledError, once", () => {
  let signal: AbortSignal | undefined;
  let aborts = 0;
  const future = fromPromise((given) => {
    signal = given;
    given.addEventListener("abort", () => aborts++);
    return new Promise<never>(() => {});
  });
  future.poll(cx);
  future[Symbol.dispose]();
  future[Symbol.dispose]();
  assertEquals(aborts, 1);
  assertInstanceOf(signal!.reason, CancelledError);
  assertEquals(
    signal!.reason.message,
    "Cannot go on: the future of this work was dropped",
  );
});

Deno.test("fromPromise: the signal is not aborted once the promise has settled", async () => {
  const signals: AbortSignal[] = [];
  const make = (outcome: Promise<unknown>) =>
    fromPromise((signal) => {
      signals.push(signal);
      return outcome;
    });
  const [good, bad, unread] = [
    make(Promise.resolve(1)),
    make(Promise.reject(2)),
    make(Promise.resolve(3)),
  ];
  for (const future of [good, bad, unread]) future.poll(cx);
  await settled();
  good.poll(cx);
  assertThrows(() => bad.poll(cx));
  for (const future of [good, bad, unread]) future[Symbol.dispose]();
  assertEquals(signals.map((signal) => signal.aborted), [false, false, false]);
});

Deno.test("fromPromise: what is dropped stays dropped, though its promise settles later", async () => {
  for (const settle of ["resolve", "reject"] as const) {
    const deferred = Promise.withResolvers<void>();
    const future = fromPromise(deferred.promise);
    future.poll(cx);
    future[Symbol.dispose]();
    deferred[settle]();
    await settled();
    assertThrows(
      () => future.poll(cx),
      PolledAfterCompletionError,
      "Cannot poll FromPromise: it was dropped",
    );
  }
});

Deno.test("fromPromise: a function is called, though it has a then", () => {
  let called = false;
  const callable = Object.assign(() => {
    called = true;
    return new Promise(() => {});
  }, { then() {} });
  using future = untyped(callable);
  future.poll(cx);
  assertEquals(called, true);
});

Deno.test("fromPromise: dropped before its first poll, it never calls the function", () => {
  const future = fromPromise(() => {
    throw new Error("must not be called");
  });
  future[Symbol.dispose]();
  assertThrows(
    () => future.poll(cx),
    PolledAfterCompletionError,
    "was dropped",
  );
});

Deno.test("fromPromise: what the function throws is the failure, and it is not called again", () => {
  let calls = 0;
  const future = fromPromise(() => {
    calls++;
    throw "at once";
  });
  assertStrictEquals(assertThrows(() => future.poll(cx)), "at once");
  assertThrows(
    () => future.poll(cx),
    PolledAfterCompletionError,
    "Cannot poll FromPromise: it already failed",
  );
  assertEquals(calls, 1);
  future[Symbol.dispose]();
});

Deno.test("fromPromise: what is no promise, nor a function, is refused at once", () => {
  const text = (value: unknown) =>
    assertThrows(() => untyped(value), TypeError).message;
  const rest = ": pass a promise, or a function that returns one";
  assertEquals(text(5), `Cannot make a future from number${rest}`);
  assertEquals(text(undefined), `Cannot make a future from undefined${rest}`);
  assertEquals(text(null), `Cannot make a future from null${rest}`);
  assertEquals(text({}), `Cannot make a future from Object${rest}`);
});

Deno.test("fromPromise: a function that returns no promise fails it at its first poll", () => {
  const future = untyped(() => 5);
  assertThrows(
    () => future.poll(cx),
    TypeError,
    "Cannot make a future from number: the function must return a promise",
  );
  assertThrows(
    () => future.poll(cx),
    PolledAfterCompletionError,
    "already failed",
  );
});

// In Deno an unhandled rejection would cancel the rest of this file.
Deno.test("fromPromise: a rejection is never unhandled, polled or not, dropped or not", async () => {
  fromPromise(Promise.reject(new Error("never polled")));
  fromPromise(Promise.reject(new Error("dropped")))[Symbol.dispose]();
  const { promise, reject } = Promise.withResolvers<void>();
  const dropped = fromPromise(() => promise);
  dropped.poll(cx);
  dropped[Symbol.dispose]();
  reject(new Error("after the drop"));
  const inside: Future<void> = fromPromise(() => {
    inside[Symbol.dispose]();
    return Promise.reject(new Error("dropped inside"));
  });
  assertThrows(() => inside.poll(cx), CancelledError);
  // The report of a rejection comes with the host's next turn.
  await new Promise((done) => setImmediate(done));
});

Deno.test("fromPromise: dropped from inside its function, it aborts the work and throws", () => {
  let signal: AbortSignal | undefined;
  const future: Future<never> = fromPromise((given) => {
    signal = given;
    future[Symbol.dispose]();
    assert(given.aborted, "the function sees it at once");
    return new Promise<never>(() => {});
  });
  assertThrows(
    () => future.poll(cx),
    CancelledError,
    "Cannot go on with FromPromise: it was dropped from inside its poll",
  );
  assert(signal!.aborted);
  assertThrows(
    () => future.poll(cx),
    PolledAfterCompletionError,
    "was dropped",
  );
});

Deno.test("fromPromise: any thenable will do, also one that answers at once, twice or by throwing", async () => {
  const thenables: [unknown, unknown][] = [
    [{ then: (ok: (value: string) => void) => ok("at once") }, "at once"],
    [
      { then: (ok: (value: string) => void) => (ok("first"), ok("second")) },
      "first",
    ],
    [{
      then: (
        ok: (value: string) => void,
        no: () => void,
      ) => (ok("first"), no()),
    }, "first"],
    [
      { then: (ok: (value: unknown) => void) => ok(Promise.resolve("nested")) },
      "nested",
    ],
  ];
  for (const [thenable, value] of thenables) {
    for (const future of [untyped(thenable), untyped(() => thenable)]) {
      const waker = wakeCounter();
      assertStrictEquals(future.poll({ waker }), Pending);
      await settled();
      assertEquals([waker.count, future.poll({ waker })], [1, value]);
    }
  }
  const broken = {
    then() {
      throw "in then";
    },
  };
  for (const future of [untyped(broken), untyped(() => broken)]) {
    assertStrictEquals(future.poll(cx), Pending);
    await settled();
    assertStrictEquals(assertThrows(() => future.poll(cx)), "in then");
  }
});
