import type { PoolEvent, PoolTotals } from "./pool_events.ts";

/** Counts what has happened in a pool since it was made. */
export class Tally {
  reused = 0;
  queued = 0;
  stale = 0;
  #opened = 0;
  #drained = 0;
  readonly #closed = new Map<string, number>();

  count(type: PoolEvent["type"], why: string): void {
    switch (type) {
      case "opened":
        this.#opened++;
        break;
      case "drained":
        this.#drained++;
        break;
      case "closed":
        this.#closed.set(why, (this.#closed.get(why) ?? 0) + 1);
        break;
    }
  }

  totals(): PoolTotals {
    return {
      opened: this.#opened,
      reused: this.reused,
      queued: this.queued,
      stale: this.stale,
      drained: this.#drained,
      closed: Object.fromEntries(this.#closed),
    };
  }
}
