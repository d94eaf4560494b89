import { checkNames, type Names } from "./_option_names.ts";
import { dropChild, DropErrors, droppedInside } from "./_drop.ts";
import type { Context } from "./context.ts";
import { PolledAfterCompletionError } from "./errors.ts";
import { adopt, Future, nameOf, release } from "./future.ts";
import type { Inspection } from "./inspection.ts";
import { Pending, type Poll } from "./poll.ts";

/** How {@linkcode retry} goes about it. */
export interface RetryOptions {
  /**
   * The milliseconds to wait before each further attempt; when they are used
   * up, the last failure stands. See {@linkcode backoff}.
   */
  schedule: Iterable<number>;
  /** Makes the wait: pass `sleep` of `./time`. */
  delay: (ms: number) => Future<unknown>;
  /** Whether a failure is worth another attempt; all are by default. */
  retryIf?: (error: unknown, attempt: number) => boolean;
}

const RETRY: Names<RetryOptions> = {
  schedule: true,
  delay: true,
  retryIf: true,
};

type State<T> =
  | { at: "ready" }
  | { at: "trying"; attempt: Future<T> }
  | { at: "waiting"; delay: Future<unknown> }
  | { at: "ended"; how: "completed" | "failed" | "was dropped" };

class Retry<T> extends Future<T> {
  readonly #make: (attempt: number) => Future<T>;
  readonly #options: RetryOptions;
  #delays: Iterator<number> | null = null;
  #attempts = 0;
  #state: State<T> = { at: "ready" };

  constructor(make: (attempt: number) => Future<T>, options: RetryOptions) {
    if (typeof make !== "function") {
      throw new TypeError(
        `Cannot retry ${nameOf(make)}: pass a function that makes the future`,
      );
    }
    if (typeof options?.schedule?.[Symbol.iterator] !== "function") {
      throw new TypeError(
        "Cannot retry: options.schedule must be iterable; backoff() makes one",
      );
    }
    if (typeof options.delay !== "function") {
      throw new TypeError(
        "Cannot retry: options.delay must be a function; pass sleep",
      );
    }
    checkNames(options, RETRY);
    if (
      options.retryIf !== undefined && typeof options.retryIf !== "function"
    ) {
      throw new TypeError(
        `Cannot retry: options.retryIf must be a function, got ${
          nameOf(options.retryIf)
        }`,
      );
    }
    super();
    this.#make = make;
    this.#options = options;
  }

  override poll(cx: Context): Poll<T> {
    if (this.#state.at === "ended") {
      throw new PolledAfterCompletionError("Retry", this.#state.how);
    }
    try {
      return this.#advance(cx);
    } catch (error) {
      this.#end("failed", { error });
      throw error;
    }
  }

  #advance(cx: Context): Poll<T> {
    for (;;) {
      const state = this.#state;
      switch (state.at) {
        case "ready": {
          const attempt = this.#make(++this.#attempts);
          adopt(this, attempt);
          this.#state = { at: "trying", attempt };
          continue;
        }
        case "trying": {
          let value: Poll<T>;
          try {
            value = state.attempt.poll(cx);
          } catch (error) {
            if (this.#state !== state) throw error;
            release(state.attempt);
            this.#state = { at: "ready" };
            this.#waitAfter(error);
            continue;
          }
          if (this.#state !== state) throw droppedInside(this);
          if (value === Pending) return Pending;
          release(state.attempt);
          this.#state = { at: "ready" };
          this.#end("completed");
          return value;
        }
        case "waiting":
          if (state.delay.poll(cx) === Pending) return Pending;
          release(state.delay);
          this.#state = { at: "ready" };
          continue;
        case "ended":
          throw new PolledAfterCompletionError("Retry", state.how);
        default:
          return state satisfies never;
      }
    }
  }

  /** Goes on to wait, or throws the failure if there is no further attempt. */
  #waitAfter(error: unknown): void {
    const { schedule, delay, retryIf } = this.#options;
    if (retryIf !== undefined && !retryIf(error, this.#attempts)) throw error;
    this.#delays ??= schedule[Symbol.iterator]();
    const next = this.#delays.next();
    if (next.done) {
      this.#delays = null;
      throw error;
    }
    const wait = delay(next.value);
    adopt(this, wait);
    this.#state = { at: "waiting", delay: wait };
  }

  #end(
    how: "completed" | "failed" | "was dropped",
    failure?: { error: unknown },
  ): void {
    const state = this.#state;
    this.#state = { at: "ended", how };
    const errors = new DropErrors(failure);
    if (state.at === "trying") errors.collect(() => dropChild(state.attempt));
    if (state.at === "waiting") errors.collect(() => dropChild(state.delay));
    errors.collect(() => this.#delays?.return?.());
    errors.rethrow();
  }

  override inspect(): Inspection {
    const state = this.#state;
    switch (state.at) {
      case "trying":
        return {
          waits: `attempt ${this.#attempts}`,
          children: [state.attempt],
        };
      case "waiting":
        return {
          waits: `after attempt ${this.#attempts}`,
          children: [state.delay],
        };
      default:
        return {};
    }
  }

  override [Symbol.dispose](): void {
    if (this.#state.at !== "ended") this.#end("was dropped");
  }
}

/**
 * Tries again when an attempt fails, after a wait. Nothing here knows a clock:
 * the waits come in through `delay`, the times through `schedule`.
 *
 * Cancel safety: as safe as the attempt that is under way, which is dropped
 * with it. Attempts that failed may have had effects.
 *
 * @param make Makes the future of each attempt, counted from 1.
 * @param options The schedule, the wait, and what is worth another attempt.
 * @returns A future of the first value; it fails with the failure of the last
 * attempt.
 * @throws {TypeError} If `make` is no function, or `schedule` or `delay` is missing.
 *
 * @example Usage
 * ```ts
 * import { backoff, lazy, retry } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * const flaky = retry(
 *   (attempt) =>
 *     lazy(() => {
 *       if (attempt < 3) throw new Error("busy");
 *       return attempt;
 *     }),
 *   { schedule: backoff({ first: 1, attempts: 5 }), delay: sleep },
 * );
 * assertEquals(await run(flaky), 3);
 * ```
 */
export function retry<T>(
  make: (attempt: number) => Future<T>,
  options: RetryOptions,
): Future<T> {
  return new Retry(make, options);
}

/** How {@linkcode backoff} grows. */
export interface BackoffOptions {
  /** The first wait, in milliseconds: 100 by default. */
  first?: number;
  /** By how much each is longer than the one before: 2 by default. */
  factor?: number;
  /** The longest wait, in milliseconds: 30,000 by default. */
  most?: number;
  /** How many attempts there are in all, the first included: 5 by default. */
  attempts?: number;
  /**
   * A number in [0, 1) at each call, such as `Math.random`: each wait is then
   * drawn from zero to its full length ("full jitter"), so that many who failed
   * together do not come back together. Without it, the waits are exact.
   */
  random?: () => number;
}

const BACKOFF: Names<BackoffOptions> = {
  first: true,
  factor: true,
  most: true,
  attempts: true,
  random: true,
};

/**
 * A schedule of growing waits for {@linkcode retry}. It can be iterated any
 * number of times.
 *
 * @param options How it grows.
 * @returns The waits in milliseconds: one fewer than there are attempts.
 * @throws {RangeError} If an option is out of range.
 *
 * @example Usage
 * ```ts
 * import { backoff } from "@pollen/futures/future";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...backoff({ first: 10, most: 25, attempts: 4 })], [10, 20, 25]);
 * ```
 */
export function backoff(options: BackoffOptions = {}): Iterable<number> {
  checkNames(options, BACKOFF);
  const { first = 100, factor = 2, most = 30_000, attempts = 5, random } =
    options;
  const checks = { first: first >= 0, factor: factor >= 1, most: most >= 0 };
  for (const [name, holds] of Object.entries(checks)) {
    if (!holds) {
      throw new RangeError(
        `Cannot make a schedule: ${name} is out of range, got ${
          options[name as keyof BackoffOptions]
        }`,
      );
    }
  }
  if (!(attempts >= 1) || (attempts !== Infinity && attempts % 1 !== 0)) {
    throw new RangeError(
      `Cannot make a schedule: attempts must be a whole number of at least 1, got ${attempts}`,
    );
  }
  return {
    *[Symbol.iterator]() {
      for (let i = 1, wait = first; i < attempts; i++, wait *= factor) {
        const capped = Math.min(wait, most);
        yield random === undefined ? capped : capped * random();
      }
    },
  };
}
