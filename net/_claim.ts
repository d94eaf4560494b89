import { netError } from "./_classify.ts";
import type { NetPhase } from "./errors.ts";

/** Whose turn it is to read, or to write: one future at a time. */
export class Claim {
  readonly #phase: NetPhase;
  #holder: object | null = null;

  constructor(phase: NetPhase) {
    this.#phase = phase;
  }

  /** @throws {NetError} If another future is at it; that one is not disturbed. */
  take(holder: object, address: string): void {
    if (this.#holder !== null && this.#holder !== holder) {
      const phase = this.#phase;
      throw netError(
        phase,
        address,
        `another ${phase} is waiting; one at a time`,
      );
    }
    this.#holder = holder;
  }

  isHeldBy(holder: object): boolean {
    return this.#holder === holder;
  }

  release(holder: object): void {
    if (this.#holder === holder) this.#holder = null;
  }
}
