import { assert } from "@std/assert";
import { wakeCounter } from "../../../executor/sim/mod.ts";
import {
  type Context,
  Future,
  Pending,
  type Poll,
  PolledAfterCompletionError,
  type Waker,
} from "../../../future/mod.ts";
import {
  adoptStream,
  Done,
  releaseStream,
  Stream,
} from "../../../future/stream/mod.ts";

/** What a scripted source does at its next step; anything else is an item. */
export class Failure {
  constructor(readonly error: unknown) {}
}

/** What both leaves have: steps, counts, and a waker to be called by the test. */
export interface Leaf {
  readonly name: string;
  polls: number;
  drops: number;
  /** Polls after its end: there must be none. */
  latePolls: number;
  /** How it ended; null while it lives. */
  ended: "completed" | "failed" | "was dropped" | null;
  /** Whether it has answered `Pending` and nothing has happened since. */
  isWaiting: boolean;
  /** Lets it go on, and wakes whoever polled it last. */
  fire(): void;
  /** Adopts it, to see that nobody holds it any more. */
  claim(): void;
}

/** A stream that follows a script; `Pending` in it waits for `fire`. */
export class Source<T> extends Stream<T> implements Leaf {
  polls = 0;
  drops = 0;
  latePolls = 0;
  ended: "completed" | "failed" | "was dropped" | null = null;
  isWaiting = false;
  waker: Waker | null = null;
  onPoll: ((cx: Context) => void) | null = null;
  readonly #steps: (T | Pending | Failure)[];

  constructor(
    steps: Iterable<T | Pending | Failure>,
    readonly name = "source",
  ) {
    super();
    this.#steps = [...steps];
  }

  override pollNext(cx: Context): Poll<T | Done> {
    if (this.ended !== null) {
      this.latePolls++;
      throw new PolledAfterCompletionError(this.name, this.ended);
    }
    this.polls++;
    this.onPoll?.(cx);
    this.waker = cx.waker;
    if (this.isWaiting) return Pending;
    if (this.#steps.length === 0) {
      this.ended = "completed";
      return Done;
    }
    const step = this.#steps.shift() as T | Pending | Failure;
    if (step === Pending) this.isWaiting = true;
    if (step instanceof Failure) {
      this.ended = "failed";
      throw step.error;
    }
    return step as Poll<T>;
  }

  /** Adds to the script. */
  give(...steps: (T | Pending | Failure)[]): void {
    this.#steps.push(...steps);
    this.fire();
  }

  fire(): void {
    this.isWaiting = false;
    this.waker?.wake();
  }

  claim(): void {
    adoptStream(this, this);
    releaseStream(this);
  }

  override [Symbol.dispose](): void {
    this.drops++;
    this.isWaiting = false;
    this.ended ??= "was dropped";
  }
}

/** A future that waits for `fire` a number of times, then ends as told. */
export class Step<T> extends Future<T> implements Leaf {
  polls = 0;
  drops = 0;
  latePolls = 0;
  ended: "completed" | "failed" | "was dropped" | null = null;
  isWaiting = false;
  waker: Waker | null = null;

  constructor(
    private waits: number,
    private readonly end: T | Failure,
    readonly name = "step",
  ) {
    super();
  }

  override poll(cx: Context): Poll<T> {
    if (this.ended !== null) {
      this.latePolls++;
      throw new PolledAfterCompletionError(this.name, this.ended);
    }
    this.polls++;
    this.waker = cx.waker;
    if (this.isWaiting) return Pending;
    if (this.waits > 0) {
      this.waits--;
      this.isWaiting = true;
      return Pending;
    }
    this.waker = null;
    this.ended = this.end instanceof Failure ? "failed" : "completed";
    if (this.end instanceof Failure) throw this.end.error;
    return this.end;
  }

  fire(): void {
    this.isWaiting = false;
    this.waker?.wake();
  }

  claim(): void {}

  override [Symbol.dispose](): void {
    this.drops++;
    this.isWaiting = false;
    this.waker = null;
    this.ended ??= "was dropped";
  }
}

/** A seeded world of scripted leaves: what waits, and what to fire next. */
export class World {
  readonly leaves: Leaf[] = [];
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed | 0;
  }

  /** Mulberry32; a whole number below `n`. */
  below(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor(((t ^ (t >>> 14)) >>> 0) / 2 ** 32 * n);
  }

  numbers(): number[] {
    return Array.from({ length: this.below(9) }, () => this.below(10));
  }

  /** A source of these items, with waits in between. */
  source<T>(items: Iterable<T>, failure?: Failure): Source<T> {
    const steps: (T | Pending | Failure)[] = [];
    const maybeWait = () => {
      if (this.below(3) === 0) steps.push(Pending);
    };
    for (const item of items) {
      maybeWait();
      steps.push(item);
    }
    maybeWait();
    if (failure !== undefined) steps.push(failure);
    const source = new Source(steps, `source ${this.leaves.length}`);
    this.leaves.push(source);
    return source;
  }

  step<T>(end: T | Failure): Step<T> {
    const step = new Step(this.below(3), end, `step ${this.leaves.length}`);
    this.leaves.push(step);
    return step;
  }

  /** A future that never ends, and cannot be fired. */
  never(): Step<never> {
    const step = new Step<never>(Infinity, new Failure("unreachable"));
    step.fire = () => step.waker?.wake();
    this.leaves.push(step);
    return step;
  }

  /** Fires a leaf that waits; `false` if none does. */
  fire(): boolean {
    const waiting = this.leaves.filter((leaf) => leaf.isWaiting);
    if (waiting.length === 0) return false;
    waiting[this.below(waiting.length)]!.fire();
    return true;
  }

  /**
   * Polls until the end, firing one leaf after each `Pending`: that must wake.
   *
   * @param stopAt After how many polls to drop it instead.
   */
  drain<T>(stream: Stream<T>, stopAt: number = Infinity): T[] {
    const items: T[] = [];
    const waker = wakeCounter();
    for (let polls = 0; polls < stopAt; polls++) {
      assert(polls < 10_000, `seed ${this.seed}: it never ends`);
      waker.reset();
      const item = stream.pollNext({ waker });
      if (item === Done) return items;
      if (item !== Pending) items.push(item);
      else if (!waker.isWoken) {
        assert(this.fire(), `seed ${this.seed}: nothing can wake it`);
        assert(waker.isWoken, `seed ${this.seed}: the wake was lost`);
      }
    }
    stream[Symbol.dispose]();
    return items;
  }

  /** Checks that each leaf was either exhausted or dropped, once, and is free. */
  settle(): void {
    for (const leaf of this.leaves) {
      const where = `seed ${this.seed}, ${leaf.name}`;
      assert(leaf.ended !== null, `${where} was left alive`);
      assert(leaf.latePolls === 0, `${where} was polled after its end`);
      if (leaf.ended === "completed") assert(leaf.drops === 0, where);
      if (leaf.ended === "was dropped") assert(leaf.drops === 1, where);
      if (leaf.ended === "failed") assert(leaf.drops <= 1, where);
      leaf.claim();
    }
  }
}

/** The seeds of a property test. */
export function* worlds(count: number): Generator<World> {
  for (let seed = 1; seed <= count; seed++) yield new World(seed);
}

/** Lets all promise jobs run that are due, and those that they cause. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
