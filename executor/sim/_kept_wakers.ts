import type { Budget } from "../../future/budget.ts";
import type { Context } from "../../future/context.ts";
import type { Waker } from "../../future/waker.ts";

/**
 * The ledger of wakers: who still holds one when nobody waits any more.
 *
 * A waker that is kept keeps its task, and all that the task has held, for as
 * long as whoever keeps it lives: a lock, a channel, a socket. What holds an
 * object cannot be asked in JavaScript. The garbage collector knows, but its
 * answer needs a flag, and comes at a time that no seed determines. Counters
 * where wakers are stored would cost the hot paths something, and would see
 * Pollen's own primitives only, not those of who tests with it.
 *
 * So what counts here is use. Each poll has a waker of its own, which knows when
 * its future is over: from then on, whoever calls it, or compares it with another
 * to see whether to replace it, has kept it. That needs no list of places, works
 * for any primitive, and is as deterministic as the run; and it is noticed in
 * the very step, with the trace that has led there.
 *
 * The price: what is kept and never used is not seen. Therefore everything that
 * can happen does happen before a run is over: the other tasks go on to their
 * end, or are dropped, which closes what they hold; timers fire, and what is
 * under way outside completes. Whether a test does use all that it should can be
 * tested in turn: over a future that forgets to drop its child, it has to fail.
 */
export class KeptWakers {
  readonly #found: (how: string) => void;
  #isOver = false;

  /** @param found Is told how a waker was used that should have been let go. */
  constructor(found: (how: string) => void) {
    this.#found = found;
  }

  /** The context of one poll. */
  lend(cx: Context): Context {
    return new LentWaker(this, cx);
  }

  /** The future has ended or was dropped: nobody may keep a waker now. */
  close(): void {
    this.#isOver = true;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  report(how: string): void {
    this.#found(how);
  }
}

/** The waker and the context of one poll. */
class LentWaker implements Waker, Context {
  readonly #ledger: KeptWakers;
  readonly #cx: Context;

  constructor(ledger: KeptWakers, cx: Context) {
    this.#ledger = ledger;
    this.#cx = cx;
  }

  get waker(): Waker {
    return this;
  }

  get budget(): Budget | undefined {
    return this.#cx.budget;
  }

  wake(): void {
    if (this.#ledger.isOver) this.#ledger.report("called");
    else this.#cx.waker.wake();
  }

  willWake(other: Waker): boolean {
    if (this.#ledger.isOver) this.#ledger.report("compared with another");
    return this === other;
  }
}
