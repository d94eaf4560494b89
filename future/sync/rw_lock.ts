import type { Future } from "../future.ts";
import type { Inspection } from "../inspection.ts";
import { PermitDesk, Permits } from "./_permits.ts";
import { Wait } from "./_wait.ts";
import { GuardReleased } from "./errors.ts";

/**
 * A reader takes one permit, a writer takes all: so the line is one, and as
 * fair as that of any permits. No program has as many readers as this.
 */
const ALL = 2 ** 30;

/** What a lock guards, and the permits for it. */
class Cell<T> {
  readonly permits = new Permits(ALL);
  readonly reading: Reading<T> = new Reading(this);
  readonly writing: Writing<T> = new Writing(this);
  value: T;

  constructor(value: T) {
    this.value = value;
  }
}

function held<T>(cell: Cell<T> | null, action: string, guard: string): Cell<T> {
  if (cell === null) throw new GuardReleased(action, guard);
  return cell;
}

/**
 * A share in an {@linkcode RwLock}, to read what it guards. Give it back by
 * `using`, or by `release()`. Mirrors `tokio::sync::RwLockReadGuard`.
 *
 * @typeParam T What is guarded.
 *
 * @example Usage
 * ```ts
 * import { RwLock } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const lock = new RwLock("shared");
 * using a = lock.tryRead()!;
 * using b = lock.tryRead()!;
 * assertEquals([a.value, b.value], ["shared", "shared"]);
 * ```
 */
export class RwLockReadGuard<T> implements Disposable {
  #cell: Cell<T> | null;

  private constructor(cell: Cell<T>) {
    this.#cell = cell;
  }

  /**
   * What is guarded: to be read, not changed, for others read it too.
   *
   * @throws {GuardReleased} If the guard was given back.
   */
  get value(): T {
    return held(this.#cell, "read", "RwLockReadGuard").value;
  }

  /**
   * Gives the share back.
   *
   * @throws {GuardReleased} If the guard was given back.
   */
  release(): void {
    const cell = held(this.#cell, "release", "RwLockReadGuard");
    this.#cell = null;
    cell.permits.give(1);
  }

  /** Gives the share back, unless that was done. */
  [Symbol.dispose](): void {
    if (this.#cell !== null) this.release();
  }
}

// Only a lock makes guards, whose constructor is private.
const ReadGuard = RwLockReadGuard as unknown as new <T>(
  cell: Cell<T>,
) => RwLockReadGuard<T>;

/**
 * The whole of an {@linkcode RwLock}, to change what it guards. Give it back by
 * `using`, or by `release()`. Mirrors `tokio::sync::RwLockWriteGuard`.
 *
 * @typeParam T What is guarded.
 *
 * @example Usage
 * ```ts
 * import { RwLock } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const lock = new RwLock(1);
 * {
 *   using guard = lock.tryWrite()!;
 *   guard.value++;
 *   assertEquals(lock.tryRead(), null);
 * }
 * assertEquals(lock.tryRead()?.value, 2);
 * ```
 */
export class RwLockWriteGuard<T> implements Disposable {
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
    return held(this.#cell, "read", "RwLockWriteGuard").value;
  }

  set value(value: T) {
    held(this.#cell, "set the value of", "RwLockWriteGuard").value = value;
  }

  /**
   * Keeps a share and gives the rest back: no other writer comes in between.
   *
   * @returns The share; this guard is given back.
   * @throws {GuardReleased} If the guard was given back.
   */
  downgrade(): RwLockReadGuard<T> {
    const cell = held(this.#cell, "downgrade", "RwLockWriteGuard");
    this.#cell = null;
    cell.permits.give(ALL - 1);
    return new ReadGuard(cell);
  }

  /**
   * Unlocks the lock.
   *
   * @throws {GuardReleased} If the guard was given back.
   */
  release(): void {
    const cell = held(this.#cell, "release", "RwLockWriteGuard");
    this.#cell = null;
    cell.permits.give(ALL);
  }

  /** Unlocks the lock, unless that was done. */
  [Symbol.dispose](): void {
    if (this.#cell !== null) this.release();
  }
}

// Only a lock makes guards, whose constructor is private.
const WriteGuard = RwLockWriteGuard as unknown as new <T>(
  cell: Cell<T>,
) => RwLockWriteGuard<T>;

class Reading<T> extends PermitDesk<RwLockReadGuard<T>> {
  readonly waitName = "Read";
  readonly #cell: Cell<T>;

  constructor(cell: Cell<T>) {
    super(cell.permits);
    this.#cell = cell;
  }

  override take(): RwLockReadGuard<T> {
    return new ReadGuard(this.#cell);
  }

  override inspect(wait: Wait<RwLockReadGuard<T>>): Inspection {
    return { name: "RwLock.read", waits: wait.standing("a share") };
  }
}

class Writing<T> extends PermitDesk<RwLockWriteGuard<T>> {
  readonly waitName = "Write";
  readonly #cell: Cell<T>;

  constructor(cell: Cell<T>) {
    super(cell.permits);
    this.#cell = cell;
  }

  override take(): RwLockWriteGuard<T> {
    return new WriteGuard(this.#cell);
  }

  override inspect(wait: Wait<RwLockWriteGuard<T>>): Inspection {
    return { name: "RwLock.write", waits: wait.standing("the lock") };
  }
}

/**
 * Something that many may read, or one may change. Mirrors
 * `tokio::sync::RwLock`; there is no poisoning.
 *
 * It is fair: readers and writers stand in one line. A writer is not starved
 * by readers, since those who come after it wait behind it. So do not wait for
 * a second share while you hold one: a writer in between waits for you, and
 * you for the writer. A lock that was granted to a future which is dropped
 * before it takes it goes to the next in line.
 *
 * @typeParam T What is guarded.
 *
 * @example Usage
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run } from "@pollen/futures/executor";
 * import { RwLock } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const settings = new RwLock({ verbose: false });
 * await run(co(function* () {
 *   using guard = yield* settings.write();
 *   guard.value = { verbose: true };
 * }));
 * await run(co(function* () {
 *   using guard = yield* settings.read();
 *   assertEquals(guard.value, { verbose: true });
 * }));
 * ```
 */
export class RwLock<T> {
  readonly #cell: Cell<T>;

  /**
   * Makes a lock that is free.
   *
   * @param value What it guards.
   */
  constructor(value: T) {
    this.#cell = new Cell(value);
  }

  /**
   * Waits until there is no writer, and none that came before. It gets in line
   * at its first poll.
   *
   * Cancel safety: loses its place: it leaves the line, and a share that was
   * granted to it already is given back.
   *
   * @returns A future of the guard.
   */
  read(): Future<RwLockReadGuard<T>> {
    return new Wait(this.#cell.reading, undefined);
  }

  /**
   * Waits until there is nobody else. It gets in line at its first poll.
   *
   * Cancel safety: loses its place: it leaves the line, and a lock that was
   * granted to it already goes to the next.
   *
   * @returns A future of the guard.
   */
  write(): Future<RwLockWriteGuard<T>> {
    return new Wait(this.#cell.writing, undefined, ALL);
  }

  /**
   * Takes a share if there is no writer and nobody waits.
   *
   * @returns The guard; `null` if it cannot be had now.
   */
  tryRead(): RwLockReadGuard<T> | null {
    return this.#cell.permits.tryTake(1) ? new ReadGuard(this.#cell) : null;
  }

  /**
   * Takes the lock if there is nobody else.
   *
   * @returns The guard; `null` if it cannot be had now.
   */
  tryWrite(): RwLockWriteGuard<T> | null {
    return this.#cell.permits.tryTake(ALL) ? new WriteGuard(this.#cell) : null;
  }
}
