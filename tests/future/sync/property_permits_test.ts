// Locks against a model of the simplest kind: a number, and an array in line.
import { assertEquals, assertStrictEquals } from "@std/assert";
import { type WakeCounter, wakeCounter } from "../../../executor/sim/mod.ts";
import { type Future, Pending } from "../../../future/mod.ts";
import { Mutex, RwLock, Semaphore } from "../../../future/sync/mod.ts";
import { forSeeds, type Random } from "./_random.ts";
import { drop } from "./_tools.ts";

/** What the three kinds of lock have in common. */
interface Subject {
  /** How much of it there is. */
  limit: number;
  /** How much the next wait asks for. */
  amount(random: Random): number;
  acquire(amount: number): Future<Disposable>;
  tryAcquire(amount: number): Disposable | null;
  /** How much of it is free, if it says so. */
  free?(): number;
}

/** One wait, as it is and as the model has it. */
interface Wait {
  amount: number;
  future: Future<Disposable>;
  waker: WakeCounter;
  isGranted: boolean;
}

class Model {
  readonly line: Wait[] = [];
  readonly granted: Wait[] = [];
  readonly held: { amount: number; guard: Disposable }[] = [];
  free: number;

  constructor(readonly subject: Subject) {
    this.free = subject.limit;
  }

  handOut(): void {
    while (this.line.length > 0 && this.line[0]!.amount <= this.free) {
      const wait = this.line.shift()!;
      this.free -= wait.amount;
      wait.isGranted = true;
      this.granted.push(wait);
    }
  }

  check(): void {
    const { subject } = this;
    if (subject.free !== undefined) assertEquals(subject.free(), this.free);
    const used = [...this.held, ...this.granted]
      .reduce((sum, { amount }) => sum + amount, 0);
    assertEquals(used + this.free, subject.limit, "nothing is lost");
    for (const { waker } of this.line) assertEquals(waker.count, 0);
    for (const { waker } of this.granted) assertEquals(waker.count, 1);
  }
}

function remove<T>(from: T[], random: Random): T | undefined {
  return from.splice(random.below(from.length), 1)[0];
}

const actions: ((model: Model, random: Random) => void)[] = [
  function arrive(model, random) {
    if (model.line.length > 12) return;
    const amount = model.subject.amount(random);
    const wait: Wait = {
      amount,
      future: model.subject.acquire(amount),
      waker: wakeCounter(),
      isGranted: false,
    };
    const got = wait.future.poll(wait);
    if (model.line.length === 0 && amount <= model.free) {
      assertEquals(got !== Pending, true, "it is free and nobody waits");
      model.free -= amount;
      model.held.push({ amount, guard: got as Disposable });
    } else {
      assertStrictEquals(got, Pending);
      model.line.push(wait);
    }
  },
  function arriveAndGo(model) {
    drop(model.subject.acquire(1)); // never polled
  },
  function tryAcquire(model, random) {
    const amount = model.subject.amount(random);
    const guard = model.subject.tryAcquire(amount);
    const isFree = model.line.length === 0 && amount <= model.free;
    assertEquals(guard !== null, isFree);
    if (guard === null) return;
    model.free -= amount;
    model.held.push({ amount, guard });
  },
  function pollInLine(model, random) {
    if (model.line.length === 0) return;
    const wait = random.pick(model.line);
    if (random.chance(0.5)) wait.waker = wakeCounter();
    assertStrictEquals(wait.future.poll(wait), Pending);
  },
  function takeGrant(model, random) {
    const wait = remove(model.granted, random);
    if (wait === undefined) return;
    const guard = wait.future.poll(wait);
    assertEquals(guard !== Pending, true);
    model.held.push({ amount: wait.amount, guard: guard as Disposable });
  },
  function dropGrant(model, random) {
    const wait = remove(model.granted, random);
    if (wait === undefined) return;
    drop(wait.future);
    model.free += wait.amount;
    model.handOut();
  },
  function dropInLine(model, random) {
    const wait = remove(model.line, random);
    if (wait === undefined) return;
    drop(wait.future);
    model.handOut();
  },
  function giveBack(model, random) {
    const held = remove(model.held, random);
    if (held === undefined) return;
    drop(held.guard);
    if (random.chance(0.1)) drop(held.guard);
    model.free += held.amount;
    model.handOut();
  },
];

const WEIGHTED = [0, 0, 0, 1, 2, 3, 4, 4, 4, 5, 6, 7, 7, 7];

function run(make: (random: Random) => Subject, steps: number): void {
  forSeeds(20, (random) => {
    const model = new Model(make(random));
    for (let step = 0; step < steps; step++) {
      actions[random.pick(WEIGHTED)]!(model, random);
      model.check();
    }
    while (model.held.length + model.granted.length + model.line.length > 0) {
      for (const action of actions.slice(4)) action(model, random);
      model.check();
    }
    assertEquals(model.free, model.subject.limit);
  });
}

Deno.test("property: a semaphore is first come, first served, and loses no permit", () => {
  run((random) => {
    const limit = 1 + random.below(6);
    const semaphore = new Semaphore(limit);
    return {
      limit,
      amount: (random) => 1 + random.below(limit),
      acquire: (amount) => semaphore.acquire(amount),
      tryAcquire: (amount) => semaphore.tryAcquire(amount),
      free: () => semaphore.availablePermits,
    };
  }, 1000);
});

Deno.test("property: a mutex never has two holders, and is never lost", () => {
  run(() => {
    const mutex = new Mutex(0);
    return {
      limit: 1,
      amount: () => 1,
      acquire: () => mutex.lock(),
      tryAcquire: () => mutex.tryLock(),
      free: () => mutex.isLocked ? 0 : 1,
    };
  }, 1000);
});

Deno.test("property: an rwLock has many readers or one writer, first come, first served", () => {
  run(() => {
    const lock = new RwLock(0);
    return {
      limit: 100, // more than there are ever readers
      amount: (random) => random.chance(0.4) ? 100 : 1,
      acquire: (amount): Future<Disposable> =>
        amount === 1 ? lock.read() : lock.write(),
      tryAcquire: (amount) => amount === 1 ? lock.tryRead() : lock.tryWrite(),
    };
  }, 1000);
});
