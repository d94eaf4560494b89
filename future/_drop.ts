import { CancelledError } from "./errors.ts";
import { type Future, nameOf, release } from "./future.ts";

/** Gives a child up and drops it. */
export function dropChild(child: Future<unknown>): void {
  release(child);
  child[Symbol.dispose]();
}

/** What a poll throws that comes back to find its future dropped from inside. */
export function droppedInside(future: object): CancelledError {
  return new CancelledError(
    `Cannot go on with ${nameOf(future)}: it was dropped from inside its poll`,
  );
}

/** Node 22 and some browsers have no `SuppressedError` yet: this is the same. */
const Suppressed = globalThis.SuppressedError ??
  class SuppressedError extends Error {
    readonly error: unknown;
    readonly suppressed: unknown;

    constructor(error: unknown, suppressed: unknown, message: string) {
      super(message);
      this.name = "SuppressedError";
      this.error = error;
      this.suppressed = suppressed;
    }
  };

/**
 * Gathers what is thrown while several things are dropped, so that one bad
 * drop does not keep the others alive: as a block with several `using` does.
 */
export class DropErrors {
  #failure: { error: unknown } | null = null;

  /** Starts with the failure that the drops happen because of, if any. */
  constructor(failure?: { error: unknown } | null) {
    this.#failure = failure ?? null;
  }

  /** Runs one drop and keeps what it throws. */
  collect(drop: () => void): void {
    try {
      drop();
    } catch (error) {
      this.add(error);
    }
  }

  /** Adds what a drop has thrown. */
  add(error: unknown): void {
    this.#failure = {
      error: this.#failure === null ? error : new Suppressed(
        error,
        this.#failure.error,
        "Another error was thrown while dropping",
      ),
    };
  }

  /** Throws what was gathered, if anything was. */
  rethrow(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}
