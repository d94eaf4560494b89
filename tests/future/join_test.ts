import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  type Future,
  join,
  joinSettled,
  noopWaker,
  Pending,
  ready,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";

const cx = { waker: noopWaker };

Deno.test("join: the values stand in the order of the futures, not of their ends", () => {
  const leaves = [new Probe("a"), new Probe("b"), new Probe("c")];
  const future = join(leaves);
  for (const i of [2, 0, 1]) {
    assertStrictEquals(future.poll(cx), Pending);
    leaves[i]!.complete(`value ${i}`);
  }
  assertEquals(future.poll(cx), ["value 0", "value 1", "value 2"]);
});

Deno.test("join: an object gives an object with the same keys in the same order", () => {
  const [a, b] = [new Probe<number>(), new Probe<string>()];
  const future = join({ b, a });
  future.poll(cx);
  a.complete(1);
  future.poll(cx);
  b.complete("two");
  const value = future.poll(cx);
  assertEquals(value, { b: "two", a: 1 });
  assertEquals(Object.keys(value), ["b", "a"]);
});

Deno.test("join: an empty array or object is ready at once", () => {
  assertEquals(join([]).poll(cx), []);
  assertEquals(join({}).poll(cx), {});
});

Deno.test("join: values that are undefined, null or false are values", () => {
  assertEquals(join([ready(undefined), ready(null), ready(false)]).poll(cx), [
    undefined,
    null,
    false,
  ]);
});

Deno.test("join: a failure fails it at once, though others are pending or ready after it", () => {
  const leaves = [new Probe(), new Probe(), new Probe()];
  const future = join(leaves);
  future.poll(cx);
  leaves[1]!.fail("first");
  leaves[2]!.fail("second");
  assertStrictEquals(assertThrows(() => future.poll(cx)), "first");
  assertEquals(leaves.map((leaf) => leaf.polls), [1, 2, 1]);
});

Deno.test("join: a failure that is undefined is a failure", () => {
  let thrown: unknown = "nothing";
  try {
    join([Probe.failing(undefined)]).poll(cx);
  } catch (error) {
    thrown = error;
  }
  assertStrictEquals(thrown, undefined);
});

Deno.test("join: children that are ready in the poll that others wait in are not polled again", () => {
  const [quick, slow] = [Probe.ready("quick"), new Probe()];
  const future = join([quick, slow]);
  future.poll(cx);
  slow.complete("slow");
  assertEquals(future.poll(cx), ["quick", "slow"]);
  assertEquals([quick.polls, slow.polls], [1, 2]);
});

Deno.test("join: the shape is that of the futures given, whatever becomes of the object", () => {
  const futures: Record<string, Future<number>> = { a: ready(1), b: ready(2) };
  const joined = join(futures);
  const settled = joinSettled({ ...futures, a: ready(1), b: ready(2) });
  delete futures.a;
  futures.c = ready(3);
  assertEquals(joined.poll(cx), { a: 1, b: 2 });
  assertEquals(Object.keys(settled.poll(cx)), ["a", "b"]);

  const list = [ready(1)];
  const both = join(list);
  list.push(ready(2));
  assertEquals(both.poll(cx), [1]);
});

Deno.test("join: keys may be called anything", () => {
  const value = join({ ["__proto__"]: ready(1), constructor: ready(2) }).poll(
    cx,
  );
  assertEquals(Object.entries(value), [["__proto__", 1], ["constructor", 2]]);
});

Deno.test("join: ten thousand children that end one by one are polled twice each", () => {
  const leaves = Array.from({ length: 10_000 }, () => new Probe<number>());
  const future = join(leaves);
  let value = future.poll(cx);
  leaves.forEach((leaf, i) => {
    assertStrictEquals(value, Pending);
    leaf.complete(i);
    value = future.poll(cx);
  });
  assertEquals(value, leaves.map((_, i) => i));
  assert(leaves.every((leaf) => leaf.polls === 2));
});

Deno.test("joinSettled: it gives how each one ended, as Promise.allSettled does", async () => {
  const value = joinSettled([ready(1), Probe.failing("no")]).poll(cx);
  assertEquals(value, await Promise.allSettled([1, Promise.reject("no")]));
});

Deno.test("joinSettled: it waits for all, whether others fail or not", () => {
  const leaves = [new Probe(), new Probe(), new Probe()];
  const future = joinSettled({ a: leaves[0]!, b: leaves[1]!, c: leaves[2]! });
  assertStrictEquals(future.poll(cx), Pending);
  leaves[0]!.fail("no");
  assertStrictEquals(future.poll(cx), Pending);
  leaves[2]!.complete("yes");
  assertStrictEquals(future.poll(cx), Pending);
  leaves[1]!.fail(undefined);
  assertEquals(future.poll(cx), {
    a: { status: "rejected", reason: "no" },
    b: { status: "rejected", reason: undefined },
    c: { status: "fulfilled", value: "yes" },
  });
  assertEquals(leaves.map((leaf) => leaf.drops), [0, 0, 0]);
});

Deno.test("joinSettled: an empty array or object is ready at once", () => {
  assertEquals(joinSettled([]).poll(cx), []);
  assertEquals(joinSettled({}).poll(cx), {});
});
