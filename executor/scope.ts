import { spawnName } from "./_spawn_name.ts";
import { checkNames, type Names } from "../future/_option_names.ts";
import { assertFunction } from "../future/_functions.ts";
import { co } from "../future/co.ts";
import { CancelledError } from "../future/errors.ts";
import { type Future, nameOf } from "../future/future.ts";
import type { Core } from "./_core.ts";
import { ScopeLimits } from "./_scope_limits.ts";
import { ScopeRun } from "./_scope_run.ts";
import type { CancellationToken } from "./cancellation_token.ts";
import type { SpawnOptions } from "./executor.ts";
import type { JoinHandle } from "./join_handle.ts";
import { checkMilliseconds } from "./time/_delay.ts";

/** What ends a {@linkcode scope} before its time. */
export interface ScopeOptions {
  /** Milliseconds from the first poll on; then it fails with a `TimeoutError`. */
  timeout?: number;
  /** A time as `now()` gives it; then it fails with a `TimeoutError`. */
  deadline?: number;
  /** Cancels it, with the token's reason. */
  token?: CancellationToken;
}

/**
 * What the body of a {@linkcode scope} is given: it spawns the children. The
 * children may have it, too, and spawn others into the same scope.
 *
 * @example Usage
 * ```ts
 * import { ready } from "@pollen/futures/future";
 * import { run, type Scope, scope } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const twice = (s: Scope) => [s.spawn(ready(1)), s.spawn(ready(2))] as const;
 * await run(scope(function* (s) {
 *   const [one, two] = twice(s);
 *   assertEquals((yield* one) + (yield* two), 3);
 * }));
 * ```
 */
export class Scope {
  readonly #run: ScopeRun<unknown>;

  private constructor(run: ScopeRun<unknown>) {
    this.#run = run;
  }

  /**
   * For `scope` below alone, which gets past `private` by brackets. A static block
   * that lets it in would keep the class in bundles of programs without a scope.
   */
  private static over(run: ScopeRun<unknown>): Scope {
    return new Scope(run);
  }

  /** For `shelter` below alone. */
  private static runOf(scope: Scope): ScopeRun<unknown> {
    return scope.#run;
  }

  /** How many children live. */
  get size(): number {
    return this.#run.size;
  }

  /** Whether it has failed or was cancelled, and takes no more children. */
  get isCancelled(): boolean {
    return this.#run.isClosing;
  }

  /**
   * Starts a child, on the executor of the task that is being polled.
   *
   * @param future The child's future; adopted.
   * @param options The child's name.
   * @returns A handle to join or abort the child. Detaching it leaves the child
   * in the scope.
   * @throws {TypeError} If `future` is no future.
   * @throws {FutureMovedError} If a living owner holds it.
   * @throws {CancelledError} If the scope is closing, has ended or was dropped.
   */
  spawn<T>(future: Future<T>, options?: SpawnOptions): JoinHandle<T> {
    return this.#run.spawn(future, spawnName(options));
  }

  /**
   * Makes the scope fail with a reason: the children are dropped now, the body
   * as soon as its task is polled. Of several failures and reasons the first
   * counts.
   *
   * @param reason What the scope throws; a `CancelledError` by default.
   */
  cancel(
    reason: unknown = new CancelledError(
      "Cannot go on with scope: it was cancelled",
    ),
  ): void {
    this.#run.close(reason);
  }

  /**
   * When the scope fails for want of time, as `now()` gives it: `Infinity` if it
   * has no limit of time or has ended; undefined as long as a `timeout` has not
   * begun to count, which it does when the body first waits, and when time is up.
   * Mirrors trio's `CancelScope.deadline`.
   */
  get deadline(): number | undefined {
    return this.#run.deadline;
  }

  /**
   * Gives the scope so much time from now on, instead of what was left of its
   * `timeout`: more, less, or a limit where there was none. The `deadline`, if it
   * has one, stays. On a scope that is closing or has ended it has no effect.
   *
   * @param delay Milliseconds; `Infinity` lifts the limit.
   * @throws {TypeError} If `delay` is no number.
   * @throws {RangeError} If `delay` is negative or NaN.
   *
   * @example As long as something comes in, it goes on
   * ```ts
   * import { Executor, scope } from "@pollen/futures/executor";
   * import { VirtualClock } from "@pollen/futures/testing";
   * import { now, sleep, TimeoutError } from "@pollen/futures/time";
   * import { assertEquals, assertRejects } from "@std/assert";
   *
   * const clock = new VirtualClock();
   * using executor = new Executor({ host: clock });
   * const received: number[] = [];
   * const reading = executor.run(scope(function* (s) {
   *   for (const wait of [20, 25, 5, 40]) {
   *     yield* sleep(wait); // for the next message
   *     received.push(now());
   *     s.timeout(30);
   *   }
   * }, { timeout: 30 }));
   * clock.advance(100);
   * await assertRejects(() => reading, TimeoutError, "within 30 ms");
   * assertEquals(received, [20, 45, 50]);
   * ```
   */
  timeout(delay: number): void {
    checkMilliseconds("delay", delay);
    this.#run.limit((limits) => limits.giveTime(delay));
  }

  /**
   * Gives the scope until a moment, instead of the `deadline` that it had: a later
   * one, a sooner one, or one where there was none. The `timeout`, if it has one,
   * stays. On a scope that is closing or has ended it has no effect.
   *
   * @param deadline A time as `now()` gives it; `Infinity` lifts the limit.
   * @throws {TypeError} If `deadline` is no number.
   * @throws {RangeError} If `deadline` is NaN.
   */
  timeoutAt(deadline: number): void {
    checkMilliseconds("deadline", deadline);
    this.#run.limit((limits) => limits.moveDeadline(deadline));
  }

  /**
   * Aborts the children that live now, which is no failure: the body goes on,
   * and may spawn others. So a body ends its background work.
   */
  abortAll(): void {
    this.#run.abortAll();
  }
}

/**
 * Runs a body and the tasks that it spawns, its children, none of which outlives
 * it: structured concurrency. Mirrors trio's nurseries, with their cancel scope,
 * and `futures-concurrency`'s `TaskGroup`.
 *
 * The body runs as a `co` does. When it has returned and all children have
 * ended, the scope has the body's value. It ends early in one of these ways:
 *
 * - **A failure**, of the body or of a child, even of one that somebody joins.
 *   The scope throws that very error. A child whose failure is not the scope's
 *   is spawned with `settle` or `recover` around it.
 * - **A limit**: `timeout`, `deadline`, `token`, or `cancel()`. The two of time
 *   can be moved while it runs, by the methods `timeout` and `timeoutAt`.
 *
 * The other children are dropped then, at that moment, from the newest on, and
 * after them the body: `finally` and `using` have run when the scope ends. What
 * they throw is added as a `SuppressedError`: its `suppressed` leads to the first
 * failure. A child that is being polled at that moment is dropped after that
 * poll, and work behind `shield` goes on to its end: the scope waits for both.
 *
 * A child that is aborted by its handle has not failed.
 *
 * Cancel safety: as safe as the body and the children, which are dropped with
 * it, the children first: nothing is shielded from that. A failure that was not
 * thrown yet is dropped, too.
 *
 * @param body A generator function; it is given the scope.
 * @param options Limits.
 * @returns A future of what the body returns.
 * @throws {TypeError} If an option is of the wrong kind, or unknown, or `body`
 * no function.
 * @throws {RangeError} If `timeout` is negative, or one of them NaN.
 *
 * @example Usage
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run, scope } from "@pollen/futures/executor";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const log: string[] = [];
 * const work = scope(function* (s) {
 *   s.spawn(co(function* () {
 *     try {
 *       yield* sleep(60_000);
 *     } finally {
 *       log.push("cleaned up");
 *     }
 *   }));
 *   yield* sleep(1);
 *   throw new RangeError("out of tea");
 * });
 * await assertRejects(() => run(work), RangeError, "out of tea");
 * assertEquals(log, ["cleaned up"]);
 * ```
 *
 * @example A limit for everything inside
 * ```ts
 * import { run, scope } from "@pollen/futures/executor";
 * import { pending } from "@pollen/futures/future";
 * import { TimeoutError } from "@pollen/futures/time";
 * import { assertRejects } from "@std/assert";
 *
 * const work = scope(function* (s) {
 *   s.spawn(pending());
 *   yield* pending();
 * }, { timeout: 5 });
 * await assertRejects(() => run(work), TimeoutError, "within 5 ms");
 * ```
 */
export function scope<T>(
  body: (scope: Scope) => Generator<Future<unknown>, T, unknown>,
  options: ScopeOptions = {},
): Future<T> {
  assertFunction("scope", body, "a generator function");
  const handed = () => body(Scope["over"](run as ScopeRun<unknown>));
  const run: ScopeRun<T> = new ScopeRun(co(handed), limitsOf(options));
  return run;
}

const NAMES: Names<ScopeOptions> = {
  timeout: true,
  deadline: true,
  token: true,
};

function limitsOf(options: ScopeOptions): ScopeLimits | null {
  checkNames(options, NAMES);
  const { timeout, deadline, token } = options;
  if (token !== undefined && typeof token?.cancelled !== "function") {
    throw new TypeError(
      `Cannot limit a scope: token must be a CancellationToken, got ${
        nameOf(token)
      }`,
    );
  }
  if (timeout === undefined && deadline === undefined && token === undefined) {
    return null;
  }
  const limits = new ScopeLimits(token?.cancelled() ?? null);
  if (timeout !== undefined) limits.giveTime(timeout);
  if (deadline !== undefined) limits.moveDeadline(deadline);
  return limits;
}

/**
 * Hands work over to a scope that goes on while the scope closes; `false` if the
 * scope does not run.
 */
export function shelter(
  scope: Scope,
  core: Core,
  future: Future<unknown>,
  name: string | undefined,
): boolean {
  return Scope["runOf"](scope).shelter(core, future, name);
}
