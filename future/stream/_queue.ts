/** First in, first out, in a ring that grows: both ends are O(1). */
export class Queue<T> {
  // The length is a power of two, so that a mask takes the place of a modulo.
  #ring: (T | undefined)[] = new Array(8);
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: T): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#length) & (this.#ring.length - 1)] = value;
    this.#length++;
  }

  /** The oldest; only while there is one. */
  peek(): T {
    return this.#ring[this.#head] as T;
  }

  /** Takes the oldest; only while there is one. */
  shift(): T {
    const value = this.#ring[this.#head] as T;
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#length--;
    return value;
  }

  clear(): void {
    this.#ring = new Array(8);
    this.#head = 0;
    this.#length = 0;
  }

  #grow(): void {
    const ring = this.#ring;
    const split = this.#head;
    this.#ring = [...ring.slice(split), ...ring.slice(0, split)];
    this.#ring.length = ring.length * 2;
    this.#head = 0;
  }
}
