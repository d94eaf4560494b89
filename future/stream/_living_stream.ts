import { DropErrors, droppedInside } from "../_drop.ts";
import { type Ended, refuse, type Station } from "../_living.ts";
import type { Context } from "../context.ts";
import type { Poll } from "../poll.ts";
import { Done, Stream } from "./stream.ts";

/** A stream with the life that `LivingFuture` has: what every stream here extends. */
export abstract class LivingStream<T> extends Stream<T> {
  /** An ordinary property, for the reason that `Future` gives. */
  declare protected _at: Station;

  constructor() {
    super();
    this._at = "idle";
  }

  /** The next item: not called again after `Done`, a failure or a drop. */
  protected abstract advance(cx: Context): Poll<T | Done>;

  /** Drops what is still held: called once, however the stream ends. */
  protected abstract free(errors: DropErrors): void;

  override pollNext(cx: Context): Poll<T | Done> {
    if (this._at !== "idle") refuse(this, this._at);
    this._at = "polling";
    let item: Poll<T | Done>;
    try {
      item = this.advance(cx);
    } catch (error) {
      return this.fail(error);
    }
    if (item === Done) this.end("completed", null);
    else if (this._at === "polling") this._at = "idle";
    else this.doom();
    return item;
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
