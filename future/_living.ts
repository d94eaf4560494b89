import { DropErrors, droppedInside } from "./_drop.ts";
import type { Context } from "./context.ts";
import { PolledAfterCompletionError, ReentrantPollError } from "./errors.ts";
import { Future, nameOf } from "./future.ts";
import { Pending, type Poll } from "./poll.ts";

/** A constant of this module: V8 knows what it is, and of an import it does not. */
const pending: typeof Pending = Pending;

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
export type Station = Alive | Ended;
type Alive = "idle" | "polling" | "doomed";
export type Ended = "completed" | "failed" | "was dropped";

/** What a poll at such a station throws. */
export function refuse(what: object, at: Station): never {
  switch (at) {
    case "completed":
    case "failed":
    case "was dropped":
      throw new PolledAfterCompletionError(nameOf(what), at);
    default:
      throw new ReentrantPollError(nameOf(what));
  }
}

/**
 * A future with this life. `LivingStream` of `./stream` is its twin: V8 compiles
 * each for its own kind, and a method of both would be looked up by name.
 */
export abstract class LivingFuture<T> extends Future<T> {
  /** An ordinary property, for the reason that {@linkcode Future} gives. */
  declare protected _at: Station;

  constructor() {
    super();
    this._at = "idle";
  }

  /** The value: not called again once it was given. */
  protected abstract advance(cx: Context): Poll<T>;

  /** Drops what is still held: called once, however the future ends. */
  protected abstract free(errors: DropErrors): void;

  override poll(cx: Context): Poll<T> {
    if (this._at !== "idle") refuse(this, this._at);
    this._at = "polling";
    let value: Poll<T>;
    try {
      value = this.advance(cx);
    } catch (error) {
      return this.fail(error);
    }
    if (value !== pending) this.end("completed", null);
    else if (this._at === "polling") this._at = "idle";
    else this.doom();
    return value;
  }

  /** It was dropped from inside the poll that is over now. */
  protected doom(): void {
    this.end("was dropped", { error: droppedInside(this) });
  }

  protected fail(error: unknown): never {
    this.end("failed", { error });
    throw error;
  }

  /** Drops what is held; throws the failure, if any, and what that throws. */
  protected end(how: Ended, failure: { error: unknown } | null): void {
    this._at = how === "completed" ? "failed" : how;
    const errors = new DropErrors(failure);
    this.free(errors);
    errors.rethrow();
    this._at = how;
  }

  override [Symbol.dispose](): void {
    if (this._at === "polling") this._at = "doomed";
    else if (this._at === "idle") this.end("was dropped", null);
  }
}
