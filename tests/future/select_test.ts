import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  any,
  type Future,
  noopWaker,
  Pending,
  race,
  ready,
  select,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";

const cx = { waker: noopWaker };

Deno.test("select: it says which future was first, and its value", () => {
  const [a, b] = [new Probe<number>(), new Probe<string>()];
  const future = select({ a, b });
  assertStrictEquals(future.poll(cx), Pending);
  b.complete("two");
  assertEquals(future.poll(cx), { key: "b", value: "two" });
});

Deno.test("select: the value is passed on as it is, undefined too", () => {
  assertEquals(select({ a: ready(undefined) }).poll(cx), {
    key: "a",
    value: undefined,
  });
});

Deno.test("select: a failure of the first to end is its failure", () => {
  const [a, b] = [new Probe(), new Probe()];
  const future = select({ a, b });
  future.poll(cx);
  a.fail("broken");
  assertStrictEquals(assertThrows(() => future.poll(cx)), "broken");
  assertEquals([a.drops, b.drops], [0, 1]);
});

Deno.test("select: the keys are those of the futures given, whatever becomes of the object", () => {
  const futures: Record<string, Future<number>> = {
    a: new Probe<number>(),
    b: ready(2),
  };
  const future = select(futures);
  delete futures.a;
  assertEquals(future.poll(cx), { key: "b", value: 2 });
});

for (
  const [name, make] of Object.entries({
    select: (options?: { biased?: boolean }) => {
      const leaves = [new Probe("a"), new Probe("b"), new Probe("c")];
      const [a, b, c] = leaves;
      const future = select({ a: a!, b: b!, c: c! }, options);
      return { leaves, poll: () => future.poll(cx) };
    },
    race: (options?: { biased?: boolean }) => {
      const leaves = [new Probe("a"), new Probe("b"), new Probe("c")];
      const future = race(leaves, options);
      return { leaves, poll: () => future.poll(cx) };
    },
  })
) {
  Deno.test(`${name}: biased, those ready together win in the order given, in whatever order they wake`, () => {
    for (const wakes of ["abc", "cba", "bca", "cab"]) {
      const { leaves, poll } = make({ biased: true });
      poll();
      for (const letter of wakes) {
        leaves.find((leaf) => leaf.name === letter)!.complete(letter);
      }
      const won = poll();
      assertEquals(typeof won === "object" ? won.value : won, "a");
      assertEquals(
        leaves.map((leaf) => leaf.polls),
        [2, 1, 1],
        "the others were not polled",
      );
    }
  });

  Deno.test(`${name}: biased, the order given counts at every poll`, () => {
    const { leaves, poll } = make({ biased: true });
    const log: string[] = [];
    for (const leaf of leaves) leaf.onPoll = () => log.push(leaf.name);
    for (const wakes of ["", "cba", "ba", "cb", "c", "bca"]) {
      log.length = 0;
      for (const letter of wakes) {
        leaves.find((leaf) => leaf.name === letter)!.wake();
      }
      assertStrictEquals(poll(), Pending);
      assertEquals(
        log.join(""),
        wakes === "" ? "abc" : [...wakes].sort().join(""),
      );
    }
  });

  Deno.test(`${name}: { biased: false } is the default`, () => {
    const order = (options?: { biased?: boolean }) => {
      const seen = new Set<string>();
      for (let i = 0; i < 64; i++) {
        const { leaves, poll } = make(options);
        leaves.forEach((leaf) => leaf.complete(leaf.name));
        const won = poll();
        seen.add(String(typeof won === "object" ? won.value : String(won)));
      }
      return [...seen].sort();
    };
    assertEquals(order(), ["a", "b", "c"]);
    assertEquals(order({ biased: false }), ["a", "b", "c"]);
    assertEquals(order({}), ["a", "b", "c"]);
    assertEquals(order({ biased: true }), ["a"]);
  });
}

Deno.test("race: it gives the value of the first to end", () => {
  const [a, b] = [new Probe(), new Probe()];
  const future = race([a, b]);
  assertStrictEquals(future.poll(cx), Pending);
  b.complete("b");
  assertEquals(future.poll(cx), "b");
});

Deno.test("race: a failure of the first to end is its failure", () => {
  const [a, b] = [new Probe(), new Probe()];
  const future = race([a, b]);
  future.poll(cx);
  b.fail(undefined);
  let thrown: unknown = "nothing";
  try {
    future.poll(cx);
  } catch (error) {
    thrown = error;
  }
  assertStrictEquals(thrown, undefined);
  assertEquals([a.drops, b.drops], [1, 0]);
});

Deno.test("any: failures do not count while others may succeed", () => {
  const leaves = [new Probe(), new Probe(), new Probe()];
  const future = any(leaves);
  assertStrictEquals(future.poll(cx), Pending);
  leaves[0]!.fail("first");
  assertStrictEquals(future.poll(cx), Pending);
  leaves[2]!.complete("third");
  assertEquals(future.poll(cx), "third");
  assertEquals(leaves.map((leaf) => leaf.drops), [0, 1, 0]);
});

Deno.test("any: when all fail, their failures stand in the order of the futures", () => {
  const leaves = [new Probe(), new Probe(), new Probe()];
  const future = any(leaves);
  for (const i of [1, 2, 0]) {
    assertStrictEquals(future.poll(cx), Pending);
    leaves[i]!.fail(`error ${i}`);
  }
  const error = assertThrows(() => future.poll(cx), AggregateError);
  assertEquals(error.message, "Cannot go on with any: all 3 futures failed");
  assertEquals(error.errors, ["error 0", "error 1", "error 2"]);
});

Deno.test("any: of no futures it fails at its first poll, not before", () => {
  const error = assertThrows(() => any([]).poll(cx), AggregateError);
  assertEquals([error.message, error.errors], [
    "Cannot go on with any: all 0 futures failed",
    [],
  ]);
});

Deno.test("any: a value that is undefined is a success", () => {
  assertStrictEquals(
    any([Probe.failing("no"), ready(undefined)]).poll(cx),
    undefined,
  );
});
