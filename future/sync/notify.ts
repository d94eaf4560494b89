import type { Future } from "../future.ts";
import type { Inspection } from "../inspection.ts";
import type { Waker } from "../waker.ts";
import { Wait } from "./_wait.ts";
import { Waiter, WaitList } from "./_wait_list.ts";

/** Those who wait for a notice, and the one that nobody was there for. */
class Board {
  readonly line = new WaitList<Notified>();
  isStored = false;
  /** How often all were notified. */
  rounds = 0;

  notifyOne(): void {
    const first = this.line.first;
    if (first === null) {
      this.isStored = true;
      return;
    }
    first.owner.grant();
    this.line.tell(first);
    this.line.wake();
  }

  notifyAll(): void {
    this.rounds++;
    for (
      let first = this.line.first;
      first !== null;
      first = this.line.first
    ) {
      first.owner.isForAll = true;
      first.owner.grant();
      this.line.tell(first);
    }
    this.line.wake();
  }
}

class Notified extends Wait<void> {
  readonly #board: Board;
  /** A notice to all since then is one to this future, too. */
  readonly #since: number;
  /** Whether it was granted a notice to all, which is nobody else's. */
  isForAll = false;

  constructor(board: Board) {
    super();
    this.#board = board;
    this.#since = board.rounds;
  }

  protected override arrive(waker: Waker): "granted" | Waiter<unknown> {
    const board = this.#board;
    if (board.rounds !== this.#since) return "granted";
    if (board.isStored) {
      board.isStored = false;
      return "granted";
    }
    const waiter = new Waiter<Notified>(this);
    board.line.push(waiter, waker);
    return waiter;
  }

  override inspect(): Inspection {
    return { name: "Notify.notified", waits: this.standing("a notice") };
  }

  protected override take(): void {}

  protected override passOn(): void {
    if (!this.isForAll) this.#board.notifyOne();
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
    return new Notified(this.#board);
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
