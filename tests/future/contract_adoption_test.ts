// Rule 4: a future stays with its one owner, which is checked at adoption.
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { Executor } from "../../executor/mod.ts";
import { VirtualClock } from "../../executor/sim/mod.ts";
import {
  adopt,
  co,
  flatMap,
  type Future,
  FutureMovedError,
  join,
  lazy,
  map,
  mapError,
  noopWaker,
  Pending,
  pending,
  pin,
  ready,
  recover,
  release,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { groups } from "./_groups.ts";
import { subjects } from "./_scenes.ts";

const cx = { waker: noopWaker };

function isFree(future: Future<unknown>): boolean {
  const owner = {};
  try {
    adopt(owner, future);
  } catch (error) {
    if (error instanceof FutureMovedError) return false;
    throw error;
  }
  release(future);
  return true;
}

/** Whoever takes a future at once, under one signature. */
const takers: Record<string, (future: Future<unknown>) => unknown> = {
  map: (future) => map(future, () => 1),
  mapError: (future) => mapError(future, () => 1),
  flatMap: (future) => flatMap(future, () => ready(1)),
  recover: (future) => recover(future, () => 1),
  pin: (future) => pin(future),
  spawn: (future) => new Executor({ host: new VirtualClock() }).spawn(future),
  ...Object.fromEntries(
    groups.map((
      { name, combine },
    ) => [name, (future: Future<unknown>) => combine([future])]),
  ),
};

for (const [name, take] of Object.entries(takers)) {
  Deno.test(`contract 4: ${name} refuses a future that another owner holds`, () => {
    const leaf = new Probe();
    using owner = join([leaf]);
    const error = assertThrows(() => take(leaf), FutureMovedError);
    assertEquals(error.name, "FutureMovedError");
    assertEquals(
      error.message.replace("another future or task", "Join"),
      "Cannot move Probe: Join holds it; lend it with pin() or make a second one",
    );
    assertEquals(isFree(leaf), false, "the first owner holds it still");
    owner.poll(cx);
    assertEquals([leaf.polls, leaf.drops], [1, 0]);
  });
}

for (const { name, combine } of groups) {
  Deno.test(`contract 4: ${name} adopts all futures or none`, () => {
    const [first, last] = [new Probe(), new Probe()];
    const held = new Probe();
    using _owner = join([held]);
    assertThrows(() => combine([first, held, last]), FutureMovedError);
    assertEquals([isFree(first), isFree(held), isFree(last)], [
      true,
      false,
      true,
    ]);
    assertThrows(() => combine([first, pending(), first]), FutureMovedError);
    assertEquals(
      isFree(first),
      true,
      "also when the holder is this very group",
    );
    assertThrows(() => combine([first, 5 as never]), TypeError);
    assertEquals(isFree(first), true);
    assertEquals(
      [first.drops, last.drops, held.drops],
      [0, 0, 0],
      "none is dropped",
    );
  });
}

for (const { title, of, set } of subjects) {
  if (of === "pin") continue;
  Deno.test(`contract 4: ${title} holds its futures while they live, and no longer`, async () => {
    const ownership = (leaves: Probe<unknown>[]) =>
      leaves.forEach((leaf) =>
        assertEquals(isFree(leaf), !leaf.isAlive, leaf.name)
      );
    const scene = set();
    // A co adopts what it comes to wait for, the others take all at once.
    if (of !== "co") ownership(scene.leaves);
    for (const step of scene.steps) {
      scene.future.poll(cx);
      if (of !== "co") ownership(scene.leaves);
      await step();
    }
    try {
      scene.future.poll(cx);
    } catch {
      assertEquals(scene.ends, "failed");
    }
    if (scene.ends === "never") return;
    assertEquals(scene.leaves.map(isFree), scene.leaves.map(() => true));
  });

  Deno.test(`contract 4: ${title} gives its futures up when dropped, at each step`, async () => {
    for (let polls = 0; polls <= set().steps.length; polls++) {
      const scene = set();
      for (const step of scene.steps.slice(0, polls)) {
        scene.future.poll(cx);
        await step();
      }
      scene.future[Symbol.dispose]();
      assertEquals(scene.leaves.map(isFree), scene.leaves.map(() => true));
    }
  });
}

Deno.test("contract 4: co refuses what another owner holds, at the place of the wait", () => {
  const held = new Probe();
  using _owner = join([held]);
  const body = co(function* () {
    try {
      yield* held;
    } catch (error) {
      return error;
    }
  });
  const error = body.poll(cx);
  assertEquals(error instanceof FutureMovedError, true);
  assertEquals([held.polls, held.drops, isFree(held)], [0, 0, false]);
});

Deno.test("contract 4: co holds what it waits for, and only that", () => {
  const [a, b] = [new Probe(), new Probe()];
  using body = co(function* () {
    yield* a;
    yield* b;
  });
  assertEquals([isFree(a), isFree(b)], [true, true]);
  body.poll(cx);
  assertEquals([isFree(a), isFree(b)], [false, true]);
  a.complete("on");
  body.poll(cx);
  assertEquals([isFree(a), isFree(b)], [true, false]);
});

const followers: Record<string, (next: Future<unknown>) => Future<unknown>> = {
  flatMap: (next) => flatMap(ready(1), () => next),
  recover: (next) => recover(Probe.failing("no"), () => next),
  lazy: (next) => lazy(() => next),
};

for (const [name, follow] of Object.entries(followers)) {
  Deno.test(`contract 4: ${name} fails if its function returns what another owner holds`, () => {
    const held = new Probe();
    using _owner = join([held]);
    const future = follow(held);
    assertThrows(() => future.poll(cx), FutureMovedError, "Join holds it");
    assertEquals([held.polls, held.drops, isFree(held)], [0, 0, false]);
    future[Symbol.dispose]();
    assertEquals([held.drops, isFree(held)], [0, false]);
  });
}

Deno.test("contract 4: what a task holds cannot be taken, until the task ends", () => {
  using executor = new Executor({ host: new VirtualClock() });
  const leaf = new Probe();
  const task = executor.spawn(leaf);
  assertThrows(() => join([leaf]), FutureMovedError, "Task holds it");
  task.abort();
  assertStrictEquals(isFree(leaf), true);
});

Deno.test("contract 4: a future that has lost its owner can be given to another", () => {
  const leaf = new Probe();
  {
    using _first = join([ready(1), leaf]);
  }
  assertEquals(leaf.drops, 1);
  const fresh = new Probe();
  const failed = join([Probe.failing("no"), pin(fresh)]);
  assertThrows(() => failed.poll(cx));
  using second = join([fresh]);
  assertStrictEquals(second.poll(cx), Pending);
});
