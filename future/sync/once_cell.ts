import { assertFunction } from "../_functions.ts";
import { dropChild, droppedInside } from "../_drop.ts";
import type { Context } from "../context.ts";
import { PolledAfterCompletionError, ReentrantPollError } from "../errors.ts";
import { adopt, Future, release } from "../future.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import type { Waker } from "../waker.ts";
import { PermitDesk, Permits } from "./_permits.ts";
import { Wait } from "./_wait.ts";

/** The value, once there is one, and the turn to make it. */
class Cell<T> {
  readonly turn = new Permits(1);
  readonly turns = new Turns(this.turn);
  #value: Poll<T> = Pending; // which can be no value

  get value(): Poll<T> {
    return this.#value;
  }

  /** Sets the value; all who wait for their turn are told. */
  set(value: T): void {
    this.#value = value;
    this.turn.close();
  }
}

/** Grants the turn, `true`, or says that there is a value: `false`. */
class Turns extends PermitDesk<boolean> {
  readonly waitName = "Turn";

  override arrive(wait: Wait<boolean>, waker: Waker): Poll<boolean> {
    if (this.permits.isClosed) return false;
    return this.permits.admit(wait, waker) ? true : Pending;
  }

  override take(): boolean {
    return true;
  }

  override refused(): boolean {
    return false;
  }

  override inspect(wait: Wait<boolean>): Inspection {
    return { name: "turn", waits: wait.standing("its turn to make the value") };
  }
}

type State<T> =
  | { at: "waiting"; turn: Wait<boolean>; init: () => Future<T> }
  | { at: "starting" } // in the caller's function
  | { at: "making"; child: Future<T> }
  | { at: "ended"; how: "completed" | "failed" | "was dropped" };

class GetOrInit<T> extends Future<T> {
  readonly #cell: Cell<T>;
  #state: State<T>;

  constructor(cell: Cell<T>, init: () => Future<T>) {
    super();
    this.#cell = cell;
    this.#state = {
      at: "waiting",
      turn: new Wait(cell.turns, undefined),
      init,
    };
  }

  override poll(cx: Context): Poll<T> {
    for (;;) {
      const state = this.#state;
      switch (state.at) {
        case "waiting": {
          const isTurn = state.turn.poll(cx);
          if (isTurn === Pending) return Pending;
          if (!isTurn) return this.#complete(this.#cell.value as T);
          this.#start(state.init);
          continue;
        }
        case "starting":
          throw new ReentrantPollError("GetOrInit");
        case "making": {
          const value = this.#make(state.child, cx);
          if (value === Pending) return Pending;
          this.#cell.set(value);
          return this.#complete(value);
        }
        case "ended":
          throw new PolledAfterCompletionError("GetOrInit", state.how);
        default:
          return state satisfies never;
      }
    }
  }

  #start(init: () => Future<T>): void {
    const starting: State<T> = { at: "starting" };
    this.#state = starting;
    let child: Future<T>;
    try {
      child = init();
      adopt(this, child);
    } catch (error) {
      this.#giveUp("failed");
      throw error;
    }
    if (this.#state !== starting) {
      dropChild(child);
      throw droppedInside(this);
    }
    this.#state = { at: "making", child };
  }

  #make(child: Future<T>, cx: Context): Poll<T> {
    let value: Poll<T>;
    try {
      value = child.poll(cx);
    } catch (error) {
      if (this.#state.at === "making") release(child);
      this.#giveUp("failed");
      throw error;
    }
    // Dropped from inside: the turn is another's by now, and so is the value.
    if (this.#state.at !== "making") throw droppedInside(this);
    if (value !== Pending) release(child);
    return value;
  }

  #complete(value: T): T {
    this.#state = { at: "ended", how: "completed" };
    return value;
  }

  /** Ends without a value: the turn is the next one's. */
  #giveUp(how: "failed" | "was dropped"): void {
    if (this.#state.at === "ended") return; // dropped from inside
    this.#state = { at: "ended", how };
    this.#cell.turn.give(1);
  }

  override inspect(): Inspection {
    const state = this.#state;
    return {
      name: "OnceCell.getOrInit",
      children: state.at === "waiting"
        ? [state.turn]
        : state.at === "making"
        ? [state.child]
        : [],
    };
  }

  override [Symbol.dispose](): void {
    const state = this.#state;
    switch (state.at) {
      case "ended":
        return;
      case "waiting":
        this.#state = { at: "ended", how: "was dropped" };
        state.turn[Symbol.dispose]();
        return;
      case "starting":
        this.#giveUp("was dropped");
        return;
      case "making":
        this.#state = { at: "ended", how: "was dropped" };
        try {
          dropChild(state.child);
        } finally {
          this.#cell.turn.give(1);
        }
    }
  }
}

/**
 * A value that is made once, by whoever needs it first, however many need it
 * at the same time. Mirrors `tokio::sync::OnceCell`.
 *
 * @typeParam T The value.
 *
 * @example Usage
 * ```ts
 * import { join, map } from "@pollen/futures/future";
 * import { run, yieldNow } from "@pollen/futures/executor";
 * import { OnceCell } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const cell = new OnceCell<string>();
 * let made = 0;
 * const connection = () =>
 *   cell.getOrInit(() => map(yieldNow(), () => `connection ${++made}`));
 * assertEquals(await run(join([connection(), connection()])), [
 *   "connection 1",
 *   "connection 1",
 * ]);
 * assertEquals(cell.get(), "connection 1");
 * ```
 */
export class OnceCell<T> {
  readonly #cell = new Cell<T>();

  /** Whether there is a value. */
  get isSet(): boolean {
    return this.#cell.value !== Pending;
  }

  /** The value; `undefined` until there is one. */
  get(): T | undefined {
    const value = this.#cell.value;
    return value === Pending ? undefined : value;
  }

  /**
   * Waits for the value, and makes it if nobody else does. One at a time makes
   * it; if that fails or is dropped, the next in line calls its own `init`. A
   * failure is that caller's alone.
   *
   * An `init` that waits for this same cell waits for ever.
   *
   * Cancel safety: as safe as the future that `init` returned, which is
   * dropped; the next in line makes the value. A future that only waits loses
   * its place.
   *
   * @param init Returns the future of the value; it is called at most once, at
   * this future's turn.
   * @returns A future of the value; it fails with what its own `init` fails
   * with.
   * @throws {TypeError} When it is polled, if `init` returns no future.
   */
  getOrInit(init: () => Future<T>): Future<T> {
    assertFunction("getOrInit", init);
    return new GetOrInit(this.#cell, init);
  }
}
