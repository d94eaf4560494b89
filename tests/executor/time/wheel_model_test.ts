import { assertEquals } from "@std/assert";
import { VirtualClock } from "../../../executor/sim/mod.ts";
import { TimerWheel } from "../../../executor/time/_wheel.ts";

interface Timer {
  row: number;
  deadline: number;
  /** The wheel's number for it, and when it was armed, which orders them. */
  sequence: number;
  order: number;
  value: number;
}

/** What the wheel should do, in the simplest way: an array that is sorted. */
class Model {
  readonly timers: Timer[] = [];

  advance(now: number): number[] {
    const due = this.timers.filter((timer) => timer.deadline <= now);
    for (const timer of due) this.delete(timer);
    due.sort((a, b) => a.deadline - b.deadline || a.order - b.order);
    return due.map((timer) => timer.value);
  }

  delete(timer: Timer): void {
    this.timers.splice(this.timers.indexOf(timer), 1);
  }

  get size(): number {
    return this.timers.filter((timer) => timer.deadline < 2 ** 50).length;
  }

  get next(): number {
    let next = Infinity;
    for (const { deadline } of this.timers) {
      if (deadline < 2 ** 50) next = Math.min(next, deadline);
    }
    return next;
  }
}

/** Plays a wheel and its model against each other. */
class Game {
  readonly #random: () => number;
  readonly #wheel: TimerWheel<number>;
  readonly #model = new Model();
  readonly #seed: number;
  #now: number;
  #tick: number;
  #numbers = 0;
  #orders = 0;

  constructor(seed: number) {
    const dice = new VirtualClock({ seed });
    this.#random = () => dice.random();
    this.#seed = seed;
    const starts = [0, 0.5, 31.9, 32, 1023.5, 2 ** 31 - 3, 2 ** 31, 1.7e12];
    this.#now = starts[seed % starts.length]!;
    this.#tick = Math.floor(this.#now);
    // The numbers wrap round within the game, or pass 0.
    const first = [0, 2 ** 31 - 1000, -1000][seed % 3]!;
    this.#wheel = new TimerWheel(this.#now, first);
  }

  play(operations: number): void {
    for (let i = 0; i < operations; i++) {
      const dice = this.#random();
      if (dice < 0.5) this.#insert();
      else if (dice < 0.65) this.#move();
      else if (dice < 0.8) this.#remove();
      else this.#advance(this.#now + this.#step());
      this.#compare(i);
    }
    this.#advance(2 ** 50 - 1);
    this.#compare(operations);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick(): Timer | undefined {
    return this.#model.timers[this.#below(this.#model.timers.length)];
  }

  /** Anything from the past to beyond the horizon, mostly near. */
  #deadline(): number {
    const fraction = [0, 0.5, this.#random()][this.#below(3)]!;
    const dice = this.#random();
    if (dice < 0.05) return this.#now - this.#below(50) - fraction;
    if (dice < 0.25) return (this.#pick()?.deadline ?? this.#now);
    if (dice < 0.35) {
      return Math.floor(this.#pick()?.deadline ?? this.#now) + fraction;
    }
    if (dice < 0.4) return Infinity;
    const bits = dice < 0.8 ? 12 : 51;
    return Math.floor(this.#now) + fraction +
      Math.floor(2 ** (this.#random() * bits)) - 1;
  }

  /** Nothing, a fraction, just to a deadline, or a jump. */
  #step(): number {
    const dice = this.#random();
    if (dice < 0.1) return 0;
    if (dice < 0.3) return this.#random();
    if (dice < 0.5) {
      const next = this.#model.next;
      return next < Infinity ? Math.max(0, next - this.#now) : 1;
    }
    if (dice < 0.995) return 2 ** (this.#random() * 9);
    return 2 ** (this.#random() * 36);
  }

  #insert(): void {
    const deadline = this.#deadline();
    const value = ++this.#numbers;
    const row = this.#wheel.insert(deadline, value);
    const sequence = this.#wheel.sequenceOf(row);
    const order = ++this.#orders;
    this.#model.timers.push({ row, deadline, sequence, order, value });
  }

  #move(): void {
    const timer = this.#pick();
    if (timer === undefined) return;
    timer.deadline = this.#deadline();
    this.#wheel.move(timer.row, timer.deadline);
    timer.sequence = this.#wheel.sequenceOf(timer.row);
    timer.order = ++this.#orders;
  }

  #remove(): void {
    const timer = this.#pick();
    if (timer === undefined) return;
    this.#model.delete(timer);
    this.#wheel.remove(timer.row);
    this.#equal(this.#wheel.sequenceOf(timer.row), 0, "sequence when removed");
  }

  #advance(now: number): void {
    this.#now = now;
    this.#tick = Math.max(this.#tick, Math.floor(now));
    this.#equal(this.#wheel.advance(now), this.#model.advance(now), "fired");
  }

  #compare(operation: number): void {
    const what = (thing: string) => `${thing} after operation ${operation}`;
    this.#equal(this.#wheel.count, this.#model.timers.length, what("count"));
    if (operation % 8 === 0) {
      this.#equal(this.#wheel.size, this.#model.size, what("size"));
      this.#compareNext(what("next"));
    }
    const timer = this.#pick();
    if (timer === undefined) return;
    this.#equal(
      this.#wheel.sequenceOf(timer.row),
      timer.sequence,
      what("sequence"),
    );
    this.#equal(this.#wheel.valueOf(timer.row), timer.value, what("value"));
  }

  /** Exact within the present 32 ticks, else not later than the deadline. */
  #compareNext(what: string): void {
    const next = this.#wheel.next();
    const expected = this.#model.next;
    const present = Math.floor(this.#tick / 32);
    const isNear =
      Math.floor(Math.max(Math.floor(expected), this.#tick) / 32) ===
        present;
    if (isNear || expected === Infinity) this.#equal(next, expected, what);
    else this.#equal(next <= expected && next > this.#now, true, what);
  }

  #equal<T>(actual: T, expected: T, what: string): void {
    // Compared by hand first: assertEquals is slow, and this runs a lot.
    if (actual === expected) return;
    assertEquals(actual, expected, `seed ${this.#seed}: ${what}`);
  }
}

Deno.test("wheel: 240,000 random operations have the effect they have on a sorted array", () => {
  for (let seed = 1; seed <= 80; seed++) new Game(seed).play(3000);
});
