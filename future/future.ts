import type { Context } from "./context.ts";
import { FutureMovedError } from "./errors.ts";
import type { Inspection } from "./inspection.ts";
import { Pending, type Poll } from "./poll.ts";

/** A constant of this module: V8 knows what it is, and of an import it does not. */
const pending: typeof Pending = Pending;

/** What a future of type `F` gives. */
export type Output<F> = F extends Future<infer T> ? T : never;

/**
 * A value that may not be there yet. It makes progress only when polled, and
 * is cancelled by dropping it. Mirrors `std::future::Future`.
 *
 * The contract, for those who write one by hand:
 *
 * 1. Do nothing before the first poll. There is no `then`: a future is never
 *    awaited by accident.
 * 2. Before returning `Pending`, store the waker of this very poll and arrange
 *    for it to be called. A changed waker replaces the stored one.
 * 3. After completion, failure or drop, `poll` throws
 *    `PolledAfterCompletionError`.
 * 4. A future has one owner. Whoever takes futures from a caller takes them
 *    with {@linkcode adopt}; `pin` lends one out.
 * 5. An owner drops the children that are still alive when it ends, once.
 * 6. Say what a drop keeps, loses or leaves half done.
 * 7. Say in `inspect` what it waits for, for whoever looks at a task that hangs.
 *
 * @typeParam T The value it completes with; failure is thrown by `poll`.
 *
 * @example A countdown, by hand
 * ```ts
 * import { type Context, Future, Pending, type Poll, PolledAfterCompletionError } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * class Countdown extends Future<string> {
 *   #left: number;
 *   constructor(from: number) {
 *     super();
 *     this.#left = from;
 *   }
 *   override poll(cx: Context): Poll<string> {
 *     if (this.#left < 0) throw new PolledAfterCompletionError("Countdown");
 *     if (this.#left-- === 0) return "liftoff";
 *     cx.waker.wake(); // there is more to do at once
 *     return Pending;
 *   }
 * }
 *
 * assertEquals(await run(new Countdown(3)), "liftoff");
 * ```
 */
export abstract class Future<T> implements Disposable {
  /**
   * Who holds this future: null when nobody does. An ordinary property, set in
   * a constructor, and no `#owner`: a private field of a base that many classes
   * extend costs each new future 25 ns, and this 1 ns, as V8 cannot inline the
   * one and can the other. A method with a `#name` has a like price: each new
   * object bears a mark for all such, of 8 bytes. So what is made for each wait
   * has methods that are `private`; that took a third off a `next()`.
   */
  declare private _owner: object | null;

  /** Makes a future that nobody holds. */
  constructor() {
    this._owner = null;
  }

  /**
   * Makes as much progress as is possible now.
   *
   * @param cx The waker to store before answering `Pending`, and the budget.
   * @returns The value, or `Pending`.
   * @throws Whatever the future fails with; {@linkcode PolledAfterCompletionError}
   * of this module after it has ended.
   */
  abstract poll(cx: Context): Poll<T>;

  /**
   * Drops the future: idempotent, synchronous, releases everything that it
   * holds and drops its children. This one holds nothing.
   *
   * A drop from inside the future's own poll cannot stop that poll: unless the
   * future ends with it, the poll throws a {@linkcode CancelledError}.
   */
  [Symbol.dispose](): void {}

  /**
   * Makes `yield* future` work inside `co`: it waits for the value and throws
   * the failure.
   */
  [Symbol.iterator](): Iterator<Future<unknown>, T, unknown> {
    return driver === null ? new Awaiting(this) : driver.awaiting(this);
  }

  /** Says what it waits for; this one says nothing. */
  inspect(): Inspection {
    return {};
  }
}

/** What runs the body that a `yield*` stands in: a `co`. */
export interface Driver {
  /** The iterator for a `yield*` of a future. */
  awaiting(future: Future<unknown>): Awaiting;
  /** Adopts a future and polls it, before the body is suspended for it. */
  start(future: Future<unknown>): Poll<unknown>;
}

let driver: Driver | null = null;

/**
 * Says whose body runs from now on; returns whose it was. A future that is ready
 * is then done with before `yield*` has suspended the body, which takes a third
 * of the time.
 */
export function drive(next: Driver | null): Driver | null {
  const outer = driver;
  driver = next;
  return outer;
}

type Yielded = IteratorResult<Future<unknown>, never>;

/**
 * Hands a future to the `co` that runs, and its value back to the body. For a
 * `co` it is its own result, too, and serves every `yield*` of the body in turn:
 * one ends before the next begins, and its result is read at once. So a
 * `yield*` allocates nothing; which saves a quarter of what it costs.
 */
export class Awaiting implements Iterator<Future<unknown>, never, unknown> {
  #at: "new" | "asked" | "free" = "new";
  /** The result: what is waited for, and then what it gave. */
  value: unknown;
  done = false;

  constructor(future: Future<unknown>) {
    this.value = future;
  }

  /** Whether it has handed a value back, and can serve another future. */
  get isFree(): boolean {
    return this.#at === "free";
  }

  /** Serves another future. */
  renew(future: Future<unknown>): void {
    this.#at = "new";
    this.value = future;
  }

  next(value?: unknown): Yielded {
    if (this.#at !== "new") return this.#give(true, value);
    const future = this.value as Future<unknown>;
    const ready = driver === null ? Pending : driver.start(future);
    if (ready !== pending) return this.#give(true, ready);
    this.#at = "asked";
    return this.#give(false, future);
  }

  // Without these two, `yield*` would turn a failure into "has no throw method".
  throw(error: unknown): never {
    this.#at = "free";
    throw error;
  }

  return(value?: unknown): Yielded {
    return this.#give(true, value);
  }

  #give(done: boolean, value: unknown): Yielded {
    if (done) this.#at = "free";
    if (driver === null) return { done, value } as Yielded;
    this.done = done;
    this.value = value;
    return this as Yielded;
  }
}

/**
 * Takes a future over: from now until {@linkcode release}, `owner` alone polls
 * and drops it. This is where a future with two owners is noticed, once, not
 * at each poll.
 *
 * @param owner The combinator, task or future that takes it.
 * @param future The future to take.
 * @throws {TypeError} If `future` is no `Future`, a promise for example.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example A combinator of one's own
 * ```ts
 * import { adopt, type Context, Future, FutureMovedError, join, Pending, type Poll, ready, release } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * class Doubled extends Future<number> {
 *   readonly #inner: Future<number>;
 *   constructor(inner: Future<number>) {
 *     super();
 *     adopt(this, inner);
 *     this.#inner = inner;
 *   }
 *   override poll(cx: Context): Poll<number> {
 *     const value = this.#inner.poll(cx);
 *     if (value === Pending) return Pending;
 *     release(this.#inner);
 *     return value * 2;
 *   }
 *   override [Symbol.dispose](): void {
 *     release(this.#inner);
 *     this.#inner[Symbol.dispose]();
 *   }
 * }
 *
 * const inner = ready(21);
 * const doubled = new Doubled(inner);
 * assertThrows(() => join([inner]), FutureMovedError);
 * assertEquals(await run(doubled), 42);
 * ```
 */
export function adopt(owner: object, future: Future<unknown>): void {
  if (ownerOf(future) !== null) refuse(future);
  future["_owner"] = owner;
}

/** The owner is nobody's business but this file's: brackets see past `private`. */
function ownerOf(future: Future<unknown>): object | null | undefined {
  return future?.["_owner"];
}

/** Says why a future cannot be adopted. */
function refuse(future: Future<unknown>): never {
  assertFuture(future);
  // What it calls itself is what its user knows it by.
  const { name = nameOf(future) } = future.inspect();
  throw new FutureMovedError(name, nameOf(ownerOf(future)));
}

/**
 * Gives a future up again, after it has ended or before it is dropped. Only
 * its owner calls this. Releasing what nobody holds does nothing.
 *
 * @param future The future that was adopted.
 *
 * @example Usage
 * ```ts
 * import { adopt, pending, release } from "@pollen/futures/future";
 *
 * const future = pending();
 * adopt({}, future);
 * release(future);
 * adopt({}, future); // free again
 * ```
 */
export function release(future: Future<unknown>): void {
  future["_owner"] = null;
}

/** Whether a living owner holds the future. */
export function isOwned(future: Future<unknown>): boolean {
  return ownerOf(future) !== null;
}

/** Throws a TypeError that helps, if `value` is no future. */
export function assertFuture(
  value: unknown,
): asserts value is Future<unknown> {
  if (value instanceof Future) return;
  throw new TypeError(
    `Cannot adopt ${nameOf(value)}: it is not a Future${hintFor(value)}`,
  );
}

/** What to add to an error's text, if what stands there can be made a future. */
function hintFor(value: unknown): string {
  const pollNext = (value as { pollNext?: unknown } | null)?.pollNext;
  if (typeof pollNext === "function") {
    return "; take its next(), or collect() it";
  }
  const tag = (value as { [Symbol.toStringTag]?: unknown } | null | undefined)
    ?.[Symbol.toStringTag];
  if (tag === "GeneratorFunction" || tag === "Generator") {
    return "; pass the generator function to co()";
  }
  return typeof value === "function"
    ? "; call it, or wrap an async function with fromPromise()"
    : promiseHint(value);
}

/** What to add to an error's text, if a promise stands where a future should. */
export function promiseHint(value: unknown): string {
  return typeof (value as PromiseLike<unknown> | null)?.then === "function"
    ? "; wrap a promise with fromPromise()"
    : "";
}

/** What a value is called in an error's text: its tag, class or type. */
export function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  const tag = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  if (typeof tag === "string") return tag;
  return value.constructor?.name || "an object";
}
