/**
 * What one writes with promises instead, in the quickest forms that are right:
 * what is there at once is returned as it is, and costs its `await` no more than
 * the one turn that every `await` costs.
 */

/** A bounded queue between async functions. */
export class PromiseQueue<T> {
  readonly #items: T[] = [];
  readonly #takers: ((item: T) => void)[] = [];
  readonly #putters: { item: T; done: () => void }[] = [];
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  put(item: T): Promise<void> | void {
    const taker = this.#takers.shift();
    if (taker !== undefined) return taker(item);
    if (this.#items.length < this.#capacity) {
      this.#items.push(item);
      return;
    }
    return new Promise((done) => this.#putters.push({ item, done }));
  }

  take(): Promise<T> | T {
    if (this.#items.length === 0) {
      return new Promise((taker) => this.#takers.push(taker));
    }
    const item = this.#items.shift()!;
    const putter = this.#putters.shift();
    if (putter !== undefined) {
      this.#items.push(putter.item);
      putter.done();
    }
    return item;
  }
}

/** A lock that each holder hands to the next. */
export class PromiseMutex {
  readonly #waiting: (() => void)[] = [];
  #isLocked = false;

  lock(): Promise<void> | void {
    if (this.#isLocked) {
      return new Promise((granted) => this.#waiting.push(granted));
    }
    this.#isLocked = true;
  }

  unlock(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#isLocked = false;
    else next();
  }
}

/** The least that an async function can do and still wait. */
export async function once(): Promise<void> {
  await undefined;
}

/** Operators as async generators. */
export async function* mapped<A, B>(
  source: AsyncIterable<A>,
  fn: (item: A) => B,
): AsyncGenerator<B> {
  for await (const item of source) yield fn(item);
}

export async function* filtered<A>(
  source: AsyncIterable<A>,
  keep: (item: A) => boolean,
): AsyncGenerator<A> {
  for await (const item of source) if (keep(item)) yield item;
}

export async function* counted(n: number): AsyncGenerator<number> {
  for (let i = 0; i < n; i++) yield i;
}
