import {
  type Context,
  Future,
  Pending,
  type Poll,
  PolledAfterCompletionError,
  type Waker,
} from "../future/mod.ts";

/**
 * A future that a test drives: it completes or fails when told to, and counts
 * its polls and drops. It keeps the waker of its last poll, as the contract
 * demands, and breaks the test if it is polled after its end.
 */
export class Probe<T = string> extends Future<T> {
  polls = 0;
  drops = 0;
  waker: Waker | null = null;
  /** Is called at each poll, before anything else. */
  onPoll: ((cx: Context) => void) | null = null;
  /** Is called at the first drop. */
  onDrop: (() => void) | null = null;
  #outcome: { value: T } | { error: unknown } | null = null;
  #ended: "completed" | "failed" | "was dropped" | null = null;

  constructor(readonly name = "probe") {
    super();
  }

  /** A probe that completes at its first poll. */
  static ready<T>(value: T, name?: string): Probe<T> {
    const probe = new Probe<T>(name);
    probe.#outcome = { value };
    return probe;
  }

  /** A probe that fails at its first poll. */
  static failing(error: unknown, name?: string): Probe<never> {
    const probe = new Probe<never>(name);
    probe.#outcome = { error };
    return probe;
  }

  override poll(cx: Context): Poll<T> {
    if (this.#ended !== null) {
      throw new PolledAfterCompletionError(this.name, this.#ended);
    }
    this.polls++;
    this.onPoll?.(cx);
    const outcome = this.#outcome;
    if (outcome === null) {
      this.waker = cx.waker;
      return Pending;
    }
    this.waker = null;
    if ("error" in outcome) {
      this.#ended = "failed";
      throw outcome.error;
    }
    this.#ended = "completed";
    return outcome.value;
  }

  /** Completes at the next poll, and asks for it. */
  complete(value: T): void {
    this.#outcome = { value };
    this.waker?.wake();
  }

  /** Fails at the next poll, and asks for it. */
  fail(error: unknown): void {
    this.#outcome = { error };
    this.waker?.wake();
  }

  /** Asks for a poll without having anything to give. */
  wake(): void {
    this.waker?.wake();
  }

  /** Whether it can still be polled. */
  get isAlive(): boolean {
    return this.#ended === null;
  }

  override [Symbol.dispose](): void {
    this.drops++;
    if (this.#ended !== null) return;
    this.#ended = "was dropped";
    this.waker = null;
    this.onDrop?.();
  }
}
