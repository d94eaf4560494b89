import { spawnName } from "./_spawn_name.ts";
import { Unary } from "../future/_unary.ts";
import type { Context } from "../future/context.ts";
import { PolledAfterCompletionError } from "../future/errors.ts";
import { Future } from "../future/future.ts";
import type { Inspection } from "../future/inspection.ts";
import { Pending, type Poll } from "../future/poll.ts";
import type { Waker } from "../future/waker.ts";
import { leave, type RingNode, WaitList } from "../future/sync/_wait_list.ts";
import { currentCore } from "./_current.ts";
import type { SpawnOptions } from "./executor.ts";
import type { JoinHandle } from "./join_handle.ts";

/** What a tracker, its futures and those who wait for them share. */
class Count {
  size = 0;
  isClosed = false;
  readonly waiting = new WaitList<Drained>();

  get isDrained(): boolean {
    return this.isClosed && this.size === 0;
  }

  leave(): void {
    this.size--;
    try {
      this.tell();
    } catch (error) {
      // Thrown by a waker: whose future has ended here cannot help it.
      currentCore().host.unhandled(error);
    }
  }

  tell(): void {
    if (this.isDrained) this.waiting.wakeAll();
  }
}

class Tracked<T> extends Unary<T, T> {
  #count: Count | null;

  constructor(future: Future<T>, count: Count) {
    super(future);
    this.#count = count;
    count.size++;
  }

  protected override onReady(value: T): T {
    this.#leave();
    return value;
  }

  protected override onFailed(error: unknown): T {
    this.#leave();
    throw error;
  }

  /** Once. */
  #leave(): void {
    const count = this.#count;
    this.#count = null;
    count?.leave();
  }

  override [Symbol.dispose](): void {
    try {
      super[Symbol.dispose]();
    } finally {
      this.#leave(); // only now: its cleanup is done
    }
  }
}

class Drained extends Future<void> implements RingNode {
  readonly #count: Count;
  #at: "waiting" | "completed" | "was dropped" = "waiting";

  waker: Waker | null = null;
  before: RingNode = this;
  after: RingNode = this;

  constructor(count: Count) {
    super();
    this.#count = count;
  }

  override poll(cx: Context): Poll<void> {
    if (this.#at !== "waiting") {
      throw new PolledAfterCompletionError("TaskTracker.wait", this.#at);
    }
    if (!this.#count.isDrained) {
      this.#count.waiting.push(this, cx.waker);
      return Pending;
    }
    leave(this);
    this.#at = "completed";
  }

  override inspect(): Inspection {
    const { size, isClosed } = this.#count;
    return {
      name: "TaskTracker.wait",
      waits: isClosed ? `for ${size}` : `for ${size} and for close()`,
    };
  }

  override [Symbol.dispose](): void {
    if (this.#at !== "waiting") return;
    leave(this);
    this.#at = "was dropped";
  }
}

/**
 * Counts futures and tasks, and waits for the last of them to end; it keeps
 * nothing of what they give. Mirrors `tokio_util::task::TaskTracker`.
 *
 * With a `CancellationToken` to tell the tasks to stop, it is what a graceful
 * shutdown is made of; `shutdown` puts the two together.
 *
 * @example Usage
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run, TaskTracker } from "@pollen/futures/executor";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * await run(co(function* () {
 *   const tracker = new TaskTracker();
 *   for (const ms of [1, 2, 3]) tracker.spawn(sleep(ms)).detach();
 *   tracker.close();
 *   yield* tracker.wait();
 *   assertEquals(tracker.size, 0);
 * }));
 * ```
 */
export class TaskTracker {
  readonly #count = new Count();

  /** How many tracked futures have not ended. */
  get size(): number {
    return this.#count.size;
  }

  /** Whether `wait` completes once nothing is tracked. */
  get isClosed(): boolean {
    return this.#count.isClosed;
  }

  /**
   * Says that nothing more is to come: without that, `wait` goes on waiting while
   * nothing is tracked. A closed tracker still tracks what it is given.
   *
   * @throws What a waker throws, once all were called.
   */
  close(): void {
    this.#count.isClosed = true;
    this.#count.tell();
  }

  /** Takes `close` back. */
  reopen(): void {
    this.#count.isClosed = false;
  }

  /**
   * Tracks a future from now on until it has ended or its drop is done.
   *
   * Cancel safety: as safe as `future`, which is dropped with it.
   *
   * @param future The future; adopted.
   * @returns A future of the same value.
   * @throws {TypeError} If `future` is no future.
   * @throws {FutureMovedError} If a living owner holds it.
   */
  track<T>(future: Future<T>): Future<T> {
    return new Tracked(future, this.#count);
  }

  /**
   * Starts a task that is tracked, on the executor of the task that is being
   * polled, else on the default one.
   *
   * @param future The task's future; adopted.
   * @param options The task's name.
   * @returns A handle to join, abort or detach it.
   * @throws {TypeError} If `future` is no future, or an option is unknown.
   * @throws {FutureMovedError} If a living owner holds it.
   */
  spawn<T>(future: Future<T>, options?: SpawnOptions): JoinHandle<T> {
    const name = spawnName(options); // before the future is adopted
    return currentCore().spawn(this.track(future), name);
  }

  /**
   * Waits until the tracker is closed and nothing is tracked.
   *
   * Cancel safety: safe.
   *
   * @returns A future of nothing.
   */
  wait(): Future<void> {
    return new Drained(this.#count);
  }
}
