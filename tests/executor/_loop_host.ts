import type { Host } from "../../executor/mod.ts";

/**
 * A host whose loop goes round once a call, as the platform's does: timers that
 * are due, then one batch of macrotasks, and after each all microtasks. Time
 * passes only by what is spent.
 */
export class LoopHost implements Host {
  #now = 0;
  readonly #microtasks: (() => void)[] = [];
  readonly #macrotasks: (() => void)[] = [];
  readonly #timers = new Map<object, () => void>();

  now(): number {
    return this.#now;
  }

  /** Lets time pass, as a poll does that takes long. */
  spend(ms: number): void {
    this.#now += ms;
  }

  microtask(callback: () => void): void {
    this.#microtasks.push(callback);
  }

  macrotask(callback: () => void): void {
    this.#macrotasks.push(callback);
  }

  setTimer(delay: number, callback: () => void): unknown {
    const timer = { due: this.#now + delay };
    this.#timers.set(timer, () => {
      if (timer.due > this.#now) return;
      this.#timers.delete(timer);
      callback();
    });
    return timer;
  }

  clearTimer(timer: unknown): void {
    this.#timers.delete(timer as object);
  }

  random(): number {
    return 0;
  }

  unhandled(error: unknown): void {
    throw error;
  }

  /** Once round the loop. */
  turn(): void {
    this.#drain();
    for (const fireIfDue of [...this.#timers.values()]) {
      fireIfDue();
      this.#drain();
    }
    for (const macrotask of this.#macrotasks.splice(0)) {
      macrotask();
      this.#drain();
    }
  }

  #drain(): void {
    for (
      let next = this.#microtasks.shift();
      next !== undefined;
      next = this.#microtasks.shift()
    ) next();
  }
}
