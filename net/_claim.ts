import type { Waker } from "../future/waker.ts";
import { netError } from "./_classify.ts";
import type { NetPhase } from "./errors.ts";

/** Whose turn it is to read, or to write: one future at a time. */
export class Claim {
  readonly #phase: NetPhase;
  readonly #address: () => string;
  readonly #forget: (waker: Waker) => void;
  #holder: object | null = null;

  /**
   * @param address For the message: asked only when it is needed.
   * @param forget Lets go of a waker, if it is the one that is kept.
   */
  constructor(
    phase: NetPhase,
    address: () => string,
    forget: (waker: Waker) => void = () => {},
  ) {
    this.#phase = phase;
    this.#address = address;
    this.#forget = forget;
  }

  /** Where the socket goes, or listens. */
  get address(): string {
    return this.#address();
  }

  /** @throws {NetError} If another future is at it; that one is not disturbed. */
  take(holder: object): void {
    if (this.#holder !== null && this.#holder !== holder) {
      const phase = this.#phase;
      throw netError(
        phase,
        this.address,
        `another ${phase} is waiting; one at a time`,
      );
    }
    this.#holder = holder;
  }

  isHeldBy(holder: object): boolean {
    return this.#holder === holder;
  }

  /** The holder was dropped: what it began goes on, but wakes it no more. */
  forget(waker: Waker): void {
    this.#forget(waker);
  }

  release(holder: object): void {
    if (this.#holder === holder) this.#holder = null;
  }
}
