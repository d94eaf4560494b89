import {
  type Context,
  Future,
  Pending,
  type Poll,
  type Waker,
} from "../../../future/mod.ts";
import { Done, type Stream } from "../../../future/stream/mod.ts";
import type { CancelOptions, NetSim } from "../../../net/sim/mod.ts";

/** A public future, with all that it needs to come to its end. */
export interface Scene {
  /** What makes it, if that stands in the table of claims of its module. */
  of: string | null;
  /** Which use of it. */
  title: string;
  make(sim: NetSim): Future<unknown>;
  options?: CancelOptions;
  /** Why nobody who waits for it can be forgotten, if that is so. */
  unforgettable?: "it never waits" | "it wakes itself" | "it lends";
}

/** The futures of one module. */
export interface Sweep {
  /** The names in its table of claims. */
  claims: string[];
  /** Those of them that cannot be simulated, and why. */
  left: Record<string, string>;
  scenes: Scene[];
}

/**
 * Passes polls on, and knows whether it was dropped. The value is nobody's, so
 * it is disposed of: a guard, a permit, a socket.
 */
export class Noticed extends Future<void> {
  readonly #inner: Future<unknown>;
  at: "under way" | "ended" | "was dropped" = "under way";
  #waker: Waker | null = null;

  constructor(inner: Future<unknown>) {
    super();
    this.#inner = inner;
  }

  override poll(cx: Context): Poll<void> {
    this.#waker = cx.waker;
    let value: unknown;
    try {
      value = this.#inner.poll(cx);
    } catch (error) {
      this.at = "ended";
      throw error;
    }
    if (value === Pending) return Pending;
    this.at = "ended";
    if (isDisposable(value)) value[Symbol.dispose]();
  }

  /** For a future that nobody else wakes. */
  nudge(): void {
    this.#waker?.wake();
  }

  override [Symbol.dispose](): void {
    if (this.at !== "under way") return;
    this.at = "was dropped";
    this.#waker = null;
    this.#inner[Symbol.dispose]();
  }
}

function isDisposable(value: unknown): value is Disposable {
  return typeof (value as Disposable | null | undefined)?.[Symbol.dispose] ===
    "function";
}

/** Takes all items of a stream: itself the waiter, with nothing in between. */
export class Drained extends Future<void> {
  readonly #stream: Stream<unknown>;

  constructor(stream: Stream<unknown>) {
    super();
    this.#stream = stream;
  }

  override poll(cx: Context): Poll<void> {
    for (;;) {
      const item = this.#stream.pollNext(cx);
      if (item === Pending) return Pending;
      if (item === Done) return;
    }
  }

  override [Symbol.dispose](): void {
    this.#stream[Symbol.dispose]();
  }
}

/**
 * A future over something that is dropped with it: until then, or until it is
 * polled again, an end of a connection keeps the waker of its latest poll.
 */
export class Owning extends Future<unknown> {
  readonly #inner: Future<unknown>;
  readonly #ends: Disposable[];

  constructor(inner: Future<unknown>, ...ends: Disposable[]) {
    super();
    this.#inner = inner;
    this.#ends = ends;
  }

  override poll(cx: Context): Poll<unknown> {
    const value = this.#inner.poll(cx);
    if (value !== Pending) this.#close();
    return value;
  }

  #close(): void {
    for (const end of this.#ends.splice(0)) end[Symbol.dispose]();
  }

  override [Symbol.dispose](): void {
    this.#inner[Symbol.dispose]();
    this.#close();
  }
}

/** Forgets to drop what it has polled: its waker is kept. */
export class Forgetful extends Future<unknown> {
  readonly #inner: Future<unknown>;
  #hasBegun = false;

  constructor(inner: Future<unknown>) {
    super();
    this.#inner = inner;
  }

  override poll(cx: Context): Poll<unknown> {
    this.#hasBegun = true;
    return this.#inner.poll(cx);
  }

  override [Symbol.dispose](): void {
    if (!this.#hasBegun) this.#inner[Symbol.dispose]();
  }
}
