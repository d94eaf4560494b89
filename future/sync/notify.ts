import type { Future } from "../future.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import type { Waker } from "../waker.ts";
import { type Desk, Wait } from "./_wait.ts";
import { WaitList } from "./_wait_list.ts";

/**
 * How many notices to all there had been when the future was made: one since
 * then is one to this future, too.
 */
type Notified = Wait<void, number>;
/** Instead, if it was granted a notice to all, which is nobody else's. */
const FOR_ALL = -1;

/** Those who wait for a notice, and the one that nobody was there for. */
class Board implements Desk<void, number> {
  readonly waitName = "Notified";
  readonly #line = new WaitList<Notified>();
  #isStored = false;
  /** How often all were notified. */
  rounds = 0;

  arrive(wait: Notified, waker: Waker): Poll<void> {
    if (this.rounds !== wait.value) return;
    if (this.#isStored) {
      this.#isStored = false;
      return;
    }
    this.#line.push(wait, waker);
    return Pending;
  }

  take(): void {}

  refused(): never {
    throw new Error("Cannot refuse Notified: nobody should have");
  }

  passOn(wait: Notified): void {
    if (wait.value !== FOR_ALL) this.notifyOne();
  }

  left(): void {}

  inspect(wait: Notified): Inspection {
    return { name: "Notify.notified", waits: wait.standing("a notice") };
  }

  notifyOne(): void {
    const first = this.#line.first;
    if (first === null) {
      this.#isStored = true;
      return;
    }
    first.grant();
    this.#line.tell(first);
    this.#line.wake();
  }

  notifyAll(): void {
    this.rounds++;
    const line = this.#line;
    for (let first = line.first; first !== null; first = line.first) {
      first.value = FOR_ALL;
      first.grant();
      line.tell(first);
    }
    line.wake();
  }
}

/**
 * Tells tasks that something has happened, without saying what: they look for
 * themselves. Mirrors `tokio::sync::Notify`.
 *
 * @example Usage
 * ```ts
 * import { co, join } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { Notify } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const arrived = new Notify();
 * const parcels: string[] = [];
 * const customer = co(function* () {
 *   while (parcels.length === 0) yield* arrived.notified();
 *   return parcels.shift();
 * });
 * // deno-lint-ignore require-yield
 * const postman = co(function* () {
 *   parcels.push("a book");
 *   arrived.notifyOne();
 * });
 * assertEquals((await run(join([customer, postman])))[0], "a book");
 * ```
 */
export class Notify {
  readonly #board = new Board();

  /**
   * Waits for a notice. It gets in line at its first poll; a notice to all
   * counts from the moment the future is made. So to miss nothing, make the
   * future, then look, then wait.
   *
   * Cancel safety: loses its place: it leaves the line, and a notice to one
   * that had reached it goes to the next.
   *
   * @returns A future of the notice.
   */
  notified(): Future<void> {
    return new Wait(this.#board, this.#board.rounds);
  }

  /**
   * Notifies who has waited longest. If nobody waits, the notice is stored for
   * the next to come; there is room for one.
   */
  notifyOne(): void {
    this.#board.notifyOne();
  }

  /** Notifies all who wait now. Nothing is stored for those to come. */
  notifyWaiters(): void {
    this.#board.notifyAll();
  }
}
