import { DropErrors, droppedInside } from "../_drop.ts";
import type { Context } from "../context.ts";
import { PolledAfterCompletionError, ReentrantPollError } from "../errors.ts";
import { Future, nameOf } from "../future.ts";
import { Pending, type Poll } from "../poll.ts";
import { Done, Stream } from "./stream.ts";

/**
 * The life of a stream or future that holds others, apart from what it does:
 *
 *            poll                advance() ends or throws
 *   idle ------------> polling ----------------------------> free(), then
 *     ^                 |   |                                completed / failed
 *     +-----------------+   | drop, from inside
 *      item or Pending      v
 *                         doomed: as soon as advance() returns, free(), then
 *                                 was dropped; the poll throws
 *
 * As a drop from inside takes effect only after `advance`, that needs not ask at
 * each step whether what it holds is still there.
 */
type Station = Alive | Ended;
type Alive = "idle" | "polling" | "doomed";
type Ended = "completed" | "failed" | "was dropped";

function refuse(what: object, at: Station): never {
  switch (at) {
    case "completed":
    case "failed":
    case "was dropped":
      throw new PolledAfterCompletionError(nameOf(what), at);
    default:
      throw new ReentrantPollError(nameOf(what));
  }
}

/** A stream with this life: what every stream here extends. */
export abstract class LivingStream<T> extends Stream<T> {
  #at: Station = "idle";

  /** The next item: not called again after `Done`, a failure or a drop. */
  protected abstract advance(cx: Context): Poll<T | Done>;

  /** Drops what is still held: called once, however the stream ends. */
  protected abstract free(errors: DropErrors): void;

  override pollNext(cx: Context): Poll<T | Done> {
    if (this.#at !== "idle") refuse(this, this.#at);
    this.#at = "polling";
    let item: Poll<T | Done>;
    try {
      item = this.advance(cx);
    } catch (error) {
      return this.#fail(error);
    }
    if (item === Done) this.#end("completed", null);
    else this.#suspend();
    return item;
  }

  #suspend(): void {
    if (this.#at === "doomed") {
      this.#end("was dropped", { error: droppedInside(this) });
    }
    this.#at = "idle";
  }

  #fail(error: unknown): never {
    this.#end("failed", { error });
    throw error;
  }

  /** Drops what is held; throws the failure, if any, and what that throws. */
  #end(how: Ended, failure: { error: unknown } | null): void {
    this.#at = how === "completed" ? "failed" : how;
    const errors = new DropErrors(failure);
    this.free(errors);
    errors.rethrow();
    this.#at = how;
  }

  override [Symbol.dispose](): void {
    if (this.#at === "polling") this.#at = "doomed";
    else if (this.#at === "idle") this.#end("was dropped", null);
  }
}

/** A future with this life: what every future here extends. */
export abstract class LivingFuture<T> extends Future<T> {
  #at: Station = "idle";

  /** The value: not called again once it was given. */
  protected abstract advance(cx: Context): Poll<T>;

  /** Drops what is still held: called once, however the future ends. */
  protected abstract free(errors: DropErrors): void;

  override poll(cx: Context): Poll<T> {
    if (this.#at !== "idle") refuse(this, this.#at);
    this.#at = "polling";
    let value: Poll<T>;
    try {
      value = this.advance(cx);
    } catch (error) {
      return this.#fail(error);
    }
    if (value === Pending) this.#suspend();
    else this.#end("completed", null);
    return value;
  }

  #suspend(): void {
    if (this.#at === "doomed") {
      this.#end("was dropped", { error: droppedInside(this) });
    }
    this.#at = "idle";
  }

  #fail(error: unknown): never {
    this.#end("failed", { error });
    throw error;
  }

  #end(how: Ended, failure: { error: unknown } | null): void {
    this.#at = how === "completed" ? "failed" : how;
    const errors = new DropErrors(failure);
    this.free(errors);
    errors.rethrow();
    this.#at = how;
  }

  override [Symbol.dispose](): void {
    if (this.#at === "polling") this.#at = "doomed";
    else if (this.#at === "idle") this.#end("was dropped", null);
  }
}
