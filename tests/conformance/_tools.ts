import { assert, fail } from "@std/assert";
import { VirtualClock, wakeCounter } from "../../executor/sim/mod.ts";
import {
  type Context,
  Future,
  Pending,
  type Poll,
  type Waker,
} from "../../future/mod.ts";
import { NetError } from "../../net/mod.ts";

/** Whole numbers from 0 up to one below, the same ones for the same seed. */
export type Random = (below: number) => number;

export function randomFrom(seed: number): Random {
  const clock = new VirtualClock({ seed });
  return (below) => Math.floor(clock.random() * below);
}

/** How many turns of the host something may take to come about. */
const PATIENCE = 100_000;

/** Waits, in turns of the host, until something has come about. */
export async function eventually(
  what: string,
  turn: () => Promise<void>,
  holds: () => boolean,
): Promise<void> {
  for (let turns = 0; !holds(); turns++) {
    if (turns === PATIENCE) fail(`it never happened: ${what}`);
    await turn();
  }
}

/** Polls by hand, each time when the waker of the poll before was called. */
export async function finish<T>(
  future: Future<T>,
  turn: () => Promise<void>,
): Promise<T> {
  for (;;) {
    const waker = wakeCounter();
    const value = future.poll({ waker });
    if (value !== Pending) return value;
    await eventually("a wake", turn, () => waker.isWoken);
  }
}

/** Polls a future a number of times at most, then drops it: null. */
export class DropAfter<T> extends Future<T | null> {
  readonly #future: Future<T>;
  #left: number;

  constructor(future: Future<T>, polls: number) {
    super();
    this.#future = future;
    this.#left = polls;
  }

  override poll(cx: Context): Poll<T | null> {
    if (this.#left-- === 0) {
      this.#future[Symbol.dispose]();
      return null;
    }
    const value = this.#future.poll(cx);
    // The last one is dropped at once, with its waker in place.
    if (value === Pending && this.#left === 0) return this.poll(cx);
    return value;
  }

  override [Symbol.dispose](): void {
    this.#future[Symbol.dispose]();
  }
}

/** Polls once by hand; it must have to wait. */
export function mustWait(future: Future<unknown>, waker: Waker): void {
  assert(future.poll({ waker }) === Pending, "it should have had to wait");
}

/** What a future fails with: one of our errors, or the test fails. */
export async function failure(promise: Promise<unknown>): Promise<NetError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof NetError) return error;
    throw error;
  }
  fail("it should have failed");
}
