/**
 * What one writes with promises instead: the plainest forms that are right, so
 * that they are as quick as such forms can be.
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

  put(item: T): Promise<void> {
    const taker = this.#takers.shift();
    if (taker !== undefined) {
      taker(item);
      return Promise.resolve();
    }
    if (this.#items.length < this.#capacity) {
      this.#items.push(item);
      return Promise.resolve();
    }
    return new Promise((done) => this.#putters.push({ item, done }));
  }

  take(): Promise<T> {
    if (this.#items.length === 0) {
      return new Promise((taker) => this.#takers.push(taker));
    }
    const item = this.#items.shift()!;
    const putter = this.#putters.shift();
    if (putter !== undefined) {
      this.#items.push(putter.item);
      putter.done();
    }
    return Promise.resolve(item);
  }
}

/** A lock that each holder hands to the next. */
export class PromiseMutex {
  #last: Promise<void> = Promise.resolve();

  async lock(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#last;
    this.#last = promise;
    await before;
    return resolve;
  }
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
