import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { wakeCounter } from "../../executor/sim/mod.ts";
import { noopWaker, Pending } from "../../future/mod.ts";
import { Operation } from "../../net/_operation.ts";
import { openResources } from "../../net/mod.ts";

const cx = { waker: noopWaker };

/** What is thrown, whatever it is. */
function thrownBy(act: () => unknown): { error: unknown } | null {
  try {
    act();
    return null;
  } catch (error) {
    return { error };
  }
}

Deno.test("operation: idle, in flight, settled, idle again", () => {
  const before = openResources().operations;
  const operation = new Operation<number>();
  const states = () => [operation.isIdle, operation.isInFlight];
  assertEquals(states(), [true, false]);
  for (const value of [1, 2]) {
    const done = operation.begin();
    assertEquals(states(), [false, true]);
    assertEquals(openResources().operations, before + 1);
    assertEquals(operation.poll(cx), Pending);
    done.resolve(value);
    assertEquals(states(), [false, false]);
    assertEquals(openResources().operations, before);
    assertEquals(operation.poll(cx), value);
    assertEquals(states(), [true, false]);
  }
});

Deno.test("operation: starting one allocates nothing", () => {
  const operation = new Operation<number>();
  const done = operation.begin();
  done.resolve(1);
  operation.poll(cx);
  assertStrictEquals(operation.begin(), done);
  done.resolve(2);
});

Deno.test("operation: a failure is thrown once, whatever it is", () => {
  const operation = new Operation<number>();
  for (const error of [new Error("no"), undefined, null, "text"]) {
    operation.begin().reject(error);
    assertEquals(thrownBy(() => operation.poll(cx)), { error });
    assert(operation.isIdle);
  }
});

Deno.test("operation: undefined and null are values", () => {
  const operation = new Operation<null | undefined>();
  for (const value of [undefined, null]) {
    operation.begin().resolve(value);
    assertStrictEquals(operation.poll(cx), value);
  }
});

Deno.test("operation: it wakes the last waker, once", () => {
  const operation = new Operation<number>();
  const [first, second, third] = [wakeCounter(), wakeCounter(), wakeCounter()];
  const done = operation.begin();
  operation.poll({ waker: first });
  operation.poll({ waker: second });
  operation.keep(third);
  done.resolve(1);
  assertEquals([first.count, second.count, third.count], [0, 0, 1]);
  operation.poll(cx);
  operation.begin().resolve(2);
  assertEquals(third.count, 1, "it was let go of");
});

Deno.test("operation: a waker that wakes the same task is not stored again", () => {
  const operation = new Operation<number>();
  const woken: string[] = [];
  const same = (name: string) => ({
    wake: () => void woken.push(name),
    willWake: () => true,
  });
  const done = operation.begin();
  operation.poll({ waker: same("first") });
  operation.poll({ waker: same("second") });
  done.resolve(1);
  assertEquals(woken, ["first"]);
});

Deno.test("operation: only a failure is taken as one", () => {
  const operation = new Operation<number>();
  assertStrictEquals(operation.takeFailure(), null);
  const done = operation.begin();
  assertStrictEquals(operation.takeFailure(), null);
  done.resolve(1);
  assertStrictEquals(operation.takeFailure(), null);
  assertEquals(operation.poll(cx), 1);
  operation.begin().reject(undefined);
  assertEquals(operation.takeFailure(), { error: undefined });
  assert(operation.isIdle);
  assertStrictEquals(operation.takeFailure(), null);
});

Deno.test("operation: abandoned, its value is discarded, now or later, and nobody is woken", () => {
  for (const late of [false, true]) {
    const before = openResources().operations;
    const discarded: number[] = [];
    const operation = new Operation<number>((value) => discarded.push(value));
    const waker = wakeCounter();
    const done = operation.begin();
    operation.poll({ waker });
    if (!late) done.resolve(7);
    waker.reset();
    operation.abandon();
    operation.abandon();
    assertEquals(discarded, late ? [] : [7]);
    if (late) done.resolve(7);
    assertEquals(discarded, [7]);
    assertEquals(waker.count, 0);
    assertEquals(openResources().operations, before);
    assert(operation.isIdle);
  }
});

Deno.test("operation: closed, whoever waits is woken, once", () => {
  const operation = new Operation<number>();
  const waker = wakeCounter();
  const done = operation.begin();
  operation.poll({ waker });
  operation.close();
  assertEquals(waker.count, 1);
  operation.close();
  done.reject(new Deno.errors.Interrupted("operation canceled"));
  assertEquals(waker.count, 1);
});

Deno.test("operation: closed after it has settled, nobody is woken again", () => {
  const operation = new Operation<number>();
  const waker = wakeCounter();
  const done = operation.begin();
  operation.poll({ waker });
  done.resolve(1);
  operation.close();
  assertEquals(waker.count, 1);
});

Deno.test("operation: a failure that nobody takes is discarded", () => {
  const discarded: unknown[] = [];
  const operation = new Operation<number>((value) => discarded.push(value));
  operation.begin().reject(new Error("no"));
  operation.abandon();
  assert(operation.isIdle);
  assertEquals(discarded, []);
});

Deno.test("operation: a network that says it twice is heard once", () => {
  const before = openResources().operations;
  const discarded: number[] = [];
  const operation = new Operation<number>((n) => discarded.push(n));
  const done = operation.begin();
  done.resolve(1);
  done.resolve(2);
  done.reject(new Error("no"));
  assertEquals(openResources().operations, before);
  assertEquals(operation.poll({ waker: noopWaker }), 1);
  assert(operation.isIdle);
  assertEquals(discarded, []);
});

Deno.test("operation: a waker is forgotten if it is the one that waits, and no other", () => {
  const operation = new Operation<number>();
  const done = operation.begin();
  const [gone, here] = [wakeCounter(), wakeCounter()];
  operation.poll({ waker: gone });
  operation.poll({ waker: here });
  operation.forget(gone);
  done.resolve(1);
  assertEquals([gone.count, here.count], [0, 1]);
  assertEquals(operation.poll(cx), 1);

  const next = operation.begin();
  operation.poll({ waker: gone });
  operation.forget(gone);
  next.resolve(2);
  assertEquals(gone.count, 0);
  assertEquals(operation.poll(cx), 2, "the outcome is there for the next one");
});
