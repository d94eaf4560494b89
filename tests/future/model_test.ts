// Random trees of combinators against a model of what ought to happen.
import { assert, assertEquals } from "@std/assert";
import {
  VirtualClock,
  type WakeCounter,
  wakeCounter,
} from "../../executor/sim/mod.ts";
import { Budget, type Future, Pending, type Waker } from "../../future/mod.ts";
import {
  build,
  draw,
  type Leaf,
  Model,
  type Outcome,
  type Plan,
  type Random,
  show,
} from "./_model.ts";

const TREES = 3000;
const DEPTH = 4;

/** Runs a case for each seed, and says which one failed, over which tree. */
function forSeeds(test: (plan: Plan, random: Random) => void): void {
  for (let seed = 1; seed <= TREES; seed++) {
    const clock = new VirtualClock({ seed });
    const random = () => clock.random();
    const plan = draw(random, 1 + Math.floor(random() * DEPTH));
    try {
      test(plan, random);
    } catch (cause) {
      throw new Error(`seed ${seed}: ${show(plan)}: ${cause}`, { cause });
    }
  }
}

/** A tree under test, polled with a new waker now and then. */
class Rig {
  readonly leaves: Leaf[] = [];
  readonly root: Future<unknown>;
  waker: WakeCounter = wakeCounter();
  outcome: Outcome | null = null;
  readonly #stale: WakeCounter[] = [];
  readonly #random: Random;
  readonly #budget: Budget | undefined;

  constructor(plan: Plan, random: Random, onLeaf?: (leaf: Leaf) => void) {
    this.root = build(plan, this.leaves, onLeaf);
    this.#random = random;
    this.#budget = random() < 0.5
      ? new Budget(1 + Math.floor(random() * 3))
      : undefined;
  }

  /** One poll. */
  poll(): void {
    if (this.#random() < 0.3) {
      this.#stale.push(this.waker);
      this.waker = wakeCounter();
    }
    this.waker.reset();
    for (const stale of this.#stale) stale.reset();
    this.#budget?.refill();
    try {
      const value = this.root.poll({ waker: this.waker, budget: this.#budget });
      if (value !== Pending) this.outcome = { value };
    } catch (error) {
      this.outcome = { error };
    }
  }

  /** Polls as long as it is woken, as a task would. */
  settle(): void {
    for (let polls = 0; this.outcome === null && this.waker.isWoken; polls++) {
      assert(polls < 1000, "it wakes itself for ever");
      this.poll();
    }
  }

  /** Ends a leaf; one that waits must wake the root, by its latest waker. */
  end(leaf: Leaf, outcome: Outcome): void {
    const waits = leaf.waker !== null && !leaf.lent;
    leaf.end(outcome);
    if (waits) assert(this.waker.isWoken, `the wake of ${leaf.name} was lost`);
    for (const stale of this.#stale) {
      assertEquals(stale.count, 0, "a stale waker was woken");
    }
  }

  /** No waker that was given to a leaf by a group leads to the root any more. */
  assertDeaf(): void {
    this.waker.reset();
    const own = new Set<Waker>([this.waker, ...this.#stale]);
    for (const leaf of this.leaves) {
      for (const waker of leaf.wakers) if (!own.has(waker)) waker.wake();
    }
    assertEquals(this.waker.count, 0, "a child's waker outlived its group");
  }

  /** What must hold at any time. */
  check(): void {
    for (const leaf of this.leaves) {
      assertEquals(leaf.violation, null);
      assert(leaf.drops <= 1, `${leaf.name} was dropped ${leaf.drops} times`);
      if (leaf.lent) assertEquals(leaf.drops, 0, `${leaf.name} was only lent`);
    }
  }

  /** What must hold once the root has ended. */
  checkEnd(): void {
    this.check();
    for (const leaf of this.leaves) {
      if (!leaf.lent) assert(!leaf.isAlive, `${leaf.name} was left alive`);
    }
  }
}

/** `AggregateError`s anywhere in an outcome, as data. */
function plain(value: unknown): unknown {
  if (value instanceof AggregateError) return { all: value.errors.map(plain) };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, plain(each)]),
  );
}

Deno.test("model: trees whose leaves end one at a time do exactly what the model does", () => {
  forSeeds((plan, random) => {
    const model = new Model();
    const rig = new Rig(plan, random);
    rig.poll();
    rig.settle();
    let expected = model.look(plan);
    while (true) {
      rig.check();
      assertEquals(plain(rig.outcome), expected);
      assertEquals(
        rig.leaves.map(({ id }) => id).sort(),
        [...model.born].sort(),
      );
      for (const leaf of rig.leaves) {
        assertEquals(
          leaf.drops > 0,
          model.dropped.has(leaf.id),
          `drop of ${leaf.name}`,
        );
      }
      if (rig.outcome !== null) break;
      if (random() < 0.2) {
        rig.poll(); // spurious
        continue;
      }
      if (random() < 0.1) {
        rig.leaves[Math.floor(random() * rig.leaves.length)]!.wake();
        rig.settle();
        continue;
      }
      const { awaited } = model;
      const id = awaited[Math.floor(random() * awaited.length)]!;
      const outcome = random() < 0.6 ? { value: id } : { error: `error ${id}` };
      model.outcomes.set(id, outcome);
      rig.end(rig.leaves.find((leaf) => leaf.id === id)!, outcome);
      rig.settle();
      expected = model.look(plan);
    }
    rig.checkEnd();
    rig.assertDeaf();
  });
});

Deno.test("model: trees that are dropped at any time leave no leaf alive, and none dropped twice", () => {
  forSeeds((plan, random) => {
    const model = new Model();
    const rig = new Rig(plan, random);
    const polls = Math.floor(random() * 6);
    for (let i = 0; i < polls && rig.outcome === null; i++) {
      rig.poll();
      rig.settle();
      model.look(plan);
      const id = model.awaited.find(() => random() < 0.5);
      if (id === undefined || rig.outcome !== null) continue;
      model.outcomes.set(id, { value: id });
      rig.end(rig.leaves.find((leaf) => leaf.id === id)!, { value: id });
    }
    rig.root[Symbol.dispose]();
    rig.checkEnd();
    rig.assertDeaf();
    rig.root[Symbol.dispose]();
    rig.check();
  });
});

Deno.test("model: trees whose leaves end in any number and at any time lose no wake and no leaf", () => {
  forSeeds((plan, random) => {
    const some = (outcome: number): Outcome =>
      outcome < 0.6 ? { value: outcome } : { error: outcome };
    // Some leaves have ended before they are polled.
    const rig = new Rig(plan, random, (leaf) => {
      if (random() < 0.2) leaf.end(some(random()));
    });
    rig.poll();
    for (let rounds = 0; rig.outcome === null; rounds++) {
      assert(rounds < 1000, "all leaves have ended, and yet it goes on");
      rig.check();
      // Leaves that come to be while others end are taken in the next round.
      for (const leaf of [...rig.leaves]) {
        if (random() < 0.2) leaf.wake();
        if (!leaf.told && leaf.isAlive && random() < 0.4) {
          rig.end(leaf, some(random()));
        }
      }
      if (random() < 0.2) rig.poll();
      else rig.settle();
    }
    rig.checkEnd();
  });
});

Deno.test("model: trees that a leaf's poll drops end there, and leave no leaf alive", () => {
  let dropped = 0;
  forSeeds((plan, random) => {
    const killer = Math.floor(random() * 8);
    let isDropped = false;
    const rig = new Rig(plan, random, (leaf) => {
      if (leaf.id !== killer) return;
      leaf.onPoll = () => {
        if (random() < 0.5 && leaf.polls < 3) return;
        isDropped = true;
        rig.root[Symbol.dispose]();
      };
    });
    rig.poll();
    for (let rounds = 0; rig.outcome === null; rounds++) {
      assert(rounds < 1000 && !isDropped, "dropped, and yet it goes on");
      for (const leaf of [...rig.leaves]) {
        if (!leaf.told && leaf.isAlive && random() < 0.3) {
          leaf.end({ value: leaf.id });
        } else if (leaf.isAlive && random() < 0.3) leaf.wake();
      }
      if (random() < 0.2) rig.poll();
      else rig.settle();
    }
    rig.checkEnd();
    if (isDropped) dropped++;
  });
  assert(dropped > TREES / 4, `${dropped} trees were dropped: too few to tell`);
});
