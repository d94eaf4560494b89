/** What a trace notes. */
export type Kind = 0 | 1 | 2 | 3;
export const POLL: Kind = 0;
export const WAKE: Kind = 1;
export const SPAWN: Kind = 2;
export const END: Kind = 3;

/**
 * The last so many events, in the order in which they were noted: in columns, so
 * that noting one allocates nothing. What a column means depends on the kind.
 */
export class EventRing {
  readonly capacity: number;
  readonly #kinds: Uint8Array;
  readonly #at: Float64Array;
  readonly #took: Float64Array;
  readonly #task: Float64Array;
  readonly #other: Float64Array;
  readonly #link: Float64Array;
  readonly #text: string[];
  #added = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#kinds = new Uint8Array(capacity);
    this.#at = new Float64Array(capacity);
    this.#took = new Float64Array(capacity);
    this.#task = new Float64Array(capacity);
    this.#other = new Float64Array(capacity);
    this.#link = new Float64Array(capacity);
    this.#text = new Array(capacity).fill("");
  }

  get size(): number {
    return Math.min(this.#added, this.capacity);
  }

  /** How many have made room for later ones. */
  get lost(): number {
    return this.#added - this.size;
  }

  add(
    kind: Kind,
    at: number,
    took: number,
    task: number,
    other: number,
    link: number,
    text: string,
  ): void {
    const row = this.#added++ % this.capacity;
    this.#kinds[row] = kind;
    this.#at[row] = at;
    this.#took[row] = took;
    this.#task[row] = task;
    this.#other[row] = other;
    this.#link[row] = link;
    this.#text[row] = text;
  }

  /** Those that are there, the oldest first. */
  *[Symbol.iterator](): Generator<Noted> {
    const size = this.size;
    for (let i = this.#added - size; i < this.#added; i++) {
      const row = i % this.capacity;
      yield {
        kind: this.#kinds[row] as Kind,
        at: this.#at[row]!,
        took: this.#took[row]!,
        task: this.#task[row]!,
        other: this.#other[row]!,
        link: this.#link[row]!,
        text: this.#text[row]!,
      };
    }
  }
}

/** An event as it comes out of the ring. */
export interface Noted {
  kind: Kind;
  /** When it was, or began, by the executor's clock. */
  at: number;
  /** How long a poll took. */
  took: number;
  /** The number of the task. */
  task: number;
  /** Who woke or spawned it: the number of a task, 0 for none. */
  other: number;
  /** Which wake it is, and which one led to a poll; 0 for none. */
  link: number;
  /** What the task is called; how it ended. */
  text: string;
}
