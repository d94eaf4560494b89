// Rule 2: the waker of the latest poll is the one that is called.
import { assert, assertEquals, assertFalse } from "@std/assert";
import { Executor } from "../../executor/mod.ts";
import { VirtualClock, wakeCounter } from "../../executor/sim/mod.ts";
import {
  fromPromise,
  fromSignal,
  type Future,
  join,
  Pending,
  type Waker,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { groups } from "./_groups.ts";
import { subjects } from "./_scenes.ts";

/** Those that never wake by themselves: their callers do. */
const silent = new Set(["pending", "pollFn"]);

for (const { title, of, set } of subjects) {
  if (silent.has(of)) continue;
  Deno.test(`contract 2: ${title} calls the waker of its latest poll, at each step`, async () => {
    const scene = set();
    for (const step of scene.steps) {
      const stale = wakeCounter();
      const latest = wakeCounter();
      assertEquals(scene.future.poll({ waker: stale }), Pending);
      assertEquals(scene.future.poll({ waker: latest }), Pending);
      await step();
      assertEquals([stale.count, latest.count], [0, 1]);
    }
  });
}

/** The futures that store a waker themselves, and how to make each wake it. */
const storing: Record<
  string,
  () => [Future<unknown>, () => void | Promise<void>]
> = {
  ...Object.fromEntries(
    groups.map(({ name, combine }) => [name, () => {
      const leaf = new Probe();
      return [combine([leaf, new Probe()]), () => leaf.wake()];
    }]),
  ),
  fromPromise: () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    return [fromPromise(() => promise), () => (resolve(), promise.then())];
  },
  "fromPromise of a promise": () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    return [fromPromise(promise), () => (resolve(), promise.then())];
  },
  fromSignal: () => {
    const controller = new AbortController();
    return [fromSignal(controller.signal), () => controller.abort()];
  },
};

/** A waker that takes every other one for itself, and counts. */
function greedyWaker(): Waker & { count: number; asked: number } {
  return {
    count: 0,
    asked: 0,
    wake() {
      this.count++;
    },
    willWake() {
      this.asked++;
      return true;
    },
  };
}

for (const [name, make] of Object.entries(storing)) {
  Deno.test(`contract 2: ${name} asks willWake, and keeps a waker that will do`, async () => {
    const [future, wake] = make();
    const stored = greedyWaker();
    const other = wakeCounter();
    future.poll({ waker: stored });
    future.poll({ waker: other });
    await wake();
    assertEquals([stored.asked, stored.count, other.count], [1, 1, 0]);
    future[Symbol.dispose]();
  });
}

Deno.test("contract 2: a group passes on one wake, however many of its children wake", () => {
  for (const { combine } of groups) {
    const leaves = [new Probe(), new Probe(), new Probe()];
    const waker = wakeCounter();
    using future = combine(leaves);
    future.poll({ waker });
    for (const leaf of [...leaves, ...leaves]) leaf.wake();
    assertEquals(waker.count, 1);
    future.poll({ waker });
    assertEquals(leaves.map((leaf) => leaf.polls), [2, 2, 2]);
    leaves[2]!.wake();
    assertEquals(waker.count, 2, "after a poll, the next wake counts again");
  }
});

Deno.test("contract 2: waking twice polls once", () => {
  const clock = new VirtualClock();
  using executor = new Executor({ host: clock });
  const leaf = new Probe();
  const task = executor.spawn(leaf);
  clock.settle();
  leaf.wake();
  leaf.wake();
  clock.settle();
  assertEquals(leaf.polls, 2);
  assertFalse(task.isFinished);
});

Deno.test("contract 2: waking what has ended is nothing", () => {
  for (const { combine } of groups) {
    const waker = wakeCounter();
    const [first, second] = [new Probe(), new Probe()];
    const kept: Waker[] = [];
    first.onPoll = second.onPoll = (cx) => kept.push(cx.waker);
    const future = combine([first, second]);
    future.poll({ waker });
    first.complete("done");
    future.poll({ waker });
    waker.reset();
    kept[0]!.wake();
    assertEquals(
      waker.count,
      0,
      "the child has ended, whether or not the group has",
    );
    future[Symbol.dispose]();
    kept.forEach((each) => each.wake());
    assertEquals(waker.count, 0);
  }
});

Deno.test("contract 2: a child's waker knows itself, and only itself", () => {
  const wakers: Waker[] = [];
  const leaves = [new Probe(), new Probe()];
  for (const leaf of leaves) leaf.onPoll = (cx) => wakers.push(cx.waker);
  using future = join(leaves);
  future.poll({ waker: wakeCounter() });
  leaves.forEach((leaf) => leaf.wake());
  future.poll({ waker: wakeCounter() });
  assert(wakers[0]!.willWake(wakers[2]!), "the same over two polls");
  assertFalse(wakers[0]!.willWake(wakers[1]!), "not its sibling's");
});
