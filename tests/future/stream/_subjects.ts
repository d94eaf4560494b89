import {
  type Context,
  type Future,
  map,
  Pending,
  type Poll,
} from "../../../future/mod.ts";
import {
  buffered,
  bufferUnordered,
  chain,
  chunks,
  collect,
  type Done,
  enumerate,
  filterMap,
  filterStream,
  flatMapStream,
  flatten,
  fold,
  forEach,
  forEachConcurrent,
  forward,
  inspect,
  iter,
  mapStream,
  mapWhile,
  merge,
  peekable,
  pinStream,
  scan,
  sendAll,
  type Sink,
  skip,
  skipWhile,
  Stream,
  take,
  takeUntil,
  takeWhile,
  thenStream,
  unfold,
  zip,
} from "../../../future/stream/mod.ts";
import { type Leaf, Step } from "./_world.ts";

/** What a subject is built over. */
export interface Bench {
  /** A stream of numbers, with waits in between. */
  readonly source: Stream<number>;
  /** The numbers that have come out, or that the caller's function has seen. */
  readonly given: number[];
  /** The leaves under it that are made on the way. */
  readonly leaves: Leaf[];
}

type Make = (bench: Bench) => Stream<unknown> | Future<unknown>;

/** A future that waits once. */
function step<T>(bench: Bench, value: T): Step<T> {
  const step = new Step(1, value);
  bench.leaves.push(step);
  return step;
}

/** What is given is what comes out, as numbers. */
function out(make: (bench: Bench) => Stream<unknown>): Make {
  return (bench) =>
    inspect(make(bench), (item) => {
      const parts: unknown[] = [item].flat(Infinity);
      bench.given.push(...parts.filter((part) => typeof part === "number"));
    });
}

/** A sink that has room at every second question. */
class Slow implements Sink<number> {
  readonly #given: number[];
  #hasRoom = true;

  constructor({ given }: Bench) {
    this.#given = given;
  }
  pollReady(cx: Context): Poll<void> {
    this.#hasRoom = !this.#hasRoom;
    if (this.#hasRoom) return;
    cx.waker.wake();
    return Pending;
  }
  startSend(item: number): void {
    this.#given.push(item);
  }
  pollFlush(): void {}
  pollClose(): void {}
  [Symbol.dispose](): void {}
}

/** Looks at each item, and takes it at the next poll only. */
class Looked extends Stream<number> {
  readonly #stream;
  #hasLooked = false;

  constructor(stream: Stream<number>) {
    super();
    this.#stream = peekable(stream);
  }
  override pollNext(cx: Context): Poll<number | Done> {
    if (this.#hasLooked) {
      this.#hasLooked = false;
      return this.#stream.pollNext(cx);
    }
    if (this.#stream.pollPeek(cx) === Pending) return Pending;
    this.#hasLooked = true;
    cx.waker.wake();
    return Pending;
  }
  override [Symbol.dispose](): void {
    this.#stream[Symbol.dispose]();
  }
}

/** Every operator and consumer, set up so that all that it takes comes out. */
export const subjects: Record<string, Make> = {
  buffered: out((b) => buffered(mapStream(b.source, (n) => step(b, n)), 2)),
  bufferUnordered: out((b) =>
    bufferUnordered(mapStream(b.source, (n) => step(b, n)), 2)
  ),
  chain: out((b) => chain(iter(["a"]), b.source)),
  chunks: out((b) => chunks(b.source, 3)),
  collect: (b) => collect(b.source),
  enumerate: out((b) => mapStream(enumerate(b.source), ([, n]) => n)),
  filterMap: out((b) => filterMap(b.source, (n) => n)),
  filterStream: out((b) => filterStream(b.source, () => true)),
  flatMapStream: out((b) => flatMapStream(b.source, (n) => iter([n]))),
  flatten: out((b) => flatten(iter([b.source]))),
  fold: (b) => fold(b.source, 0, (sum, n) => sum + n),
  forEach: (b) =>
    forEach(b.source, (n) => {
      b.given.push(n);
      return step(b, n);
    }),
  forEachConcurrent: (b) =>
    forEachConcurrent(
      b.source,
      2,
      (n) => map(step(b, n), (n) => b.given.push(n)),
    ),
  forward: (b) => forward(b.source, new Slow(b)),
  inspect: out((b) => inspect(b.source, () => {})),
  mapStream: out((b) => mapStream(b.source, (n) => n)),
  mapWhile: out((b) => mapWhile(b.source, (n) => n)),
  merge: out((b) => merge(iter(["a"]), b.source)),
  peekable: out((b) => new Looked(b.source)),
  pinStream: out((b) => pinStream(b.source)),
  scan: out((b) => scan(b.source, 0, (_, n) => n)),
  sendAll: (b) => sendAll(new Slow(b), b.source),
  skip: out((b) => skip(b.source, 0)),
  skipWhile: out((b) => skipWhile(b.source, () => false)),
  take: out((b) => take(b.source, 9)),
  takeUntil: out((b) => takeUntil(b.source, new Step(Infinity, 0))),
  takeWhile: out((b) => takeWhile(b.source, () => true)),
  thenStream: out((b) => thenStream(b.source, (n) => step(b, n))),
  // The other column holds no numbers, and comes later.
  zip: out((b) => zip(b.source, unfold(0, (n) => step(b, ["x", n] as const)))),
};
