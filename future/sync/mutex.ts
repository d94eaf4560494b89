import type { Future } from "../future.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import type { Waker } from "../waker.ts";
import { PermitDesk, Permits } from "./_permits.ts";
import { Wait } from "./_wait.ts";
import { GuardReleased } from "./errors.ts";
import { holderOf, type MutexHolder } from "./mutex_holder.ts";

export { MutexHolder } from "./mutex_holder.ts";

/** What a mutex guards, and the one permit for it. */
class Cell<T> extends PermitDesk<MutexGuard<T>> {
  readonly waitName = "Lock";
  value: T;

  constructor(value: T) {
    super(new Permits(1));
    this.value = value;
  }

  override arrive(
    wait: Wait<MutexGuard<T>>,
    waker: Waker,
  ): Poll<MutexGuard<T>> {
    return this.permits.admit(wait, waker) ? new Guard(this) : Pending;
  }

  override take(): MutexGuard<T> {
    return new Guard(this);
  }

  override inspect(wait: Wait<MutexGuard<T>>): Inspection {
    return { name: "Mutex.lock", waits: wait.standing("the lock") };
  }
}

/**
 * The lock of a {@linkcode Mutex}, and the way to what it guards. Give it back
 * by `using`, or by `release()`; a guard that is merely forgotten keeps the
 * mutex locked. Mirrors `tokio::sync::MutexGuard`.
 *
 * @typeParam T What is guarded.
 *
 * @example Usage
 * ```ts
 * import { Mutex } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const mutex = new Mutex(["a"]);
 * {
 *   using guard = mutex.tryLock()!;
 *   guard.value.push("b");
 *   guard.value = [...guard.value, "c"];
 * }
 * assertEquals(mutex.tryLock()?.value, ["a", "b", "c"]);
 * ```
 */
export class MutexGuard<T> implements Disposable {
  #cell: Cell<T> | null;

  private constructor(cell: Cell<T>) {
    this.#cell = cell;
  }

  /**
   * What is guarded. It can be set.
   *
   * @throws {GuardReleased} If the guard was given back.
   */
  get value(): T {
    return held(this.#cell, "read").value;
  }

  set value(value: T) {
    held(this.#cell, "set the value of").value = value;
  }

  /**
   * Unlocks the mutex: the next in line has the lock.
   *
   * @throws {GuardReleased} If the guard was given back.
   */
  release(): void {
    const cell = held(this.#cell, "release");
    this.#cell = null;
    cell.permits.give(1);
  }

  /** Unlocks the mutex, unless that was done. */
  [Symbol.dispose](): void {
    if (this.#cell !== null) this.release();
  }
}

// Only a mutex makes guards, whose constructor is private.
const Guard = MutexGuard as unknown as new <T>(cell: Cell<T>) => MutexGuard<T>;

function held<T>(cell: Cell<T> | null, action: string): Cell<T> {
  if (cell === null) throw new GuardReleased(action, "MutexGuard");
  return cell;
}

/**
 * Something that one at a time may use, across polls: between two `yield*` all
 * other tasks run, and without a lock each could find the other's work half
 * done. Mirrors `tokio::sync::Mutex`; there is no poisoning: a task that fails
 * with the lock in hand gives it back, whatever state it leaves behind.
 *
 * It is fair: the lock goes to who has waited longest. A lock that was granted
 * to a future which is dropped before it takes it goes to the next in line.
 *
 * Do not stop polling a future that waits for a lock while you hold it: once
 * the lock is granted, all others wait for that future. Drop it instead.
 *
 * @typeParam T What is guarded.
 *
 * @example A balance that is read, waited over, and written
 * ```ts
 * import { co, type Future, join } from "@pollen/futures/future";
 * import { run, yieldNow } from "@pollen/futures/executor";
 * import { Mutex } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const balance = new Mutex(100);
 * const withdraw = (amount: number): Future<void> =>
 *   co(function* () {
 *     using guard = yield* balance.lock();
 *     const before = guard.value;
 *     yield* yieldNow();
 *     guard.value = before - amount;
 *   });
 * await run(join([withdraw(30), withdraw(20)]));
 * assertEquals(balance.tryLock()?.value, 50);
 * ```
 */
export class Mutex<T> {
  readonly #cell: Cell<T>;

  /**
   * Makes a mutex that is not locked.
   *
   * @param value What it guards.
   */
  constructor(value: T) {
    this.#cell = new Cell(value);
  }

  /** Whether somebody has the lock, or was granted it. */
  get isLocked(): boolean {
    return this.#cell.permits.used > 0;
  }

  /**
   * Waits for the lock. It gets in line at its first poll.
   *
   * Cancel safety: loses its place: it leaves the line, and a lock that was
   * granted to it already goes to the next.
   *
   * @returns A future of the guard.
   */
  lock(): Future<MutexGuard<T>> {
    return new Wait(this.#cell, undefined);
  }

  /**
   * Takes the lock if nobody has it.
   *
   * @returns The guard; `null` if the lock cannot be had now.
   */
  tryLock(): MutexGuard<T> | null {
    return this.#cell.permits.tryTake(1) ? new Guard(this.#cell) : null;
  }

  /** Makes a place of one's own at this mutex, for a future written by hand. */
  holder(): MutexHolder<T> {
    return holderOf(this.#cell);
  }
}
