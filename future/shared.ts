import { dropChild, DropErrors, droppedInside } from "./_drop.ts";
import type { Context } from "./context.ts";
import { PolledAfterCompletionError } from "./errors.ts";
import { adopt, Future, release } from "./future.ts";
import type { Inspection } from "./inspection.ts";
import { Pending, type Poll } from "./poll.ts";
import type { Waker } from "./waker.ts";

/** What each handle has of its own at the source. */
interface Seat {
  waker: Waker | null;
}

/** What the handles of a shared future have in common. */
class Source<T> implements Waker {
  #future: Future<T> | null;
  /** Whether the future is to be polled: it never was, or it was woken. */
  #woken = true;
  #outcome: { value: T } | { error: unknown } | null = null;
  readonly #seats = new Set<Seat>();

  constructor(future: Future<T>) {
    adopt(this, future);
    this.#future = future;
  }

  join(): Seat {
    const seat: Seat = { waker: null };
    this.#seats.add(seat);
    return seat;
  }

  /** The last to leave takes the future along. */
  leave(seat: Seat): void {
    this.#seats.delete(seat);
    const future = this.#future;
    if (this.#seats.size > 0 || future === null) return;
    this.#future = null;
    dropChild(future);
  }

  wake(): void {
    if (this.#woken || this.#future === null) return;
    this.#woken = true;
    this.#wakeAll();
  }

  willWake(other: Waker): boolean {
    return this === other;
  }

  /** What all handles wait for; null once it has ended. */
  get future(): Future<T> | null {
    return this.#future;
  }

  /** Polls the future, if it was woken; whoever polls lends it the budget. */
  poll(seat: Seat, cx: Context): Poll<T> {
    if (this.#outcome === null && this.#woken) this.#advance(cx);
    const outcome = this.#outcome;
    if (outcome === null) {
      if (seat.waker === null || !seat.waker.willWake(cx.waker)) {
        seat.waker = cx.waker;
      }
      // Woken while it was polled: those who wait then were not told yet.
      if (this.#woken) cx.waker.wake();
      return Pending;
    }
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }

  #advance(cx: Context): void {
    const future = this.#future!;
    this.#woken = false;
    try {
      const value = future.poll({ waker: this, budget: cx.budget });
      if (value === Pending) {
        if (this.#future === null) throw droppedInside(this);
        return;
      }
      this.#outcome = { value };
    } catch (error) {
      this.#outcome = { error };
    }
    this.#future = null;
    release(future);
    this.#wakeAll();
  }

  /** A waker that throws keeps no other from being woken. */
  #wakeAll(): void {
    const errors = new DropErrors();
    for (const seat of [...this.#seats]) {
      const waker = seat.waker;
      seat.waker = null;
      if (waker !== null) errors.collect(() => waker.wake());
    }
    errors.rethrow();
  }
}

/**
 * A handle of a future that several wait for. Mirrors
 * `futures::future::Shared`.
 *
 * Cancel safety: safe: dropping a handle leaves the others be; the last one to
 * be dropped drops the future.
 *
 * @typeParam T The value, which all handles get: the very same one.
 *
 * @example Usage
 * ```ts
 * import { join, lazy, shared } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * let calls = 0;
 * const first = shared(lazy(() => ++calls));
 * assertEquals(await run(join([first.clone(), first])), [1, 1]);
 * ```
 */
export class Shared<T> extends Future<T> {
  readonly #source: Source<T>;
  readonly #seat: Seat;
  #ended: "completed" | "failed" | "was dropped" | null = null;

  private constructor(source: Source<T>) {
    super();
    this.#source = source;
    this.#seat = source.join();
  }

  /**
   * Makes another handle, also of a future that has ended.
   *
   * @returns The handle, to be given to whoever else waits.
   * @throws {PolledAfterCompletionError} If this handle was dropped before the
   * future had ended.
   */
  clone(): Shared<T> {
    if (this.#ended === "was dropped") {
      throw new PolledAfterCompletionError("Shared", "was dropped");
    }
    return new Shared(this.#source);
  }

  /**
   * Polls the future, if it was woken, on behalf of all handles.
   *
   * @throws What the future fails with: each handle, the same error.
   * @throws {PolledAfterCompletionError} If this handle has completed or was
   * dropped.
   */
  override poll(cx: Context): Poll<T> {
    if (this.#ended !== null) {
      throw new PolledAfterCompletionError("Shared", this.#ended);
    }
    let value: Poll<T>;
    try {
      value = this.#source.poll(this.#seat, cx);
    } catch (error) {
      this.#end("failed");
      throw error;
    }
    if (value !== Pending) this.#end("completed");
    return value;
  }

  #end(how: "completed" | "failed" | "was dropped"): void {
    this.#ended = how;
    this.#source.leave(this.#seat);
  }

  /** Says what all handles wait for. */
  override inspect(): Inspection {
    const future = this.#source.future;
    return { children: future === null ? [] : [future] };
  }

  /** Gives this handle up; the last one drops the future. */
  override [Symbol.dispose](): void {
    if (this.#ended === null) this.#end("was dropped");
  }
}

// Only `shared` makes the first handle, whose constructor is private.
const Handle = Shared as unknown as new <T>(source: Source<T>) => Shared<T>;

/**
 * Makes a future that several can wait for: each through a handle of its own,
 * which `clone()` makes. All get the same value, or the same failure.
 *
 * Cancel safety: safe: dropping a handle leaves the others be; the last one to
 * be dropped drops the future.
 *
 * @param future The future; adopted.
 * @returns The first handle.
 * @throws {TypeError} If it is no future.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example Usage
 * ```ts
 * import { shared } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { sleep } from "@pollen/futures/time";
 *
 * const soon = shared(sleep(1));
 * await Promise.all([run(soon.clone()), run(soon)]);
 * ```
 */
export function shared<T>(future: Future<T>): Shared<T> {
  return new Handle(new Source(future));
}
