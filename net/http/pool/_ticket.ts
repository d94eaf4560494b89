import type { Context } from "../../../future/context.ts";
import { Pending, type Poll } from "../../../future/poll.ts";
import type { Waker } from "../../../future/waker.ts";
import type { Connection } from "./_connection.ts";
import type { Place } from "./_place.ts";
import type { Pool } from "./_pool.ts";

/** What a place in the queue leads to: a connection, or the right to make one. */
export type Grant = Connection | "dial";

/**
 * A place in the queue for a connection.
 *
 *     waiting --grant--> granted --poll--> taken
 *        |                  |
 *        +------drop--------+--> the grant goes to the next in line
 */
export class Ticket {
  readonly place: Place;
  /** Which came first, over all places. */
  readonly number: number;
  readonly #pool: Pool;
  #state: "waiting" | "taken" | Grant = "waiting";
  #waker: Waker | null = null;

  constructor(pool: Pool, place: Place, number: number) {
    this.#pool = pool;
    this.place = place;
    this.number = number;
  }

  poll(cx: Context): Poll<Grant> {
    const state = this.#state;
    if (state === "waiting") {
      if (this.#waker === null || !this.#waker.willWake(cx.waker)) {
        this.#waker = cx.waker;
      }
      return Pending;
    }
    if (state === "taken") throw new Error("Cannot take a grant twice");
    this.#state = "taken";
    return state;
  }

  /** Its turn has come; it is out of the queue. The caller wakes it. */
  grant(what: Grant): Waker | null {
    this.#state = what;
    const waker = this.#waker;
    this.#waker = null;
    return waker;
  }

  drop(): void {
    const state = this.#state;
    this.#state = "taken";
    if (state === "waiting") this.#pool.leave(this);
    else if (state === "dial") this.#pool.undialled(this.place);
    else if (state !== "taken") this.#pool.putBack(state, state.time);
  }
}
