// Rule 5: a combinator drops those children that are still alive, once.
import {
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { wakeCounter } from "../../executor/sim/mod.ts";
import {
  type Future,
  join,
  noopWaker,
  Pending,
  PolledAfterCompletionError,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { groups } from "./_groups.ts";
import { subjects } from "./_scenes.ts";

const cx = { waker: noopWaker };

for (const { title, of, set } of subjects) {
  // A loan ends without a drop: pin_test.ts.
  if (of === "pin") continue;
  Deno.test(`contract 5: ${title} has dropped those still alive, once, when it answers`, async () => {
    const scene = set();
    for (const step of scene.steps) {
      scene.future.poll(cx);
      await step();
    }
    try {
      scene.future.poll(cx);
    } catch {
      assertEquals(scene.ends, "failed");
    }
    if (scene.ends === "never") return;
    for (const leaf of scene.leaves) {
      assertEquals(leaf.isAlive, false);
      assertEquals(leaf.drops, leaf.told ? 0 : 1);
    }
    const drops = scene.leaves.map((leaf) => leaf.drops);
    scene.future[Symbol.dispose]();
    assertEquals(
      scene.leaves.map((leaf) => leaf.drops),
      drops,
      "a drop after the end is nothing",
    );
  });

  Deno.test(`contract 5: ${title} drops those still alive, once, when dropped, at each step`, async () => {
    for (let polls = 0; polls <= set().steps.length; polls++) {
      const scene = set();
      for (const step of scene.steps.slice(0, polls)) {
        scene.future.poll(cx);
        await step();
      }
      // What a co has not come to yet is not its own.
      const mine = scene.leaves.filter((leaf) => of !== "co" || leaf.polls > 0);
      const alive = mine.filter((leaf) => leaf.isAlive);
      scene.future[Symbol.dispose]();
      scene.future[Symbol.dispose]();
      assertEquals(
        mine.map((leaf) => leaf.drops),
        mine.map((leaf) => alive.includes(leaf) ? 1 : 0),
      );
    }
  });
}

/** Three children of which the second decides: by failing, or by its value. */
function decided(
  combine: (futures: Future<unknown>[]) => Future<unknown>,
  how: "value" | "failure",
): { future: Future<unknown>; leaves: Probe<unknown>[] } {
  const leaves = [
    new Probe<unknown>("a"),
    new Probe<unknown>("b"),
    new Probe<unknown>("c"),
  ];
  const future = combine(leaves);
  future.poll(cx);
  if (how === "value") leaves[1]!.complete(1);
  else leaves[1]!.fail("b failed");
  return { future, leaves };
}

const firsts = groups.filter(({ name }) => !name.startsWith("join"));
const failing = groups.filter(({ name }) =>
  name !== "any" && name !== "joinSettled"
);

for (const { name, combine } of firsts) {
  Deno.test(`contract 5: ${name} drops the losers, in order, before it answers`, () => {
    const log: string[] = [];
    const { future, leaves } = decided(combine, "value");
    for (const leaf of leaves) leaf.onDrop = () => log.push(leaf.name);
    future.poll(cx);
    assertEquals(log, ["a", "c"]);
    assertEquals(leaves.map((leaf) => leaf.drops), [1, 0, 1]);
  });

  Deno.test(`contract 5: ${name} fails if a loser's drop throws, and drops the others all the same`, () => {
    const { future, leaves } = decided(combine, "value");
    leaves[0]!.onDrop = () => {
      throw "a's drop";
    };
    assertStrictEquals(assertThrows(() => future.poll(cx)), "a's drop");
    assertEquals(leaves.map((leaf) => leaf.drops), [1, 0, 1]);
    assertThrows(
      () => future.poll(cx),
      PolledAfterCompletionError,
      "it already failed",
    );
  });
}

for (const { name, combine } of failing) {
  Deno.test(`contract 5: ${name} drops the others when one fails`, () => {
    const { future, leaves } = decided(combine, "failure");
    assertStrictEquals(assertThrows(() => future.poll(cx)), "b failed");
    assertEquals(leaves.map((leaf) => leaf.drops), [1, 0, 1]);
  });

  Deno.test(`contract 5: ${name} suppresses the failure if a drop throws because of it`, () => {
    const { future, leaves } = decided(combine, "failure");
    leaves[0]!.onDrop = () => {
      throw "a's drop";
    };
    leaves[2]!.onDrop = () => {
      throw "c's drop";
    };
    const outer = assertThrows(() => future.poll(cx));
    assertInstanceOf(outer, SuppressedError);
    assertEquals(outer.message, "Another error was thrown while dropping");
    assertStrictEquals(outer.error, "c's drop");
    const inner = outer.suppressed;
    assertInstanceOf(inner, SuppressedError);
    assertStrictEquals(inner.error, "a's drop");
    assertStrictEquals(inner.suppressed, "b failed");
  });
}

for (const { name, combine } of groups) {
  Deno.test(`contract 5: ${name} drops all children though the drops of some throw`, () => {
    const leaves = [
      new Probe("a"),
      new Probe("b"),
      new Probe("c"),
      new Probe("d"),
    ];
    const future = combine(leaves);
    future.poll(cx);
    for (const leaf of leaves.slice(1, 3)) {
      leaf.onDrop = () => {
        throw leaf.name;
      };
    }
    const error = assertThrows(() => future[Symbol.dispose]());
    assertEquals(leaves.map((leaf) => leaf.drops), [1, 1, 1, 1]);
    assertInstanceOf(error, SuppressedError);
    assertEquals([error.error, error.suppressed], ["c", "b"]);
    future[Symbol.dispose]();
    assertEquals(
      leaves.map((leaf) => leaf.drops),
      [1, 1, 1, 1],
      "the drop is over nevertheless",
    );
  });

  Deno.test(`contract 5: ${name} throws the error itself if one drop alone throws`, () => {
    const leaves = [new Probe("a"), new Probe("b")];
    leaves[1]!.onDrop = () => {
      throw "b's drop";
    };
    const future = combine(leaves);
    assertStrictEquals(
      assertThrows(() => future[Symbol.dispose]()),
      "b's drop",
    );
  });

  Deno.test(`contract 5: ${name} drops nobody twice though a child's drop drops it again`, () => {
    const leaves = [new Probe("a"), new Probe("b"), new Probe("c")];
    const future = combine(leaves);
    const waker = wakeCounter();
    future.poll({ waker });
    for (const leaf of leaves) {
      leaf.onDrop = () => {
        future[Symbol.dispose]();
        leaves.forEach((other) => other.wake());
        assertThrows(
          () => future.poll(cx),
          PolledAfterCompletionError,
          "it was dropped",
        );
      };
    }
    future[Symbol.dispose]();
    assertEquals(leaves.map((leaf) => leaf.drops), [1, 1, 1]);
    assertEquals(leaves.map((leaf) => leaf.polls), [1, 1, 1]);
    assertEquals(waker.count, 0, "a wake during the drop is nothing");
  });
}

Deno.test("contract 5: a drop reaches through every layer", () => {
  const leaf = new Probe();
  const future = groups.reduce<Future<unknown>>(
    (inner, { combine }) => combine([inner, new Probe()]),
    leaf,
  );
  assertStrictEquals(future.poll(cx), Pending);
  future[Symbol.dispose]();
  assertEquals(leaf.drops, 1);
});

Deno.test("contract 5: what has ended is not dropped", () => {
  const leaves = [new Probe("a"), new Probe("b")];
  const future = join(leaves);
  future.poll(cx);
  leaves[0]!.complete("value");
  future.poll(cx);
  future[Symbol.dispose]();
  assertEquals(leaves.map((leaf) => leaf.drops), [0, 1]);
});
