import { checkNames, type Names } from "../_option_names.ts";
import { proceed } from "../budget.ts";
import type { Context } from "../context.ts";
import { Pending, type Poll } from "../poll.ts";
import type { Waker } from "../waker.ts";
import { checkLimit } from "./_checks.ts";
import { Ring } from "../_ring.ts";
import { Done } from "./stream.ts";

/** What becomes of an item for which there is no room. */
export type Overflow = "fail" | "dropOldest" | "dropNewest";

/** How much a source that cannot be slowed down keeps, and what it does then. */
export interface BufferOptions {
  /**
   * How many items wait at most: a whole number of at least 1, or `Infinity`.
   * The default is 1024.
   */
  capacity?: number;
  /**
   * What happens to an item that finds no room. `"fail"`, the default: the stream
   * gives what it has and then fails with a `RangeError`. `"dropOldest"`: the
   * one that has waited longest makes room. `"dropNewest"`: it is left out.
   */
  overflow?: Overflow;
}

const NAMES: Names<BufferOptions> = { capacity: true, overflow: true };

/** Items that others bring, whenever they like. */
export class Inbox<T> {
  readonly #caller: string;
  readonly #capacity: number;
  readonly #overflow: Overflow;
  readonly #items = new Ring<T>();
  #waker: Waker | null = null;
  /** How it goes on when the items are used up. */
  #rest: "open" | "ended" | { error: unknown } = "open";

  constructor(caller: string, options: BufferOptions) {
    checkNames(options, NAMES);
    this.#caller = caller;
    this.#capacity = options.capacity ?? 1024;
    this.#overflow = options.overflow ?? "fail";
    checkLimit(`buffer for ${caller}`, this.#capacity);
  }

  /** Takes an item; `false` if it was left out. */
  push(item: T): boolean {
    if (this.#rest !== "open") return false;
    if (this.#items.size >= this.#capacity) {
      switch (this.#overflow) {
        case "dropNewest":
          return false;
        case "dropOldest":
          this.#items.shift();
          break;
        default:
          this.close({ error: this.#full() });
          return false;
      }
    }
    this.#items.push(item);
    this.#wake();
    return true;
  }

  #full(): RangeError {
    return new RangeError(
      `Cannot go on with ${this.#caller}: ${this.#capacity} items wait to be read and there is no room for another`,
    );
  }

  /** Takes no more items, and ends or fails after those that it has. */
  close(how: "ended" | { error: unknown }): void {
    if (this.#rest !== "open") return;
    this.#rest = how;
    this.#wake();
  }

  #wake(): void {
    const waker = this.#waker;
    this.#waker = null;
    waker?.wake();
  }

  poll(cx: Context): Poll<T | Done> {
    if (this.#items.size > 0) {
      return proceed(cx) ? this.#items.shift() : Pending;
    }
    if (this.#rest === "ended") return Done;
    if (this.#rest !== "open") throw this.#rest.error;
    this.#waker = cx.waker;
    return Pending;
  }

  /** Forgets everything, and takes nothing more. */
  clear(): void {
    this.#rest = "ended";
    this.#waker = null;
    this.#items.clear();
  }
}
