import { activeTask } from "../../executor/_core.ts";
import {
  adopt,
  type Context,
  Future,
  Pending,
  type Poll,
  release,
  type Waker,
} from "../../future/mod.ts";
import type { Forest } from "./_trees.ts";

/**
 * Part of a tree that nothing inside may outlive: a scope or a set. It counts
 * what lives inside, and knows what failed first.
 */
export class Region {
  readonly #forest: Forest;
  readonly kind: string;
  readonly outer: Region | null;
  /** What has begun in here and has not ended. */
  readonly live: Set<Watched> = new Set();
  first: { error: unknown } | null = null;
  /** The task that polls it. */
  task: object | null = null;

  constructor(forest: Forest, kind: string, outer: Region | null) {
    this.#forest = forest;
    this.kind = kind;
    this.outer = outer;
  }

  note(error: unknown): void {
    this.first ??= { error };
  }

  /** It has ended; what a task holds that has killed it ends after its poll. */
  ended(): void {
    const { killer, violations } = this.#forest;
    for (const each of this.live) {
      if (killer !== null && each.isWithin(killer, this)) continue;
      violations.push(`a ${each.what} outlives the ${this.kind}`);
    }
  }

  /** Whether a task polls it, or what it is within, up to `end`. */
  isWithin(task: object, end: Region): boolean {
    if (this === end || this.outer === null) return false;
    return this.task === task || this.outer.isWithin(task, end);
  }
}

/** A future that its regions see begin and end. */
export class Watched extends Future<unknown> {
  readonly what: string;
  readonly region: Region;
  readonly #inner: Future<unknown>;
  readonly #regions: Region[] = [];
  readonly #failed: (error: unknown) => void;
  #isOver = false;
  #task: object | null = null;

  constructor(
    what: string,
    region: Region,
    inner: Future<unknown>,
    failed: (error: unknown) => void = () => {},
  ) {
    super();
    adopt(this, inner);
    this.what = what;
    this.region = region;
    this.#inner = inner;
    this.#failed = failed;
    for (let at: Region | null = region; at !== null; at = at.outer) {
      this.#regions.push(at);
    }
  }

  /** Spawned: from now on it counts. */
  begin(): this {
    for (const region of this.#regions) region.live.add(this);
    return this;
  }

  isWithin(task: object, end: Region): boolean {
    return this.#task === task || this.region.isWithin(task, end);
  }

  #end(): void {
    this.#isOver = true;
    for (const region of this.#regions) region.live.delete(this);
  }

  override poll(cx: Context): Poll<unknown> {
    this.begin();
    this.#task = activeTask();
    let value: Poll<unknown>;
    try {
      value = this.#inner.poll(cx);
    } catch (error) {
      this.#end();
      this.#failed(error);
      throw error;
    }
    if (value !== Pending || this.#isOver) this.#end();
    return value;
  }

  override [Symbol.dispose](): void {
    if (this.#isOver) return;
    release(this.#inner);
    try {
      this.#inner[Symbol.dispose]();
    } catch (error) {
      this.#failed(error);
      throw error;
    } finally {
      this.#end();
    }
  }
}

/** Waits until its tree wakes it, and then does what it was made for. */
export class Leaf extends Future<unknown> {
  readonly #forest: Forest;
  readonly #act: () => unknown;
  readonly #dropError: Error | null;
  #left: number;
  #waker: Waker | null = null;
  #isOver = false;

  constructor(forest: Forest, polls: number, act: () => unknown) {
    super();
    this.#forest = forest;
    this.#left = polls;
    this.#act = act;
    this.#dropError = forest.chance(0.1) ? forest.newError("drop") : null;
  }

  wake(): void {
    this.#waker?.wake();
  }

  override poll(cx: Context): Poll<unknown> {
    if (this.#isOver) this.#forest.violations.push("polled after its end");
    this.#forest.leaves.add(this);
    if (this.#left-- > 0) {
      this.#waker = cx.waker;
      return Pending;
    }
    this.#end();
    return this.#act();
  }

  #end(): void {
    this.#isOver = true;
    this.#waker = null;
    this.#forest.leaves.delete(this);
  }

  override [Symbol.dispose](): void {
    if (this.#isOver) return;
    const begun = this.#forest.leaves.has(this);
    this.#end();
    if (begun && this.#dropError !== null) throw this.#dropError;
  }
}

type End = "completed" | { error: unknown } | "dropped";

/** Tells how a future has ended, once it has. */
export class Ending extends Future<unknown> {
  readonly #inner: Future<unknown>;
  readonly #region: Region | null;
  readonly #ended: (how: End) => void;
  #isOver = false;

  constructor(
    inner: Future<unknown>,
    region: Region | null,
    ended: (how: End) => void,
  ) {
    super();
    this.#region = region;
    adopt(this, inner);
    this.#inner = inner;
    this.#ended = ended;
  }

  override poll(cx: Context): Poll<unknown> {
    let value: Poll<unknown>;
    if (this.#region !== null) this.#region.task = activeTask();
    try {
      value = this.#inner.poll(cx);
    } catch (error) {
      this.#isOver = true;
      this.#ended({ error });
      throw error;
    }
    if (value !== Pending) {
      this.#isOver = true;
      this.#ended("completed");
    }
    return value;
  }

  override [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    release(this.#inner);
    try {
      this.#inner[Symbol.dispose]();
    } finally {
      this.#ended("dropped");
    }
  }
}
