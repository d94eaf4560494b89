import type { Context } from "../context.ts";
import { PolledAfterCompletionError } from "../errors.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import { PermitDesk, type Permits } from "./_permits.ts";
import { Wait } from "./_wait.ts";
import { GuardReleased } from "./errors.ts";

/** What a mutex guards, and the one permit for it. */
interface Cell<T> {
  readonly permits: Permits;
  value: T;
}

/** For a lock that the holder takes note of itself. */
class Holding extends PermitDesk<void> {
  readonly waitName = "Lock";

  override take(): void {}

  override inspect(wait: Wait<void>): Inspection {
    return { name: "MutexHolder", waits: wait.standing("the lock") };
  }
}

/**
 * A place of one's own at a {@linkcode Mutex}, for futures that are written by
 * hand: it takes the lock and gives it back again and again, and allocates
 * nothing for that, where `lock()` makes a future and a guard each time. It
 * stands in the same line. Like `tokio_util::sync::PollSemaphore`.
 *
 * Cancel safety: loses its place: dropped in line it leaves the line, and a lock
 * that it has, or was granted, goes to the next.
 *
 * @typeParam T What is guarded.
 *
 * @example A future that counts under a lock
 * ```ts
 * import { type Context, Future, join, Pending, type Poll } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { Mutex, type MutexHolder } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * class Count extends Future<void> {
 *   readonly #holder: MutexHolder<number>;
 *   #left = 3;
 *   constructor(mutex: Mutex<number>) {
 *     super();
 *     this.#holder = mutex.holder();
 *   }
 *   override poll(cx: Context): Poll<void> {
 *     while (this.#left > 0) {
 *       if (this.#holder.pollLock(cx) === Pending) return Pending;
 *       this.#holder.value++;
 *       this.#holder.release();
 *       this.#left--;
 *     }
 *   }
 *   override [Symbol.dispose](): void {
 *     this.#holder[Symbol.dispose]();
 *   }
 * }
 *
 * const mutex = new Mutex(0);
 * await run(join([new Count(mutex), new Count(mutex)]));
 * assertEquals(mutex.tryLock()?.value, 6);
 * ```
 */
export class MutexHolder<T> implements Disposable {
  readonly #cell: Cell<T>;
  readonly #wait: Wait<void>;
  #at: "idle" | "waiting" | "held" | "was dropped" = "idle";

  private constructor(cell: Cell<T>) {
    this.#cell = cell;
    this.#wait = new Wait(new Holding(cell.permits), undefined);
  }

  /** Whether it has the lock. */
  get isHeld(): boolean {
    return this.#at === "held";
  }

  /**
   * Takes the lock, or gets in line for it. Ready as long as it has the lock.
   *
   * @param cx The waker to store before answering `Pending`, and the budget.
   * @returns Nothing, once it has the lock; `Pending` until then.
   * @throws {PolledAfterCompletionError} If it was dropped.
   */
  pollLock(cx: Context): Poll<void> {
    switch (this.#at) {
      case "held":
        return;
      case "idle":
        return this.#arrive(cx);
      case "waiting":
        if (this.#wait.pollGrant(cx) === Pending) return Pending;
        this.#at = "held";
        return;
      case "was dropped":
        throw new PolledAfterCompletionError("MutexHolder", this.#at);
      default:
        this.#at satisfies never;
    }
  }

  #arrive(cx: Context): Poll<void> {
    // Asked before: a lock must not be held while its holder waits for a turn.
    const budget = cx.budget;
    if (budget?.exhausted) {
      cx.waker.wake();
      return Pending;
    }
    if (this.#cell.permits.admit(this.#wait, cx.waker)) {
      budget?.spend();
      this.#at = "held";
      return;
    }
    this.#wait.enlist();
    this.#at = "waiting";
    return Pending;
  }

  /**
   * What is guarded. It can be set.
   *
   * @throws {GuardReleased} If it does not have the lock.
   */
  get value(): T {
    if (this.#at !== "held") refuse("read");
    return this.#cell.value;
  }

  set value(value: T) {
    if (this.#at !== "held") refuse("set the value of");
    this.#cell.value = value;
  }

  /**
   * Unlocks the mutex: the next in line has the lock. `pollLock` gets in line
   * again.
   *
   * @throws {GuardReleased} If it does not have the lock.
   */
  release(): void {
    if (this.#at !== "held") refuse("release");
    this.#at = "idle";
    this.#cell.permits.give(1);
  }

  /** Leaves the line, or gives the lock back. */
  [Symbol.dispose](): void {
    const at = this.#at;
    this.#at = "was dropped";
    if (at === "waiting") this.#wait[Symbol.dispose]();
    else if (at === "held") this.#cell.permits.give(1);
  }
}

function refuse(action: string): never {
  throw new GuardReleased(action, "MutexHolder");
}

// Only a mutex makes holders, whose constructor is private.
const Holder = MutexHolder as unknown as new <T>(
  cell: Cell<T>,
) => MutexHolder<T>;

/** Makes a holder for the cell of a mutex. */
export function holderOf<T>(cell: Cell<T>): MutexHolder<T> {
  return new Holder(cell);
}
