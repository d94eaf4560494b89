import { checkNames, type Names } from "../future/_option_names.ts";
import { DropErrors, droppedInside } from "../future/_drop.ts";
import type { Context } from "../future/context.ts";
import { PolledAfterCompletionError } from "../future/errors.ts";
import { adopt, Future, release } from "../future/future.ts";
import type { Inspection } from "../future/inspection.ts";
import { Pending, type Poll } from "../future/poll.ts";
import type { Core } from "./_core.ts";
import { currentCore } from "./_current.ts";
import type { SpawnOptions } from "./executor.ts";
import type { JoinHandle } from "./join_handle.ts";
import { Scope, shelter } from "./scope.ts";

/**
 * What starts tasks: an `Executor`, a `Scope`, a `TaskTracker`.
 *
 * @example Usage
 * ```ts
 * import { Executor, run, type Spawner } from "@pollen/futures/executor";
 * import { ready } from "@pollen/futures/future";
 * import { assertEquals } from "@std/assert";
 *
 * const start = (spawner: Spawner) => spawner.spawn(ready("done"));
 * assertEquals(await run(start(new Executor())), "done");
 * ```
 */
export interface Spawner {
  /** Starts a task. */
  spawn<T>(future: Future<T>, options?: SpawnOptions): JoinHandle<T>;
}

/** Where a {@linkcode shield} lets its work go on. */
export interface ShieldOptions {
  /**
   * What the work goes on in: the executor that polled it first, by default.
   */
  into?: Spawner;
  /** What the task is called in which it goes on. */
  name?: string;
}

const NAMES: Names<ShieldOptions> = { into: true, name: true };

class Shield<T> extends Future<T> {
  #future: Future<T> | null;
  readonly #into: Spawner | undefined;
  readonly #name: string | undefined;
  /** The executor that polled it first: nothing had begun before. */
  #core: Core | null = null;
  #at: "idle" | "polling" | "doomed" = "idle";
  #ended: "completed" | "failed" | "was dropped" = "completed";

  constructor(future: Future<T>, options: ShieldOptions) {
    checkNames(options, NAMES);
    super();
    adopt(this, future);
    this.#future = future;
    this.#into = options.into;
    this.#name = options.name;
  }

  override poll(cx: Context): Poll<T> {
    const future = this.#future;
    if (future === null) {
      throw new PolledAfterCompletionError("shield", this.#ended);
    }
    this.#core ??= currentCore();
    this.#at = "polling";
    let value: Poll<T>;
    try {
      value = future.poll(cx);
    } catch (error) {
      this.#end(future, "failed");
      throw error;
    }
    if (value === Pending) {
      if (this.#isDoomed()) {
        this.#handOver(future);
        throw droppedInside(this);
      }
      this.#at = "idle";
    } else this.#end(future, "completed");
    return value;
  }

  #isDoomed(): boolean {
    return this.#at === "doomed";
  }

  #end(future: Future<T>, how: "completed" | "failed" | "was dropped"): void {
    release(future);
    this.#future = null;
    this.#ended = how;
  }

  override inspect(): Inspection {
    return {
      name: "shield",
      children: this.#future === null ? [] : [this.#future],
    };
  }

  override [Symbol.dispose](): void {
    const future = this.#future;
    if (future === null) return;
    if (this.#at === "idle") this.#handOver(future);
    else this.#at = "doomed"; // it may end with this poll
  }

  #handOver(future: Future<T>): void {
    this.#end(future, "was dropped");
    const core = this.#core;
    const into = this.#into;
    if (core === null) {
      future[Symbol.dispose](); // it has not begun
    } else if (into === undefined) {
      core.spawn(future, this.#name);
    } else if (into instanceof Scope) {
      if (!shelter(into, core, future, this.#name)) future[Symbol.dispose]();
    } else {
      this.#spawn(into, future);
    }
  }

  #spawn(into: Spawner, future: Future<T>): void {
    const options = this.#name === undefined ? {} : { name: this.#name };
    try {
      into.spawn(future, options).detach();
    } catch (error) {
      const errors = new DropErrors({ error });
      errors.collect(() => future[Symbol.dispose]());
      errors.rethrow();
    }
  }
}

/**
 * Work that goes on when whoever waits for it gives it up: a commit that must
 * not stop half way, a goodbye to a peer. Mirrors trio's shielded cancel scope,
 * as far as a drop allows that, which cannot wait: once begun, the work is handed
 * over when the shield is dropped, and goes on as a task of its own.
 *
 * What it is shielded from, and what not:
 *
 * - From the drop of its owner: a lost `select`, a `timeout`, an aborted task.
 *   By default it goes on as a task of the executor that nobody joins: its
 *   failure is reported. A scope does not wait for that.
 * - With a scope to go on `into`: also from the closing of that scope, by a
 *   failure, a limit or `cancel`; the scope ends only when the work has. Its
 *   failure is the scope's. From the drop of that scope it is not shielded, since
 *   a drop does not wait.
 * - With anything else to go on `into`, such as a `TaskTracker` that `shutdown`
 *   waits for, the work is spawned there. If that is refused, it is dropped.
 * - Not from the disposal of its executor, which drops all tasks.
 * - Not before its first poll: what has not begun is dropped.
 *
 * Cancel safety: safe, once it has begun: the work goes on as said above, and
 * nobody gets its value, which is not disposed of.
 *
 * @param future The work; adopted.
 * @param options Where it goes on, and its name there.
 * @returns A future of the same value.
 * @throws {TypeError} If `future` is no future, or an option is unknown.
 * @throws {FutureMovedError} If a living owner holds it.
 *
 * @example A commit that a timeout does not tear
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run, scope, shield } from "@pollen/futures/executor";
 * import { sleep } from "@pollen/futures/time";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const log: string[] = [];
 * const commit = co(function* () {
 *   log.push("begin");
 *   yield* sleep(20);
 *   log.push("end");
 * });
 * await assertRejects(() =>
 *   run(scope(function* (s) {
 *     yield* shield(commit, { into: s });
 *   }, { timeout: 1 }))
 * );
 * assertEquals(log, ["begin", "end"]);
 * ```
 */
export function shield<T>(
  future: Future<T>,
  options: ShieldOptions = {},
): Future<T> {
  return new Shield(future, options);
}
