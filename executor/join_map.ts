import { spawnName } from "./_spawn_name.ts";
import type { Context } from "../future/context.ts";
import type { Future } from "../future/future.ts";
import type { Inspection } from "../future/inspection.ts";
import { Pending, type Poll } from "../future/poll.ts";
import { Done, Stream } from "../future/stream/stream.ts";
import { type Member, Members } from "./_members.ts";
import type { Task } from "./_task.ts";
import type { SpawnOptions } from "./executor.ts";
import type { JoinHandle } from "./join_handle.ts";

/**
 * Tasks by key, and the stream of their keys and outcomes in the order in which
 * they end. Mirrors `tokio_util::task::JoinMap`. It is a `JoinSet` otherwise;
 * since a failure comes with its key, it is given as an outcome, not thrown.
 *
 * Cancel safety: loses data: dropping the map aborts its tasks, whose futures
 * are dropped at that moment, and values that were not fetched are gone, and
 * not disposed of; failures that were not are reported as nobody's. Dropping a
 * `joinNext()` is safe: no outcome is lost.
 *
 * @typeParam K The keys, compared as those of a `Map`.
 * @typeParam T The values of the tasks.
 *
 * @example Usage
 * ```ts
 * import { co, map } from "@pollen/futures/future";
 * import { JoinMap, run } from "@pollen/futures/executor";
 * import { Done } from "@pollen/futures/stream";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals } from "@std/assert";
 *
 * await run(co(function* () {
 *   using tasks = new JoinMap<string, string>();
 *   tasks.spawn("tortoise", map(sleep(20_000), () => "at last"));
 *   tasks.spawn("hare", map(sleep(1), () => "first"));
 *   assertEquals(yield* tasks.joinNext(), [
 *     "hare",
 *     { status: "fulfilled", value: "first" },
 *   ]);
 *   tasks.abort("tortoise");
 *   const [key, outcome] = (yield* tasks.joinNext()) as [string, PromiseSettledResult<string>];
 *   assertEquals([key, outcome.status], ["tortoise", "rejected"]);
 *   assertEquals(yield* tasks.joinNext(), Done);
 * }));
 * ```
 */
export class JoinMap<K, T> extends Stream<[K, PromiseSettledResult<T>]> {
  readonly #members = new Members<T, K>("JoinMap");
  readonly #byKey = new Map<K, Member<T, K>>();

  /** How many tasks live, or have ended and were not fetched. */
  get size(): number {
    return this.#members.size;
  }

  /** The keys of these tasks, in the order in which they came to be used. */
  keys(): K[] {
    return [...this.#byKey.keys()];
  }

  /**
   * Whether there is a task under a key, living or not yet fetched.
   *
   * @param key The key.
   */
  has(key: K): boolean {
    return this.#byKey.has(key);
  }

  /**
   * Starts a task under a key, on the executor of the task that is being polled,
   * else on the default one. A task that is there under that key is aborted and
   * its outcome, if it had one, forgotten: a failure is reported as nobody's.
   *
   * @param key The key.
   * @param future The task's future; adopted.
   * @param options The task's name.
   * @returns A handle; detaching it leaves the task in the map.
   * @throws {TypeError} If `future` is no future, or an option is unknown.
   * @throws {FutureMovedError} If a living owner holds it.
   * @throws {PolledAfterCompletionError} If the map was dropped.
   */
  spawn(
    key: K,
    future: Future<T>,
    options?: SpawnOptions,
  ): JoinHandle<T> {
    const member = this.#members.spawn(future, key, spawnName(options));
    // First: what the drop of the old one spawns under this key comes later.
    const old = this.#byKey.get(key);
    this.#byKey.set(key, member);
    if (old !== undefined) this.#members.remove(old);
    return member.task;
  }

  /**
   * Waits for the next task to end: `next()` by the name that it has in tokio.
   *
   * Cancel safety: safe: an outcome that was not given out is the next one's.
   *
   * @returns A future of the key and the outcome, whose `reason` is a
   * `JoinError`; or of `Done` if the map is empty.
   */
  joinNext(): Future<[K, PromiseSettledResult<T>] | Done> {
    return this.next();
  }

  /**
   * Gives the key and the outcome of the task that ended first.
   *
   * @throws {PolledAfterCompletionError} If the map was dropped.
   */
  override pollNext(
    cx: Context,
  ): Poll<[K, PromiseSettledResult<T>] | Done> {
    const member = this.#members.pollEnded(cx);
    if (member === Pending || member === Done) return member;
    this.#byKey.delete(member.tag);
    return [member.tag, outcomeOf(member.task)];
  }

  /**
   * Aborts the task under a key; it is still to be fetched.
   *
   * @param key The key.
   * @returns Whether there is one, living or not yet fetched.
   */
  abort(key: K): boolean {
    const member = this.#byKey.get(key);
    member?.task.abort();
    return member !== undefined;
  }

  /**
   * Aborts all tasks: their futures are dropped now; that of a task which is
   * being polled, after its poll. They are still to be fetched.
   *
   * @throws What a drop throws, once all are dropped; a `SuppressedError` if
   * several do.
   * @throws {PolledAfterCompletionError} If the map was dropped.
   */
  abortAll(): void {
    this.#members.abortAll();
  }

  /** Says how many tasks it has. */
  override inspect(): Inspection {
    return { waits: `tasks: ${this.size}` };
  }

  /** Aborts all tasks and forgets them. */
  override [Symbol.dispose](): void {
    this.#byKey.clear();
    this.#members.drop();
  }
}

function outcomeOf<T>(task: Task<T>): PromiseSettledResult<T> {
  try {
    return { status: "fulfilled", value: task.valueOrThrow() };
  } catch (reason) {
    return { status: "rejected", reason };
  }
}
