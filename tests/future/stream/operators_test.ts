// Each operator beside its array counterpart, over random items and random waits.
import { assertEquals, assertThrows } from "@std/assert";
import { type Future, ready } from "../../../future/mod.ts";
import {
  buffered,
  bufferUnordered,
  chain,
  chunks,
  Done,
  enumerate,
  filterMap,
  filterStream,
  flatMapStream,
  flatten,
  inspect,
  iter,
  mapStream,
  mapWhile,
  merge,
  peekable,
  scan,
  skip,
  skipWhile,
  type Stream,
  take,
  takeUntil,
  takeWhile,
  thenStream,
  zip,
} from "../../../future/stream/mod.ts";
import { Failure, type World, worlds } from "./_world.ts";

type Numbers = Stream<number>;

/** An operator over random sources, and what should come out. */
type Case = (world: World, xs: number[], source: Numbers) => {
  stream: Stream<unknown>;
  expected: unknown[];
  /** Whether the order does not count. */
  anyOrder?: boolean;
};

const isEven = (n: number) => n % 2 === 0;
const isSmall = (n: number) => n < 7;

const cases: Record<string, Case> = {
  mapStream: (_, xs, s) => ({
    stream: mapStream(s, (n) => n + 1),
    expected: xs.map((n) => n + 1),
  }),
  filterStream: (_, xs, s) => ({
    stream: filterStream(s, isEven),
    expected: xs.filter(isEven),
  }),
  filterMap: (_, xs, s) => ({
    stream: filterMap(s, (n) => isEven(n) ? n / 2 : undefined),
    expected: xs.filter(isEven).map((n) => n / 2),
  }),
  take: (world, xs, s) => {
    const n = world.below(12);
    return { stream: take(s, n), expected: xs.slice(0, n) };
  },
  skip: (world, xs, s) => {
    const n = world.below(12);
    return { stream: skip(s, n), expected: xs.slice(n) };
  },
  takeWhile: (_, xs, s) => ({
    stream: takeWhile(s, isSmall),
    expected: before(xs, (n) => !isSmall(n)),
  }),
  skipWhile: (_, xs, s) => ({
    stream: skipWhile(s, isSmall),
    expected: xs.slice(before(xs, (n) => !isSmall(n)).length),
  }),
  mapWhile: (_, xs, s) => ({
    stream: mapWhile(s, (n) => isSmall(n) ? `${n}` : Done),
    expected: before(xs, (n) => !isSmall(n)).map(String),
  }),
  "takeUntil, never": (world, xs, s) => ({
    stream: takeUntil(s, world.never()),
    expected: xs,
  }),
  scan: (_, xs, s) => ({
    stream: scan(s, "", (sum, n) => sum + n),
    expected: xs.map((_, i) => xs.slice(0, i + 1).join("")),
  }),
  enumerate: (_, xs, s) => ({
    stream: enumerate(s),
    expected: [...xs.entries()],
  }),
  inspect: (_, xs, s) => ({ stream: inspect(s, () => {}), expected: xs }),
  peekable: (_, xs, s) => ({ stream: peekable(s), expected: xs }),
  chunks: (world, xs, s) => {
    const n = 1 + world.below(4);
    const expected = [];
    for (let i = 0; i < xs.length; i += n) expected.push(xs.slice(i, i + n));
    return { stream: chunks(s, n), expected };
  },
  chain: (world, xs, s) => {
    const ys = world.numbers();
    const zs = world.numbers();
    return {
      stream: chain(s, world.source(ys), world.source(zs)),
      expected: [...xs, ...ys, ...zs],
    };
  },
  zip: (world, xs, s) => {
    const ys = world.numbers();
    const length = Math.min(xs.length, ys.length);
    return {
      stream: zip(s, world.source(ys)),
      expected: Array.from({ length }, (_, i) => [xs[i], ys[i]]),
    };
  },
  merge: (world, xs, s) => {
    const ys = world.numbers();
    const zs = world.numbers();
    return {
      stream: merge(s, world.source(ys), world.source(zs)),
      expected: [...xs, ...ys, ...zs],
      anyOrder: true,
    };
  },
  flatten: (world, xs, s) => ({
    stream: flatten(mapStream(s, (n) => world.source([n, n]))),
    expected: xs.flatMap((n) => [n, n]),
  }),
  flatMapStream: (world, xs, s) => ({
    stream: flatMapStream(s, (n) => world.source([n, n])),
    expected: xs.flatMap((n) => [n, n]),
  }),
  thenStream: (world, xs, s) => ({
    stream: thenStream(s, (n) => world.step(n * 2)),
    expected: xs.map((n) => n * 2),
  }),
  buffered: (world, xs, s) => ({
    stream: buffered(work(world, s), 1 + world.below(4)),
    expected: xs,
  }),
  "buffered without limit": (world, xs, s) => ({
    stream: buffered(work(world, s), Infinity),
    expected: xs,
  }),
  bufferUnordered: (world, xs, s) => ({
    stream: bufferUnordered(work(world, s), 1 + world.below(4)),
    expected: xs,
    anyOrder: true,
  }),
  "a pipeline of five": (world, xs, s) => ({
    stream: chunks(
      buffered(
        mapStream(filterStream(take(s, 6), isEven), (n) => world.step(n)),
        2,
      ),
      2,
    ),
    expected: pairs(xs.slice(0, 6).filter(isEven)),
  }),
};

function work(world: World, s: Numbers): Stream<Future<number>> {
  return mapStream(s, (n) => world.step(n));
}

function before(xs: number[], isEnd: (n: number) => boolean): number[] {
  const end = xs.findIndex(isEnd);
  return end === -1 ? xs : xs.slice(0, end);
}

function pairs(xs: number[]): number[][] {
  return xs.flatMap((_, i) => i % 2 === 0 ? [xs.slice(i, i + 2)] : []);
}

function sorted(items: unknown[]): unknown[] {
  return items.toSorted((a, b) => Number(a) - Number(b));
}

for (const [name, make] of Object.entries(cases)) {
  Deno.test(`operators: ${name} gives what its array counterpart does`, () => {
    for (const world of worlds(300)) {
      const xs = world.numbers();
      const made = make(world, xs, world.source(xs));
      const items = world.drain(made.stream);
      const message = `seed ${world.seed}`;
      if (made.anyOrder) {
        assertEquals(sorted(items), sorted(made.expected), message);
      } else assertEquals(items, made.expected, message);
      world.settle();
    }
  });

  Deno.test(`operators: ${name}, dropped at any moment, has given a part of it and drops its sources once`, () => {
    for (const world of worlds(300)) {
      const xs = world.numbers();
      const made = make(world, xs, world.source(xs));
      const items = world.drain(made.stream, world.below(15));
      if (!made.anyOrder) {
        assertEquals(
          items,
          made.expected.slice(0, items.length),
          `seed ${world.seed}`,
        );
      }
      made.stream[Symbol.dispose]();
      world.settle();
    }
  });

  Deno.test(`operators: ${name} fails as its source does, after what came before, and is dropped then`, () => {
    const broken = new Error("broken");
    for (const world of worlds(200)) {
      const xs = world.numbers();
      const source = world.source(xs, new Failure(broken));
      const made = make(world, xs, source);
      const items: unknown[] = [];
      const stream = inspect(made.stream, (item) => items.push(item));
      let error: unknown;
      try {
        world.drain(stream);
      } catch (thrown) {
        error = thrown;
      }
      const message = `seed ${world.seed}`;
      if (source.ended === "failed") assertEquals(error, broken, message);
      else assertEquals(error, undefined, message);
      if (!made.anyOrder && name !== "zip" && source.ended === "failed") {
        const given = made.expected.slice(0, items.length);
        assertEquals(items, given, message);
      }
      world.settle();
    }
  });
}

Deno.test("operators: chunks gives what it has before a failure", () => {
  const broken = new Error("broken");
  for (const world of worlds(20)) {
    const stream = chunks(world.source([1, 2, 3], new Failure(broken)), 2);
    const items: number[][] = [];
    const seen = inspect(stream, (chunk) => items.push(chunk));
    assertEquals(assertThrows(() => world.drain(seen)), broken);
    assertEquals(items, [[1, 2], [3]], `seed ${world.seed}`);
    world.settle();
  }
});

Deno.test("operators: a function that throws fails the stream, and its source is dropped", () => {
  const broken = new Error("broken");
  const fail = (): never => {
    throw broken;
  };
  const throwing: Record<string, (s: Numbers) => Stream<unknown>> = {
    mapStream: (s) => mapStream(s, fail),
    mapWhile: (s) => mapWhile(s, fail),
    filterStream: (s) => filterStream(s, fail),
    filterMap: (s) => filterMap(s, fail),
    takeWhile: (s) => takeWhile(s, fail),
    skipWhile: (s) => skipWhile(s, fail),
    scan: (s) => scan(s, 0, fail),
    inspect: (s) => inspect(s, fail),
    flatMapStream: (s) => flatMapStream(s, fail),
    thenStream: (s) => thenStream(s, fail),
    buffered: (s) => buffered(mapStream(s, fail), 2),
    bufferUnordered: (s) => bufferUnordered(mapStream(s, fail), 2),
  };
  for (const [name, make] of Object.entries(throwing)) {
    for (const world of worlds(5)) {
      const stream = make(world.source([1, 2, 3]));
      assertEquals(assertThrows(() => world.drain(stream)), broken, name);
      assertThrows(
        () => world.drain(stream),
        Error,
        "it already failed",
        name,
      );
      world.settle();
    }
  }
});

Deno.test("operators: what a function returns must be what it says", () => {
  for (const world of worlds(5)) {
    const number = ready(1) as unknown as Stream<number>;
    assertThrows(
      () => world.drain(flatMapStream(world.source([1]), () => number)),
      TypeError,
      "Cannot adopt Ready: it is not a Stream",
    );
    const stream = iter([1]) as unknown as Future<number>;
    assertThrows(
      () => world.drain(thenStream(world.source([1]), () => stream)),
      TypeError,
      "it is not a Future",
    );
    for (const buffer of [buffered, bufferUnordered]) {
      assertThrows(
        () => world.drain(buffer(world.source([stream]), 1)),
        TypeError,
        "it is not a Future",
      );
    }
    world.settle();
  }
});
