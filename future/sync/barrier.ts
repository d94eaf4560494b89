import type { Future } from "../future.ts";
import type { Inspection } from "../inspection.ts";
import type { Waker } from "../waker.ts";
import { assertWhole } from "./_check.ts";
import { Wait } from "./_wait.ts";
import { Waiter, WaitList } from "./_wait_list.ts";

/** What a {@linkcode Barrier} tells each of those who have met. */
export interface BarrierResult {
  /** Whether this one came last: it is so for exactly one of them. */
  readonly isLeader: boolean;
}

const LEADER: BarrierResult = Object.freeze({ isLeader: true });
const FOLLOWER: BarrierResult = Object.freeze({ isLeader: false });

/** Those who have come to the meeting that is next. */
class Meeting {
  readonly line = new WaitList<Arrival>();
  readonly size: number;
  count = 0;

  constructor(size: number) {
    this.size = size;
  }

  /** Lets all go, and begins anew. */
  disperse(): void {
    this.count = 0;
    for (
      let first = this.line.first;
      first !== null;
      first = this.line.first
    ) {
      first.owner.grant();
      this.line.tell(first);
    }
    this.line.wake();
  }
}

class Arrival extends Wait<BarrierResult> {
  readonly #meeting: Meeting;
  #result = FOLLOWER;

  constructor(meeting: Meeting) {
    super();
    this.#meeting = meeting;
  }

  protected override arrive(waker: Waker): "granted" | Waiter<unknown> {
    const meeting = this.#meeting;
    if (meeting.count + 1 === meeting.size) {
      this.#result = LEADER;
      meeting.disperse();
      return "granted";
    }
    meeting.count++;
    const waiter = new Waiter<Arrival>(this);
    meeting.line.push(waiter, waker);
    return waiter;
  }

  override inspect(): Inspection {
    const { count, size } = this.#meeting;
    return {
      name: "Barrier.wait",
      waits: this.standing(`the others (${count} of ${size} are here)`),
    };
  }

  protected override take(): BarrierResult {
    return this.#result;
  }

  protected override passOn(): void {} // they have met, whether it saw or not

  protected override left(): void {
    this.#meeting.count--;
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
    return new Arrival(this.#meeting);
  }
}
