import type { Context } from "../future/context.ts";
import { Pending, type Poll } from "../future/poll.ts";
import type { Waker } from "../future/waker.ts";
import { outsideBegan, outsideEnded } from "../future/_outside.ts";
import { ledger } from "./_ledger.ts";
import type { Completion } from "./network.ts";

/**
 * The slot of one operation at a time: a read, a write, an accept.
 *
 *         begin                resolve, reject
 *   idle -------> inFlight --------------------> settled
 *    ^                                              |
 *    +----------------------------------------------+
 *                        poll
 *
 * The platform's operations complete; they cannot be recalled. So the slot
 * belongs to the socket, never to the future that polls it: when that future is
 * dropped, the operation goes on, and its outcome is there for the next one.
 */
export class Operation<T> {
  #state: "idle" | "inFlight" | "resolved" | "rejected" = "idle";
  #outcome: unknown = undefined;
  #waker: Waker | null = null;
  readonly #discard: (value: T) => void;

  /** Bound once, so that starting an operation allocates nothing. */
  readonly #completion: Completion<T> = {
    resolve: (value) => this.#settle("resolved", value),
    reject: (error) => this.#settle("rejected", error),
  };

  /** Whether what settles later is discarded. */
  #abandoned = false;

  /** @param discard What to do with a value that nobody will take. */
  constructor(discard: (value: T) => void = () => {}) {
    this.#discard = discard;
  }

  get isIdle(): boolean {
    return this.#state === "idle";
  }

  get isInFlight(): boolean {
    return this.#state === "inFlight";
  }

  /**
   * Marks the operation as started; what it returns takes the outcome. If the
   * start itself throws, reject with that: it is a failure like any other.
   */
  begin(): Completion<T> {
    this.#state = "inFlight";
    ledger.operations++;
    outsideBegan();
    return this.#completion;
  }

  #settle(how: "resolved" | "rejected", outcome: unknown): void {
    if (this.#state !== "inFlight") return; // a network that says it twice
    ledger.operations--;
    outsideEnded();
    if (this.#abandoned) {
      this.#state = "idle";
      if (how === "resolved") this.#discard(outcome as T);
      return;
    }
    this.#state = how;
    this.#outcome = outcome;
    const waker = this.#waker;
    this.#waker = null;
    waker?.wake();
  }

  /**
   * Takes the outcome, after which the slot is idle; or keeps the waker.
   *
   * @throws What the operation failed with.
   */
  poll(cx: Context): Poll<T> {
    const outcome = this.#outcome;
    switch (this.#state) {
      case "resolved":
        this.#reset();
        return outcome as T;
      case "rejected":
        this.#reset();
        throw outcome;
      default:
        this.keep(cx.waker);
        return Pending;
    }
  }

  /** Takes the outcome if it is a failure, in a box: an error may be anything. */
  takeFailure(): { error: unknown } | null {
    if (this.#state !== "rejected") return null;
    const error = this.#outcome;
    this.#reset();
    return { error };
  }

  #reset(): void {
    this.#state = "idle";
    this.#outcome = undefined;
    this.#waker = null;
  }

  /** Keeps the waker to call when the operation settles or is closed. */
  keep(waker: Waker): void {
    if (this.#waker === null || !this.#waker.willWake(waker)) {
      this.#waker = waker;
    }
  }

  /**
   * Whoever waited with this waker is gone: lets go of it, unless another waits
   * by now. The outcome stays for the next one.
   */
  forget(waker: Waker): void {
    if (this.#waker?.willWake(waker)) this.#waker = null;
  }

  /** Whoever waited for it is gone: discards the outcome, now or later. */
  abandon(): void {
    this.#abandoned = true;
    this.#waker = null;
    if (this.#state === "inFlight") return;
    if (this.#state === "resolved") this.#discard(this.#outcome as T);
    this.#reset();
  }

  /** The socket closes: discards the outcome, and frees whoever waits. */
  close(): void {
    const waker = this.#waker;
    this.abandon();
    waker?.wake();
  }
}
