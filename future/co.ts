import { assertFunction } from "./_functions.ts";
import { dropChild, DropErrors } from "./_drop.ts";
import type { Context } from "./context.ts";
import {
  CancelledError,
  PolledAfterCompletionError,
  ReentrantPollError,
} from "./errors.ts";
import {
  adopt,
  Awaiting,
  drive,
  type Driver,
  Future,
  isOwned,
  nameOf,
  release,
} from "./future.ts";
import type { Inspection } from "./inspection.ts";
import { Pending, type Poll } from "./poll.ts";

/** A constant of this module: V8 knows what it is, and of an import it does not. */
const pending: typeof Pending = Pending;

type Body<T> = Generator<Future<unknown>, T, unknown>;
type Step<T> = IteratorResult<Future<unknown>, T>;

/** How often a body that is being dropped may catch and wait once more. */
const PATIENCE = 100;

/**
 * Drives a generator as a future: the generator is the state machine that the
 * compiler made, each `yield*` one of its states.
 *
 *          poll             child pending
 *   new ---------> running ---------------> waiting
 *                   |  ^                      |  |
 *        body ends  |  +----------------------+  | drop: drop the child, then
 *                   v           poll             v run the finally blocks
 *                 ended <-------------------- unwinding
 *
 * The states are fields, not objects: a `co` passes through two of them for
 * each future it waits for, and would otherwise allocate each time.
 */
class Co<T> extends Future<T> implements Driver {
  #at:
    | "new"
    | "running"
    | "waiting"
    | "doomed" // dropped by its own body: unwound as soon as that suspends
    | "unwinding"
    | "completed"
    | "failed"
    | "was dropped" = "new";
  #make: (() => Body<T>) | null;
  #body: Body<T> | null = null;
  #child: Future<unknown> | null = null;
  /** The context of the poll that is going on. */
  #cx: Context | null = null;
  /** The iterator of its latest `yield*`. */
  #awaiting: Awaiting | null = null;

  constructor(make: () => Body<T>) {
    super();
    this.#make = make;
  }

  override poll(cx: Context): Poll<T> {
    switch (this.#at) {
      case "new":
      case "waiting":
        break;
      case "running":
      case "doomed":
      case "unwinding":
        throw new ReentrantPollError("co");
      default:
        throw new PolledAfterCompletionError("co", this.#at);
    }
    let value: Poll<T>;
    try {
      value = this.#run(cx);
    } catch (error) {
      this.#end("failed");
      throw error;
    }
    if (value === pending) this.#suspend();
    else this.#end("completed");
    return value;
  }

  #run(cx: Context): Poll<T> {
    const isNew = this.#at === "new";
    this.#at = "running";
    this.#cx = cx;
    if (isNew) {
      this.#body = started(this.#make!());
    }
    const body = this.#body!;
    let step = isNew ? this.#next(body) : this.#pollChild(body, this.#child!);
    for (;;) {
      if (step === pending) return Pending;
      if (step.done) return completed(step.value);
      // As a rule the body waits for what `start` has polled.
      const child = this.#child;
      if (child !== null && child === step.value) return Pending;
      step = this.#take(body, step.value);
    }
  }

  awaiting(future: Future<unknown>): Awaiting {
    const latest = this.#awaiting;
    if (latest === null || !latest.isFree) {
      return this.#awaiting = new Awaiting(future);
    }
    latest.renew(future);
    return latest;
  }

  /** Polls what the body is about to wait for, before that suspends it. */
  start(future: Future<unknown>): Poll<unknown> {
    this.#giveUp();
    adopt(this, future);
    this.#child = future;
    const self = drive(null); // what the child runs is not this body
    let value: unknown = Pending;
    try {
      value = future.poll(this.#cx!);
    } catch (error) {
      this.#giveUp();
      throw error;
    } finally {
      drive(self);
    }
    if (value !== pending) this.#giveUp();
    return value;
  }

  /** Adopts and polls what the body has yielded without `yield*`. */
  #take(body: Body<T>, child: Future<unknown>): Poll<Step<T>> {
    this.#giveUp();
    try {
      adopt(this, child);
    } catch (error) {
      return this.#throw(body, error);
    }
    this.#child = child;
    return this.#pollChild(body, child);
  }

  /** Polls the child, and resumes the body with how it ended. */
  #pollChild(body: Body<T>, child: Future<unknown>): Poll<Step<T>> {
    let value: unknown;
    try {
      value = child.poll(this.#cx!);
    } catch (error) {
      this.#giveUp();
      return this.#throw(body, error);
    }
    if (value === pending) return Pending;
    this.#giveUp();
    return this.#next(body, value);
  }

  #giveUp(): void {
    if (this.#child === null) return;
    release(this.#child);
    this.#child = null;
  }

  #next(body: Body<T>, value?: unknown): Step<T> {
    const outer = drive(this);
    try {
      return body.next(value);
    } finally {
      drive(outer);
    }
  }

  #throw(body: Body<T>, error: unknown): Step<T> {
    const outer = drive(this);
    try {
      return body.throw(error);
    } finally {
      drive(outer);
    }
  }

  #suspend(): void {
    const doomed = this.#at === "doomed";
    this.#at = "waiting";
    this.#cx = null;
    if (!doomed) return;
    this.#unwind();
    throw new CancelledError("Cannot go on with co: its own body dropped it");
  }

  override inspect(): Inspection {
    const body = this.#make?.name;
    const name = body ? `co ${body}` : "co";
    if (this.#at === "new") return { name, waits: "not started" };
    return { name, children: this.#child === null ? [] : [this.#child] };
  }

  #end(how: "completed" | "failed" | "was dropped"): void {
    this.#at = how;
    this.#cx = null;
    this.#giveUp(); // what the body has started by hand is its own
    this.#make = null;
    this.#body = null;
    this.#awaiting = null;
  }

  override [Symbol.dispose](): void {
    switch (this.#at) {
      case "new":
        return this.#end("was dropped");
      case "running":
        this.#at = "doomed";
        return;
      case "waiting":
        return this.#unwind();
    }
  }

  /** Drops the child, then runs the body's `finally` and `using`. */
  #unwind(): void {
    const body = this.#body!;
    const child = this.#child!;
    this.#child = null;
    this.#at = "unwinding";
    const errors = new DropErrors();
    errors.collect(() => dropChild(child));
    const outer = drive(null); // nobody starts what the body would wait for
    errors.collect(() => close(body));
    drive(outer);
    this.#end("was dropped");
    errors.rethrow();
  }
}

/** Checks what a body function returned: not an async generator, not a future. */
function started<T>(body: Body<T>): Body<T> {
  if (
    typeof body?.[Symbol.iterator] === "function" &&
    typeof body.next === "function"
  ) return body;
  throw new TypeError(
    `Cannot run co: its body must be a generator function, but it returned ${
      nameOf(body)
    }`,
  );
}

/** `Pending` is no value: it would be taken for an answer of the poll. */
function completed<T>(value: T): T {
  if ((value as Poll<T>) !== pending) return value;
  throw new TypeError(
    "Cannot complete co with Pending: wait for the future with yield*",
  );
}

/**
 * Returns from a body where it stands. A drop is synchronous, so a `finally`
 * that wants to wait cannot: the wait fails with a `CancelledError`, which
 * comes out of the drop unless the body catches it. Nothing is skipped unseen.
 */
function close<T>(body: Body<T>): void {
  let step = body.return(undefined as T);
  for (let waits = 0; !step.done; waits++) {
    if (waits === PATIENCE) {
      throw new CancelledError(
        `Cannot drop co: it caught its cancellation and waited again ${PATIENCE} times`,
      );
    }
    const child = step.value;
    if (child instanceof Future && !isOwned(child)) child[Symbol.dispose]();
    step = body.throw(
      new CancelledError(
        "Cannot wait in co: it is being dropped, and cleaning up must not wait",
      ),
    );
  }
}

/**
 * Sequential code as one future. `yield* future` waits for a future; a failure
 * is thrown at that place. Mirrors an `async` block.
 *
 * The body starts at the first poll. When the `co` is dropped, the future it
 * waits for is dropped first, then `finally` blocks and `using` declarations
 * run, synchronously. Waiting inside them fails with a `CancelledError`. Dropped
 * before its first poll, the body never runs: what was made outside of it for it
 * to clean up is left as it is.
 *
 * In code that runs often, let the generator function stand by itself and pass
 * what it needs: `co(() => answer(socket))`. For each `function*` expression that
 * is called, V8 makes a prototype and a hidden class: 1.5 µs, where a call of the
 * same generator function again takes 0.02.
 *
 * Cancel safety: as safe as what the body waits for; what it has done before
 * stays done. The body's `finally` is the place to undo it.
 *
 * @param body A generator function without parameters.
 * @returns A future of what the body returns.
 * @throws {TypeError} If it is given no generator function.
 *
 * @example Usage
 * ```ts
 * import { co, ready } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * const sum = co(function* () {
 *   const a = yield* ready(20);
 *   yield* sleep(1);
 *   return a + (yield* ready(1));
 * });
 * assertEquals(await run(sum), 21);
 * ```
 *
 * @example Cleaning up when dropped
 * ```ts
 * import { co, noopWaker, pending } from "@pollen/futures/future";
 * import { assertEquals } from "@std/assert";
 *
 * const log: string[] = [];
 * const task = co(function* () {
 *   try {
 *     yield* pending();
 *   } finally {
 *     log.push("cleaned up");
 *   }
 * });
 * task.poll({ waker: noopWaker });
 * task[Symbol.dispose]();
 * assertEquals(log, ["cleaned up"]);
 * ```
 */
export function co<T>(
  body: () => Generator<Future<unknown>, T, unknown>,
): Future<T> {
  assertFunction("co", body, "a generator function");
  return new Co(body);
}
