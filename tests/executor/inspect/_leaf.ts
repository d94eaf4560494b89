import type { Executor, WaitInfo } from "../../../executor/mod.ts";
import {
  type Context,
  Future,
  type Inspection,
  Pending,
  type Poll,
  type Waker,
} from "../../../future/mod.ts";
import { Stream } from "../../../future/stream/mod.ts";

/** Waits, and says so. */
export class Leaf extends Future<never> {
  #waker: Waker | null = null;

  override poll(cx: Context): Poll<never> {
    this.#waker = cx.waker;
    return Pending;
  }

  override inspect(): Inspection {
    return { waits: this.#waker === null ? "not polled" : "here" };
  }
}

export const leaf: WaitInfo = { type: "Leaf", waits: "here" };
export const over = (type: string, more: Partial<WaitInfo> = {}): WaitInfo => ({
  type,
  children: [leaf],
  ...more,
});
/** A stream that waits. */
export class Quiet extends Stream<never> {
  waker: Waker | null = null;

  override pollNext(cx: Context): Poll<never> {
    this.waker = cx.waker;
    return Pending;
  }
}

export const idle = (): Stream<never> => new Quiet();
export const idleInfo: WaitInfo = { type: "Quiet" };

/** Waits for what the test knows of. */
const kept: Waker[] = [];
export function wait(cx: Context): Pending {
  kept.push(cx.waker);
  return Pending;
}

export const held = <T>(value: T): T => {
  return value;
};

/** Futures where they wait, and what they say of themselves then. */
export type Waiting = Record<
  string,
  [make: (executor: Executor) => Future<unknown>, says: WaitInfo]
>;
