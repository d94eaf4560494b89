// Fairness: children that are ready together take turns.
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Executor } from "../../executor/mod.ts";
import { VirtualClock } from "../../executor/sim/mod.ts";
import {
  any,
  Budget,
  co,
  type Context,
  join,
  noopWaker,
  Pending,
  race,
  ready,
  select,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";

const keys = ["a", "b", "c", "d", "e"];

/** Who wins one select of so many ready futures. */
function winner(cx: Context, size: number): string {
  const futures = Object.fromEntries(
    keys.slice(0, size).map((key) => [key, ready(key)]),
  );
  const won = select(futures).poll(cx);
  assert(won !== Pending);
  return String(won.key);
}

/** How often each of so many came up. */
function tally(wins: string[], size: number): number[] {
  return keys.slice(0, size).map((key) =>
    wins.filter((win) => win === key).length
  );
}

/** The longest time that one of them had to wait for its turn. */
function longestWait(wins: string[], size: number): number {
  return Math.max(
    ...keys.slice(0, size).map((key) => {
      const turns = wins.flatMap((win, i) => win === key ? [i] : []);
      return Math.max(
        ...[...turns, wins.length].map((at, i) => at - (turns[i - 1] ?? -1)),
      );
    }),
  );
}

Deno.test("rotation: over a loop of selects the children win in turn", () => {
  const cx = { waker: noopWaker, budget: new Budget(128) };
  const wins = Array.from({ length: 12 }, () => winner(cx, 3));
  assertEquals(wins.join(""), "abcabcabcabc");
});

Deno.test("rotation: race and any rotate as select does", () => {
  for (const combine of [race, any]) {
    const cx = { waker: noopWaker, budget: new Budget(128) };
    const wins = Array.from(
      { length: 9 },
      () => combine(keys.slice(0, 3).map(ready)).poll(cx),
    );
    assertEquals(wins.join(""), "abcabcabc");
  }
});

Deno.test("rotation: in the long run every child wins its share", () => {
  for (const budget of [new Budget(128), undefined]) {
    for (const size of [2, 3, 4, 5]) {
      const cx = { waker: noopWaker, budget };
      const wins = Array.from({ length: 1000 }, () => winner(cx, size));
      for (const won of tally(wins, size)) {
        assert(Math.abs(won - 1000 / size) < 50, `${tally(wins, size)}`);
      }
      assert(longestWait(wins, size) < 2 * size, "nobody waits for long");
    }
  }
});

Deno.test("rotation: selects that share a budget do not fall into step with each other", () => {
  for (const size of [2, 3, 4, 5]) {
    for (let others = 0; others < 40; others++) {
      const budget = new Budget(128);
      const cx = { waker: noopWaker, budget };
      const wins = Array.from({ length: 400 }, () => {
        for (let other = 0; other < others; other++) budget.rotate();
        return winner(cx, size);
      });
      const counts = tally(wins, size);
      const message = `${others} others, ${size} children: ${counts}`;
      assert(Math.min(...counts) > 400 / size / 3, message);
      assert(longestWait(wins, size) < 100 * size, message);
    }
  }
});

Deno.test("rotation: two selects in one loop are both fair", () => {
  const cx = { waker: noopWaker, budget: new Budget(128) };
  const loop = Array.from(
    { length: 1000 },
    () => [winner(cx, 2), winner(cx, 2)] as const,
  );
  for (const place of [0, 1] as const) {
    const [a] = tally(loop.map((round) => round[place]), 2);
    assert(a! > 350 && a! < 650, `${a} of 1000`);
  }
});

Deno.test("rotation: two tasks in lockstep are both fair", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const wins: string[][] = [[], []];
  const leaves: Probe<string>[] = [];
  for (const mine of wins) {
    executor.spawn(co(function* () {
      for (let round = 0; round < 400; round++) {
        const pause = new Probe<string>();
        leaves.push(pause);
        yield* pause;
        mine.push((yield* select({ a: ready(1), b: ready(2) })).key);
      }
    }));
  }
  clock.settle();
  while (leaves.length > 0) {
    for (const leaf of leaves.splice(0)) leaf.complete("on");
    clock.settle();
  }
  for (const mine of wins) {
    const [a] = tally(mine, 2);
    assertEquals(mine.length, 400);
    assert(a! > 130 && a! < 270, `${a} of 400`);
  }
});

Deno.test("rotation: within one select, polled many times, each child comes first in turn", () => {
  const cx = { waker: noopWaker, budget: new Budget(128) };
  const leaves = keys.slice(0, 3).map((key) => new Probe(key));
  const log: string[] = [];
  for (const leaf of leaves) leaf.onPoll = () => log.push(leaf.name);
  using future = race(leaves);
  for (let poll = 0; poll < 4; poll++) {
    leaves.toReversed().forEach((leaf) => leaf.wake());
    assertStrictEquals(future.poll(cx), Pending);
  }
  assertEquals(log.join(""), "abcbcacababc");
});

Deno.test("rotation: those that sleep are left out, the others keep their places", () => {
  const budget = new Budget(128);
  const cx = { waker: noopWaker, budget };
  const leaves = keys.slice(0, 4).map((key) => new Probe(key));
  const log: string[] = [];
  using future = race(leaves);
  future.poll(cx);
  for (const leaf of leaves) leaf.onPoll = () => log.push(leaf.name);
  for (let poll = 0; poll < 4; poll++) {
    leaves[3]!.wake();
    leaves[1]!.wake();
    future.poll(cx);
  }
  // Starts at 1, 2, 3, 0 of abcd.
  assertEquals(log.join(""), "bddbdbbd");
});

Deno.test("rotation: a child that wakes alone costs no turn", () => {
  const budget = new Budget(128);
  const cx = { waker: noopWaker, budget };
  const leaves = [new Probe("a"), new Probe("b")];
  using future = race(leaves);
  future.poll(cx);
  for (let poll = 0; poll < 5; poll++) {
    leaves[0]!.wake();
    future.poll(cx);
  }
  assertEquals(budget.rotate(), 1);
});

Deno.test("rotation: join takes no turns", () => {
  const budget = new Budget(128);
  join([ready(1), ready(2)]).poll({ waker: noopWaker, budget });
  race([ready(1), ready(2)], { biased: true }).poll({
    waker: noopWaker,
    budget,
  });
  assertEquals(budget.rotate(), 0);
});

Deno.test("rotation: a run that is replayed rotates alike", () => {
  const play = () => {
    const budget = new Budget(1);
    return Array.from({ length: 500 }, () => budget.rotate());
  };
  assertEquals(play(), play());
});
