import { assertStrictEquals } from "@std/assert";
import {
  pollOnce,
  type WakeCounter,
  wakeCounter,
} from "../../../executor/sim/mod.ts";
import {
  type Context,
  type Future,
  noopWaker,
  Pending,
  type Waker,
} from "../../../future/mod.ts";

export const cx: Context = { waker: noopWaker };

/** A future that was polled once and waits, with the waker it was given. */
export interface Parked<T> {
  future: Future<T>;
  waker: WakeCounter;
}

/** Polls a future, which must not be ready. */
export function park<T>(future: Future<T>): Parked<T> {
  const waker = wakeCounter();
  assertStrictEquals(pollOnce(future, waker), Pending, "it has to wait");
  return { future, waker };
}

/** Polls a future, which must be ready. */
export function take<T>(future: Future<T>): T {
  const value = pollOnce(future);
  if (value === Pending) throw new Error("it should have been ready");
  return value;
}

/** Drops something. */
export function drop(what: Disposable): void {
  what[Symbol.dispose]();
}

/** A waker that runs a function: bad manners, which no lock may suffer from. */
export function rude(wake: () => void): Waker {
  const waker: Waker = { wake, willWake: (other) => other === waker };
  return waker;
}

/** How often each of them was woken. */
export function wakes(...parked: Parked<unknown>[]): number[] {
  return parked.map(({ waker }) => waker.count);
}
