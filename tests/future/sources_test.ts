// ready, pending, pollFn and the waker that does nothing.
import {
  assert,
  assertEquals,
  assertFalse,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { wakeCounter } from "../../executor/sim/mod.ts";
import {
  CancelledError,
  type Context,
  type Future,
  noopWaker,
  Pending,
  pending,
  PolledAfterCompletionError,
  pollFn,
  ready,
} from "../../future/mod.ts";

const cx = { waker: noopWaker };

Deno.test("ready: it gives its value as it is, at the first poll", () => {
  const values = [
    undefined,
    null,
    0,
    "",
    { deep: {} },
    Promise.resolve(),
    new Error("not thrown"),
  ];
  for (const value of values) assertStrictEquals(ready(value).poll(cx), value);
});

Deno.test("ready: it wakes nobody", () => {
  const waker = wakeCounter();
  ready(1).poll({ waker });
  assertEquals(waker.count, 0);
});

Deno.test("pending: it stays pending, and keeps and wakes no waker", () => {
  const waker = wakeCounter();
  const asked = {
    ...waker,
    willWake: () => assert(false, "it compares no wakers"),
  };
  const never = pending();
  for (let i = 0; i < 3; i++) {
    assertStrictEquals(never.poll({ waker: asked as never }), Pending);
  }
  assertEquals(waker.count, 0);
  never[Symbol.dispose]();
});

Deno.test("pollFn: the function is called at each poll, with the context of that poll", () => {
  const seen: Context[] = [];
  const future = pollFn((context) => {
    seen.push(context);
    return seen.length === 3 ? "third" : Pending;
  });
  const contexts = [1, 2, 3].map(() => ({ waker: wakeCounter() }));
  assertEquals(contexts.map((context) => future.poll(context)), [
    Pending,
    Pending,
    "third",
  ]);
  assertEquals(seen.length, 3);
  contexts.forEach((context, i) => assertStrictEquals(seen[i], context));
});

Deno.test("pollFn: undefined is a value", () => {
  const future = pollFn(() => undefined);
  assertStrictEquals(future.poll(cx), undefined);
  assertThrows(
    () => future.poll(cx),
    PolledAfterCompletionError,
    "already completed",
  );
});

Deno.test("pollFn: what the function throws is the failure, and it is not called again", () => {
  let calls = 0;
  const future = pollFn(() => {
    calls++;
    throw "broken";
  });
  assertStrictEquals(assertThrows(() => future.poll(cx)), "broken");
  assertThrows(
    () => future.poll(cx),
    PolledAfterCompletionError,
    "already failed",
  );
  assertEquals(calls, 1);
});

Deno.test("pollFn: dropped from inside its function, it throws unless it ends there", () => {
  let outcome: unknown = Pending;
  const make = () => {
    const future: Future<unknown> = pollFn(() => {
      future[Symbol.dispose]();
      return outcome;
    });
    return future;
  };
  assertThrows(
    () => make().poll(cx),
    CancelledError,
    "Cannot go on with PollFn: it was dropped from inside its poll",
  );
  outcome = "value";
  assertEquals(make().poll(cx), "value");
});

Deno.test("noopWaker: it does nothing, and is the same as itself only", () => {
  noopWaker.wake();
  assert(noopWaker.willWake(noopWaker));
  assertFalse(noopWaker.willWake(wakeCounter()));
  assertFalse(noopWaker.willWake({ ...noopWaker }));
});

Deno.test("Pending: there is one in a process, whatever module it comes from", () => {
  assertStrictEquals(Pending, Symbol.for("@pollen/futures.Pending"));
});
