import { droppedInside } from "../../future/_drop.ts";
import { nameOf } from "../../future/future.ts";
import {
  type Context,
  Future,
  Pending,
  type Poll,
  PolledAfterCompletionError,
} from "../../future/mod.ts";
import { type Sides, sidesOf } from "./_sides.ts";
import type { AsyncRead } from "./async_read.ts";
import type { AsyncWrite } from "./async_write.ts";

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
  #at: "new" | "under way" | "completed" | "failed" | "was dropped" = "new";

  constructor(source: AsyncRead | null, sink: AsyncWrite | null) {
    super();
    this.reading = source === null ? null : sidesOf(source);
    this.writing = sink === null ? null : sidesOf(sink);
  }

  /** The poll itself, while it has the turn. */
  protected abstract advance(cx: Context): Poll<T>;

  /** What a drop does besides, if it was under way. */
  protected onDropped(): void {}

  override poll(cx: Context): Poll<T> {
    if (this.#at !== "under way") this.#begin();
    let value: Poll<T>;
    try {
      value = this.advance(cx);
    } catch (error) {
      this.#end("failed");
      throw error;
    }
    if (value !== Pending) this.#end("completed");
    else if (this.#at !== "under way") throw droppedInside(this);
    return value;
  }

  #begin(): void {
    if (this.#at !== "new") {
      throw new PolledAfterCompletionError(
        nameOf(this),
        this.#at === "under way" ? undefined : this.#at,
      );
    }
    this.#at = "failed";
    this.reading?.reading.take(this);
    try {
      this.writing?.writing.take(this);
    } catch (error) {
      this.reading?.reading.release(this);
      throw error;
    }
    this.#at = "under way";
  }

  #end(how: "completed" | "failed" | "was dropped"): void {
    if (this.#at === "under way") {
      this.reading?.reading.release(this);
      this.writing?.writing.release(this);
    }
    this.#at = how;
  }

  override [Symbol.dispose](): void {
    if (this.#at === "under way") this.onDropped();
    else if (this.#at !== "new") return;
    this.#end("was dropped");
  }
}
