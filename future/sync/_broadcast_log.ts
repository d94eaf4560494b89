import { type Waiter, WaitList } from "./_wait_list.ts";
import { Lagged } from "./errors.ts";

/** How far a receiver has read. */
export interface Reader {
  /** The number of the value that is next. */
  position: number;
}

/**
 * The values of a `broadcast`, numbered from 0, of which the last few are kept.
 * Each is let go as soon as all who were there when it was sent have read it or
 * are gone; as each reads in order, that is the oldest first.
 */
export class BroadcastLog<T> {
  /** Those who wait for the next value. */
  readonly line: WaitList<Waiter> = new WaitList();
  readonly #capacity: number;
  readonly #values: (T | undefined)[] = [];
  /** How many have yet to read the value at the same place. */
  readonly #unread: number[] = [];
  /** The number of the oldest value that is kept. */
  #start = 0;
  /** The number that the next value gets. */
  #end = 0;
  #readers = 0;
  #senders = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many values are kept. */
  get size(): number {
    return this.#end - this.#start;
  }

  get readers(): number {
    return this.#readers;
  }

  /** Whether no further value can come. */
  get isClosed(): boolean {
    return this.#senders === 0;
  }

  addSender(): void {
    this.#senders++;
  }

  removeSender(): void {
    if (--this.#senders === 0) this.line.wakeAll();
  }

  /** A reader of all that is sent from now on. */
  addReader(): Reader {
    this.#readers++;
    return { position: this.#end };
  }

  removeReader(reader: Reader): void {
    this.#readers--;
    for (
      let at = Math.max(reader.position, this.#start);
      at < this.#end;
      at++
    ) {
      this.#markRead(at % this.#capacity);
    }
  }

  append(value: T): number {
    const readers = this.#readers;
    if (readers === 0) return 0;
    if (this.size === this.#capacity) this.#start++;
    const place = this.#end % this.#capacity;
    this.#values[place] = value;
    this.#unread[place] = readers;
    this.#end++;
    this.line.wakeAll();
    return readers;
  }

  /** How many values are kept that a reader has not read. */
  unread(reader: Reader): number {
    return this.#end - Math.max(reader.position, this.#start);
  }

  /** The next value for a reader; there must be one. */
  read(reader: Reader): T {
    const missed = this.#start - reader.position;
    if (missed > 0) {
      reader.position = this.#start;
      throw new Lagged(missed);
    }
    const place = reader.position++ % this.#capacity;
    const value = this.#values[place] as T;
    this.#markRead(place);
    return value;
  }

  #markRead(place: number): void {
    if (--this.#unread[place]! > 0) return;
    this.#values[place] = undefined;
    this.#start++;
  }
}
