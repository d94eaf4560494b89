import { DropErrors } from "../future/_drop.ts";
import type { Context } from "../future/context.ts";
import { PolledAfterCompletionError } from "../future/errors.ts";
import { Future } from "../future/future.ts";
import type { Inspection } from "../future/inspection.ts";
import { Pending, type Poll } from "../future/poll.ts";
import type { Waker } from "../future/waker.ts";
import { leave, type RingNode, WaitList } from "../future/sync/_wait_list.ts";

/**
 * A token in a tree of tokens.
 *
 * A token is linked to its source, a parent or a signal, only while somebody has
 * to be told: a future that waits, a linked child, a signal that was made of it.
 * Else it looks up to its source when it is asked. So a token that is no longer
 * used needs no closing: nothing holds it, and it is collected as garbage.
 */
export class TokenState {
  #source: TokenState | AbortSignal | null;
  #isLinked = false;
  #cancelled: { reason: unknown } | null = null;
  readonly #waiting = new WaitList<Cancelled>();
  readonly #children = new Set<TokenState>();
  #controller: AbortController | null = null;

  constructor(source: TokenState | AbortSignal | null) {
    this.#source = source;
  }

  /** How many have to be told: for tests of what is left behind. */
  get linkedChildren(): number {
    return this.#children.size;
  }

  /** The reason, once it or one further up is cancelled. */
  get cancelled(): { reason: unknown } | null {
    if (this.#cancelled !== null) return this.#cancelled;
    let found: { reason: unknown } | null = null;
    // Not recursive: trees may be deep.
    for (let source = this.#source; source !== null;) {
      if (source instanceof AbortSignal) {
        if (source.aborted) found = { reason: source.reason };
        break;
      }
      found = source.#cancelled;
      if (found !== null) break;
      source = source.#source;
    }
    // A linked one is told soon, by the signal, and has others to tell then.
    if (found !== null && !this.#isLinked) this.#settle(found);
    return found;
  }

  cancel(reason: unknown): void {
    if (this.cancelled === null) this.#cancelAll(reason);
  }

  /** The signal it is linked to was aborted. */
  handleEvent(): void {
    this.#cancelAll((this.#source as AbortSignal).reason);
  }

  /** Cancels it and those below, then tells all who wait. */
  #cancelAll(reason: unknown): void {
    const cancelled = { reason };
    const source = this.#source;
    const told: TokenState[] = [this];
    for (let i = 0; i < told.length; i++) {
      const token = told[i]!;
      const children = [...token.#children];
      token.#settle(cancelled);
      told.push(...children);
    }
    TokenState.#unlinkUnused(source);
    const errors = new DropErrors();
    for (const token of told) {
      errors.collect(() => token.#waiting.wakeAll());
      token.#controller?.abort(reason);
    }
    errors.rethrow();
  }

  #settle(cancelled: { reason: unknown }): void {
    this.#cancelled = cancelled;
    this.#unlink();
    this.#source = null;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      const cancelled = this.cancelled;
      if (cancelled !== null) this.#controller.abort(cancelled.reason);
      else TokenState.#link(this);
    }
    return this.#controller.signal;
  }

  wait(waiter: Cancelled, cx: Context): void {
    this.#waiting.push(waiter, cx.waker);
    TokenState.#link(this);
  }

  leave(waiter: Cancelled): void {
    leave(waiter);
    TokenState.#unlinkUnused(this);
  }

  /** Links a token to its source, and that one to its own. */
  static #link(token: TokenState): void {
    while (!token.#isLinked && token.#source !== null) {
      token.#isLinked = true;
      const source: TokenState | AbortSignal = token.#source;
      if (source instanceof AbortSignal) {
        source.addEventListener("abort", token);
        return;
      }
      source.#children.add(token);
      token = source;
    }
  }

  #unlink(): void {
    if (!this.#isLinked) return;
    this.#isLinked = false;
    const source = this.#source!;
    if (source instanceof AbortSignal) {
      source.removeEventListener("abort", this);
    } else {
      source.#children.delete(this);
    }
  }

  static #unlinkUnused(token: TokenState | AbortSignal | null): void {
    while (token instanceof TokenState && token.#isUnused) {
      const source: TokenState | AbortSignal | null = token.#source;
      token.#unlink();
      token = source;
    }
  }

  get #isUnused(): boolean {
    return this.#waiting.isEmpty && this.#children.size === 0 &&
      this.#controller === null;
  }
}

/** Waits for a token to be cancelled; its value is the reason. */
export class Cancelled extends Future<unknown> implements RingNode {
  readonly #token: TokenState;
  #at: "waiting" | "completed" | "was dropped" = "waiting";

  waker: Waker | null = null;
  before: RingNode = this;
  after: RingNode = this;

  constructor(token: TokenState) {
    super();
    this.#token = token;
  }

  override poll(cx: Context): Poll<unknown> {
    if (this.#at !== "waiting") {
      throw new PolledAfterCompletionError("cancelled", this.#at);
    }
    const cancelled = this.#token.cancelled;
    if (cancelled !== null) {
      this.#end("completed");
      return cancelled.reason;
    }
    this.#token.wait(this, cx);
    return Pending;
  }

  #end(how: "completed" | "was dropped"): void {
    this.#at = how;
    this.#token.leave(this);
  }

  override inspect(): Inspection {
    return { name: "cancelled", waits: "for the token" };
  }

  override [Symbol.dispose](): void {
    if (this.#at === "waiting") this.#end("was dropped");
  }
}
