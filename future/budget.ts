import type { Context } from "./context.ts";

/**
 * How many ready answers a task may still take from its leaves before it must
 * let others run. The executor refills it before each poll of a task, and
 * whatever polls children inside that task shares it: a `join` of a thousand
 * busy sockets gets no more than one socket would. Mirrors `tokio::task::coop`.
 *
 * It also carries the counter by which `select` and `race` rotate, so that
 * fairness does not depend on randomness and a replayed run rotates alike.
 *
 * @example Usage
 * ```ts
 * import { Budget } from "@pollen/futures/future";
 * import { assert, assertFalse } from "@std/assert";
 *
 * const budget = new Budget(1);
 * assert(budget.spend());
 * assertFalse(budget.spend());
 * assert(budget.exhausted);
 * ```
 */
export class Budget {
  readonly #units: number = 1;
  #left = 1;
  #rotation = 0;

  /**
   * Makes a full budget.
   *
   * @param units Ready answers per poll of a task: a whole number of at least
   * 1, or `Infinity`.
   * @throws {RangeError} If `units` is anything else.
   */
  constructor(units: number) {
    if (!(units >= 1) || (units !== Infinity && !Number.isInteger(units))) {
      throw new RangeError(
        `Cannot make a budget: units must be a whole number of at least 1, got ${units}`,
      );
    }
    this.#units = units;
    this.#left = units;
  }

  /** Whether nothing is left: a combinator stops polling further children. */
  get exhausted(): boolean {
    return this.#left <= 0;
  }

  /** Takes one unit; `false` when there is none. */
  spend(): boolean {
    if (this.#left <= 0) return false;
    this.#left--;
    return true;
  }

  /** Fills the budget up again: the executor does this before each poll. */
  refill(): void {
    this.#left = this.#units;
  }

  /**
   * Where a rotation over several children starts, modulo their number: one on
   * from call to call, with a jump after every 16 calls.
   */
  rotate(): number {
    const at = this.#rotation;
    // Kept a small integer, which V8 stores in place.
    this.#rotation = (at + 1) & 0x3fffffff;
    return rotated(at);
  }
}

/**
 * The start of a rotation at a certain turn. Callers that share a counter can
 * fall into step with it: of two `select`s of two in a loop, each would start
 * with the same child for ever. Jumps that follow no pattern prevent that, and
 * as they are a hash of the turn (murmur3's), a replayed run makes the same.
 */
export function rotated(turn: number): number {
  let jump = turn >>> 4;
  jump = Math.imul(jump ^ (jump >>> 16), 0x85ebca6b);
  jump = Math.imul(jump ^ (jump >>> 13), 0xc2b2ae35);
  return turn + (jump >>> 8);
}

/**
 * Asks whether a leaf may hand out a ready answer: `true`, and one unit is
 * spent; or `false`, and the task has been woken, so that the leaf returns
 * `Pending` and others run first. Call it when the answer is at hand, not at
 * each poll: waiting costs nothing. Mirrors `tokio::task::coop::poll_proceed`.
 *
 * @example A leaf that is always ready, and still lets others run
 * ```ts
 * import { Budget, noopWaker, Pending, pollFn, proceed } from "@pollen/futures/future";
 * import { assertEquals } from "@std/assert";
 *
 * const leaf = () => pollFn((cx) => proceed(cx) ? "ready" : Pending);
 * const cx = { waker: noopWaker, budget: new Budget(1) };
 * assertEquals(leaf().poll(cx), "ready");
 * assertEquals(leaf().poll(cx), Pending);
 * ```
 */
export function proceed(cx: Context): boolean {
  const budget = cx.budget;
  if (budget === undefined || budget.spend()) return true;
  cx.waker.wake();
  return false;
}
