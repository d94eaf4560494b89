import { Unary } from "../future/_unary.ts";
import type { Context } from "../future/context.ts";
import type { Future } from "../future/future.ts";
import type { Poll } from "../future/poll.ts";
import { localsHolder } from "./_current.ts";
import { Locals } from "./_locals.ts";

/** Polls and drops a future with a value in place. */
class WithLocal<T> extends Unary<T, T> {
  readonly #key: object;
  readonly #value: unknown;
  /** The value in front of others: the same object as long as those are. */
  #locals: Locals | null = null;

  constructor(future: Future<T>, key: object, value: unknown) {
    super(future);
    this.#key = key;
    this.#value = value;
  }

  protected override onReady(value: T): T {
    return value;
  }

  override poll(cx: Context): Poll<T> {
    const holder = localsHolder();
    const outer = holder.locals;
    holder.locals = this.#before(outer);
    try {
      return super.poll(cx);
    } finally {
      holder.locals = outer;
    }
  }

  override [Symbol.dispose](): void {
    const holder = localsHolder();
    const outer = holder.locals;
    holder.locals = this.#before(outer);
    try {
      super[Symbol.dispose]();
    } finally {
      holder.locals = outer;
    }
  }

  #before(outer: Locals | null): Locals {
    if (this.#locals === null || this.#locals.outer !== outer) {
      this.#locals = new Locals(this.#key, this.#value, outer);
    }
    return this.#locals;
  }
}

/**
 * A value of a task and of the tasks it spawns, as {@linkcode taskLocal} of this
 * module makes it.
 *
 * @typeParam T The values.
 */
export class TaskLocal<T> {
  /** What it is called in errors, if anything. */
  readonly name: string | undefined;
  readonly #fallback: { value: T } | null;

  private constructor(
    name: string | undefined,
    fallback: { value: T } | null,
  ) {
    this.name = name;
    this.#fallback = fallback;
  }

  /** For `taskLocal` below alone, as in `Scope`. */
  private static of<T>(
    name: string | undefined,
    fallback: { value: T } | null,
  ): TaskLocal<T> {
    return new TaskLocal(name, fallback);
  }

  /**
   * The value that is in place: that of the innermost `with` around what runs
   * now, be it around the task or around the one that spawned it.
   *
   * @returns The value, or the default.
   * @throws {TypeError} If there is neither.
   */
  get(): T {
    for (let at = localsHolder().locals; at !== null; at = at.outer) {
      if (at.key === this) return at.value as T;
    }
    if (this.#fallback !== null) return this.#fallback.value;
    throw new TypeError(
      `Cannot get task-local${
        this.name === undefined ? "" : ` "${this.name}"`
      }: it has no value here`,
    );
  }

  /**
   * Runs a future with a value in place: in its polls, in its drop, and in the
   * tasks that it spawns.
   *
   * Cancel safety: as safe as `future`, which is dropped with it.
   *
   * @param value The value.
   * @param future The future; adopted.
   * @returns A future of the same value.
   * @throws {TypeError} If `future` is no future.
   * @throws {FutureMovedError} If a living owner holds it.
   */
  with<U>(value: T, future: Future<U>): Future<U> {
    return new WithLocal(future, this, value);
  }
}

/**
 * Makes a value that belongs to a task, as a request's id or a logger does: any
 * function that runs in the task gets at it. A task that is spawned sees the
 * values of its spawner as they were then. Mirrors `tokio::task_local!`, except
 * that a spawned task inherits; `AsyncLocalStorage` is what promises have.
 *
 * Nothing is paid for where none is used.
 *
 * @param name What it is called in errors.
 * @param fallback The default; without one, `get` throws where there is no value.
 * @returns The task-local.
 *
 * @example Usage
 * ```ts
 * import { co } from "@pollen/futures/future";
 * import { run, spawn, taskLocal } from "@pollen/futures/executor";
 * import { assertEquals } from "@std/assert";
 *
 * const requestId = taskLocal<number>("request id");
 * const log = (text: string) => `[${requestId.get()}] ${text}`;
 *
 * const handle = co(function* () {
 *   const line = yield* spawn(co(function* () {
 *     return log("in a task of its own");
 *   }));
 *   assertEquals(line, "[7] in a task of its own");
 * });
 * await run(requestId.with(7, handle));
 * ```
 */
export function taskLocal<T>(
  name?: string,
  ...fallback: [] | [T]
): TaskLocal<T> {
  return TaskLocal["of"](
    name,
    fallback.length === 0 ? null : { value: fallback[0] },
  );
}
