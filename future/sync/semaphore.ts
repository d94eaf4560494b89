import type { Future } from "../future.ts";
import { assertWhole } from "./_check.ts";
import type { Inspection } from "../inspection.ts";
import { Pending, type Poll } from "../poll.ts";
import type { Waker } from "../waker.ts";
import { PermitDesk, Permits } from "./_permits.ts";
import { Wait } from "./_wait.ts";
import { GuardReleased, SemaphoreClosed } from "./errors.ts";

/**
 * Permits of a {@linkcode Semaphore}, to be given back: by `using`, or by
 * `release()`. A permit that is merely forgotten stays taken. Mirrors
 * `tokio::sync::SemaphorePermit`.
 *
 * @example Usage
 * ```ts
 * import { Semaphore } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const semaphore = new Semaphore(3);
 * {
 *   using permit = semaphore.tryAcquire(2);
 *   assertEquals(permit?.count, 2);
 *   assertEquals(semaphore.availablePermits, 1);
 * }
 * assertEquals(semaphore.availablePermits, 3);
 * ```
 */
export class SemaphorePermit implements Disposable {
  #permits: Permits | null;
  /** How many permits of the semaphore this one stands for. */
  readonly count: number;

  private constructor(permits: Permits, count: number) {
    this.#permits = permits;
    this.count = count;
  }

  /**
   * Gives the permits back: they go to those who wait, in order.
   *
   * @throws {GuardReleased} If they were given back or forgotten.
   */
  release(): void {
    this.#end("release").give(this.count);
  }

  /**
   * Takes the permits out of the semaphore for good: it has so many less from
   * now on.
   *
   * @throws {GuardReleased} If they were given back or forgotten.
   */
  forget(): void {
    this.#end("forget").forget(this.count);
  }

  #end(action: string): Permits {
    const permits = this.#permits;
    if (permits === null) throw new GuardReleased(action, "SemaphorePermit");
    this.#permits = null;
    return permits;
  }

  /** Gives the permits back, unless that was done. */
  [Symbol.dispose](): void {
    if (this.#permits !== null) this.release();
  }
}

// Only a semaphore makes permits, whose constructor is private.
const Permit = SemaphorePermit as unknown as new (
  permits: Permits,
  count: number,
) => SemaphorePermit;

class PermitCounter extends PermitDesk<SemaphorePermit> {
  readonly waitName = "AcquirePermit";

  override arrive(
    wait: Wait<SemaphorePermit>,
    waker: Waker,
  ): Poll<SemaphorePermit> {
    if (this.permits.isClosed) this.refused();
    return this.permits.admit(wait, waker) ? this.take(wait) : Pending;
  }

  override take(wait: Wait<SemaphorePermit>): SemaphorePermit {
    return new Permit(this.permits, wait.count);
  }

  override refused(): never {
    throw new SemaphoreClosed();
  }

  override inspect(wait: Wait<SemaphorePermit>): Inspection {
    const { available, limit } = this.permits;
    const what = `${wait.count} of ${limit} permits (${available} free)`;
    return { name: "Semaphore.acquire", waits: wait.standing(what) };
  }
}

/**
 * A number of permits that are lent out, to limit how much goes on at once.
 * Mirrors `tokio::sync::Semaphore`.
 *
 * It is fair: who asks first is served first, and a large request at the head
 * of the line is not starved by small ones behind it, which wait even if there
 * are permits enough for them. A permit that was granted to a future which is
 * dropped before it takes it goes to the next in line.
 *
 * @example At most two at a time
 * ```ts
 * import { co, type Future, join } from "@pollen/futures/future";
 * import { run, yieldNow } from "@pollen/futures/executor";
 * import { Semaphore } from "@pollen/futures/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const semaphore = new Semaphore(2);
 * let busy = 0;
 * let most = 0;
 * const work = (): Future<void> =>
 *   co(function* () {
 *     using _permit = yield* semaphore.acquire();
 *     most = Math.max(most, ++busy);
 *     yield* yieldNow();
 *     busy--;
 *   });
 * await run(join([work(), work(), work(), work()]));
 * assertEquals(most, 2);
 * ```
 */
export class Semaphore {
  readonly #permits: Permits;
  readonly #desk: PermitCounter;

  /**
   * Makes a semaphore with all its permits.
   *
   * @param permits How many: a whole number of at least 0.
   * @throws {RangeError} If `permits` is anything else.
   */
  constructor(permits: number) {
    assertWhole("make a semaphore", "permits", permits, 0);
    this.#permits = new Permits(permits);
    this.#desk = new PermitCounter(this.#permits);
  }

  /** How many permits are there: neither lent out nor granted. */
  get availablePermits(): number {
    return this.#permits.available;
  }

  /** Whether the semaphore was closed. */
  get isClosed(): boolean {
    return this.#permits.isClosed;
  }

  /**
   * Waits for permits. It gets in line at its first poll.
   *
   * Cancel safety: loses its place: it leaves the line, and permits that were
   * granted to it already go to the next.
   *
   * @param count How many: a whole number of at least 1; 1 by default. It may
   * be more than there are: then it waits for {@linkcode Semaphore.addPermits}.
   * @returns A future of the permits; it fails with a
   * {@linkcode SemaphoreClosed} once the semaphore is closed.
   * @throws {RangeError} If `count` is anything else.
   */
  acquire(count = 1): Future<SemaphorePermit> {
    assertWhole("acquire permits", "count", count, 1);
    return new Wait(this.#desk, undefined, count);
  }

  /**
   * Takes permits if they are there and nobody waits.
   *
   * @param count How many: a whole number of at least 1; 1 by default.
   * @returns The permits; `null` if they cannot be had now.
   * @throws {SemaphoreClosed} If the semaphore is closed.
   * @throws {RangeError} If `count` is anything else.
   */
  tryAcquire(count = 1): SemaphorePermit | null {
    assertWhole("acquire permits", "count", count, 1);
    if (this.#permits.isClosed) throw new SemaphoreClosed();
    return this.#permits.tryTake(count)
      ? new Permit(this.#permits, count)
      : null;
  }

  /**
   * Adds permits, which go to those who wait, in order.
   *
   * @param count How many: a whole number of at least 0.
   * @throws {RangeError} If `count` is anything else, or if there would be more
   * than `Number.MAX_SAFE_INTEGER`.
   */
  addPermits(count: number): void {
    const most = Number.MAX_SAFE_INTEGER - this.#permits.limit;
    assertWhole("add permits", "count", count, 0, most);
    this.#permits.add(count);
  }

  /**
   * Closes the semaphore: all who wait fail, and so do all who come. Permits
   * that are lent out stay valid. To close it twice is to close it once.
   */
  close(): void {
    this.#permits.close();
  }
}
