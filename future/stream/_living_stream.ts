import { DropErrors, droppedInside } from "../_drop.ts";
import { type Ended, refuse, type Station } from "../_living.ts";
import type { Context } from "../context.ts";
import type { Poll } from "../poll.ts";
import { Done, Stream } from "./stream.ts";

/** A stream with the life that `LivingFuture` has: what every stream here extends. */
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
