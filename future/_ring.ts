/** The length of a buffer at first; a power of two, as all lengths are. */
const SMALL = 16;
/** A buffer of more than this is given up once it is empty, by default. */
const LARGE = 4096;

/**
 * A queue in a ring buffer that grows by doubling: an item costs no allocation
 * of its own, and an item taken out is no longer held.
 */
export class Ring<T> {
  #items: (T | undefined)[] = [];
  #mask = -1;
  #head = 0;
  #size = 0;

  readonly #large: number;

  /** @param large A buffer of more than this is given up once it is empty. */
  constructor(large: number = LARGE) {
    this.#large = large;
  }

  get size(): number {
    return this.#size;
  }

  /** How many it can hold without growing. */
  get room(): number {
    return this.#mask + 1;
  }

  /** The oldest item, if there is one. */
  get first(): T | undefined {
    return this.#items[this.#head];
  }

  /** The item at a place, counted from the oldest; there must be one. */
  at(index: number): T {
    return this.#items[(this.#head + index) & this.#mask] as T;
  }

  /** Brings the item at a place to the front, and gives it; there must be one. */
  advance(index: number): T {
    const item = this.at(index);
    for (let i = index; i > 0; i--) {
      this.#items[(this.#head + i) & this.#mask] = this.at(i - 1);
    }
    this.#items[this.#head] = item;
    return item;
  }

  push(item: T): void {
    if (this.#size === this.room) this.#grow();
    this.#items[(this.#head + this.#size) & this.#mask] = item;
    this.#size++;
  }

  /** Takes the oldest item out; there must be one. */
  shift(): T {
    const at = this.#head;
    const item = this.#items[at] as T;
    this.#items[at] = undefined;
    this.#head = (at + 1) & this.#mask;
    if (--this.#size === 0 && this.room > this.#large) this.clear();
    return item;
  }

  /** Puts the oldest item behind all others; there must be one. */
  rotate(): void {
    const head = this.#head;
    const size = this.#size;
    if (size === 1) return;
    this.#head = (head + 1) & this.#mask;
    if (size === this.room) return;
    this.#items[(head + size) & this.#mask] = this.#items[head];
    this.#items[head] = undefined;
  }

  clear(): void {
    this.#items = [];
    this.#mask = -1;
    this.#head = 0;
    this.#size = 0;
  }

  #grow(): void {
    const old = this.#items;
    const items: (T | undefined)[] = new Array(
      Math.max(SMALL, old.length * 2),
    ).fill(undefined);
    for (let i = 0; i < this.#size; i++) {
      items[i] = old[(this.#head + i) & this.#mask];
    }
    this.#items = items;
    this.#mask = items.length - 1;
    this.#head = 0;
  }
}
