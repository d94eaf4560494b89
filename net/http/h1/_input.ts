import { EMPTY } from "./_bytes.ts";

/** What was pushed, how far it was read, and what is left over after the end. */
export class Input {
  bytes: Uint8Array = EMPTY;
  /** How far the bytes were read. */
  position = 0;
  /** Whether no more will come. */
  isEof = false;
  /** How many bytes came before these. */
  #before = 0;
  /** What came after the end: a copy. */
  #leftover = EMPTY;

  /** How many bytes were read since the start. */
  get offset(): number {
    return this.#before + this.position;
  }

  get isRead(): boolean {
    return this.position === this.bytes.length;
  }

  get leftover(): number {
    return this.#leftover.length + this.bytes.length - this.position;
  }

  push(bytes: Uint8Array): void {
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError("Cannot push: the bytes must be a Uint8Array");
    }
    if (!this.isRead) {
      throw new Error(
        "Cannot push: the bytes before were not read to their end",
      );
    }
    if (this.isEof) {
      throw new Error("Cannot push: the connection has ended");
    }
    this.#before += this.bytes.length;
    this.bytes = bytes;
    this.position = 0;
  }

  /** What is left of the bytes. */
  rest(): Uint8Array {
    return this.position === 0
      ? this.bytes
      : this.bytes.subarray(this.position);
  }

  /**
   * Takes data up to `end`, without a copy. Bytes that were read to their end are
   * let go: from then on they are whose memory they are in.
   */
  takeUpTo(end: number): Uint8Array {
    const { bytes, position } = this;
    if (end < bytes.length) {
      this.position = end;
      return bytes.subarray(position, end);
    }
    this.#before += bytes.length;
    this.bytes = EMPTY;
    this.position = 0;
    return position === 0 ? bytes : bytes.subarray(position);
  }

  /** Copies what is left, for the bytes may be reused. */
  keepRest(): void {
    if (this.isRead) return;
    const rest = this.rest();
    const joined = new Uint8Array(this.#leftover.length + rest.length);
    joined.set(this.#leftover);
    joined.set(rest, this.#leftover.length);
    this.#leftover = joined;
    this.position = this.bytes.length;
  }

  takeLeftover(): Uint8Array {
    this.keepRest();
    const leftover = this.#leftover;
    this.#leftover = EMPTY;
    return leftover;
  }

  reset(): void {
    this.bytes = EMPTY;
    this.position = 0;
    this.isEof = false;
    this.#before = 0;
    this.#leftover = EMPTY;
  }
}
