import {
  type Context,
  Future,
  Pending,
  type Poll,
} from "../../../future/mod.ts";

/** Takes so many polls, and wakes itself after each but the last. */
export class Steps extends Future<void> {
  #left: number;
  readonly #onPoll: () => void;

  constructor(polls: number, onPoll: () => void = () => {}) {
    super();
    this.#left = polls;
    this.#onPoll = onPoll;
  }

  override poll(cx: Context): Poll<void> {
    this.#onPoll();
    if (--this.#left === 0) return;
    cx.waker.wake();
    return Pending;
  }
}

export const factorial = (n: number): number =>
  n < 2 ? 1 : n * factorial(n - 1);
