import { now } from "../../executor/time/now.ts";

/**
 * The time as of the poll that is going on. Reading the clock costs more than
 * most of what a poll does, so it is read once, however many things of a request
 * happen in it.
 */
export class Moment {
  #time = 0;

  /** A poll begins. */
  tick(): number {
    return this.#time = now();
  }

  get time(): number {
    return this.#time;
  }
}
