import { droppedInside } from "../../future/_drop.ts";
import { Future, nameOf } from "../../future/future.ts";
import type { Context } from "../../future/context.ts";
import { PolledAfterCompletionError } from "../../future/errors.ts";
import { Pending, type Poll } from "../../future/poll.ts";
import type { Sides } from "./_sides.ts";

/** A constant of this module: V8 knows what it is, and of an import it does not. */
const pending: typeof Pending = Pending;

/**
 * A future that reads, writes, or both:
 *
 *        first poll: claims                  value, failure
 *   new --------------------> under way --------------------> ended
 *                                |  drop: onDropped()           ^
 *                                +------------------------------+
 *
 * From its first poll to its end it has the turn at the side that it uses, so
 * that a second one hears of it instead of taking the first one's waker.
 */
export abstract class IoFuture<T> extends Future<T> {
  /** The sides of what it reads from. */
  protected readonly reading: Sides | null;
  /** The sides of what it writes to. */
  protected readonly writing: Sides | null;
  // Nothing `#private`: in a base of many classes that is slow, see `Future`; a
  // method of the kind costs each new object a brand.
  declare private _at:
    | "new"
    | "under way"
    | "completed"
    | "failed"
    | "was dropped";

  constructor(reading: Sides | null, writing: Sides | null) {
    super();
    this._at = "new";
    this.reading = reading;
    this.writing = writing;
  }

  /** The poll itself, while it has the turn. */
  protected abstract advance(cx: Context): Poll<T>;

  /** What a drop does besides, if it was under way. */
  protected onDropped(): void {}

  override poll(cx: Context): Poll<T> {
    if (this._at !== "under way") this._begin();
    let value: Poll<T>;
    try {
      value = this.advance(cx);
    } catch (error) {
      this._end("failed");
      throw error;
    }
    if (value !== pending) this._end("completed");
    else if (this._at !== "under way") throw droppedInside(this);
    return value;
  }

  private _begin(): void {
    if (this._at !== "new") {
      throw new PolledAfterCompletionError(
        nameOf(this),
        this._at === "under way" ? undefined : this._at,
      );
    }
    this._at = "failed";
    this.reading?.reading.take(this);
    try {
      this.writing?.writing.take(this);
    } catch (error) {
      this.reading?.reading.release(this);
      throw error;
    }
    this._at = "under way";
  }

  private _end(how: "completed" | "failed" | "was dropped"): void {
    if (this._at === "under way") {
      this.reading?.reading.release(this);
      this.writing?.writing.release(this);
    }
    this._at = how;
  }

  override [Symbol.dispose](): void {
    if (this._at === "under way") this.onDropped();
    else if (this._at !== "new") return;
    this._end("was dropped");
  }
}
