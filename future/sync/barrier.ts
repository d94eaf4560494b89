import type { Future } from "../future.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import type { Waker } from "../waker.ts";
import { assertWhole } from "./_check.ts";
import { type Desk, Wait } from "./_wait.ts";
import { WaitList } from "./_wait_list.ts";

/** What a {@linkcode Barrier} tells each of those who have met. */
export interface BarrierResult {
  /** Whether this one came last: it is so for exactly one of them. */
  readonly isLeader: boolean;
}

const LEADER: BarrierResult = Object.freeze({ isLeader: true });
const FOLLOWER: BarrierResult = Object.freeze({ isLeader: false });

/** Those who have come to the meeting that is next. */
class Meeting implements Desk<BarrierResult, void> {
  readonly waitName = "Arrival";
  readonly #line = new WaitList<Wait<BarrierResult>>();
  readonly #size: number;
  #count = 0;

  constructor(size: number) {
    this.#size = size;
  }

  arrive(wait: Wait<BarrierResult>, waker: Waker): Poll<BarrierResult> {
    if (this.#count + 1 === this.#size) {
      this.#disperse();
      return LEADER;
    }
    this.#count++;
    this.#line.push(wait, waker);
    return Pending;
  }

  /** Lets all go, and begins anew. */
  #disperse(): void {
    this.#count = 0;
    const line = this.#line;
    for (let first = line.first; first !== null; first = line.first) {
      first.grant();
      line.tell(first);
    }
    line.wake();
  }

  take(): BarrierResult {
    return FOLLOWER;
  }

  refused(): never {
    throw new Error("Cannot refuse Arrival: nobody should have");
  }

  passOn(): void {} // they have met, whether it saw or not

  left(): void {
    this.#count--;
  }

  inspect(wait: Wait<BarrierResult>): Inspection {
    const others = `the others (${this.#count} of ${this.#size} are here)`;
    return { name: "Barrier.wait", waits: wait.standing(others) };
  }
}

/**
 * Where a number of tasks wait for each other. Once the last has come, all go
 * on, and the barrier can be used again. Mirrors `tokio::sync::Barrier`.
 *
 * @example Usage
 * ```ts
 * import { join } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { Barrier } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const barrier = new Barrier(3);
 * const results = await run(
 *   join([barrier.wait(), barrier.wait(), barrier.wait()]),
 * );
 * assertEquals(results.filter(({ isLeader }) => isLeader).length, 1);
 * ```
 */
export class Barrier {
  readonly #meeting: Meeting;

  /**
   * Makes a barrier.
   *
   * @param size How many must come: a whole number of at least 1.
   * @throws {RangeError} If `size` is anything else.
   */
  constructor(size: number) {
    assertWhole("make a barrier", "size", size, 1);
    this.#meeting = new Meeting(size);
  }

  /**
   * Waits for the others. It counts from its first poll on.
   *
   * Cancel safety: loses its place: it counts no longer, and another must come
   * in its stead; unless all had come already: then nothing is undone.
   *
   * @returns A future of whether this one came last.
   */
  wait(): Future<BarrierResult> {
    return new Wait(this.#meeting, undefined);
  }
}
