// A row of operators that look at one item at a time polls as one: it must not
// show, but in what it costs.
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  CancelledError,
  type Context,
  noopWaker,
  Pending,
  type Poll,
  PolledAfterCompletionError,
  ReentrantPollError,
} from "../../../future/mod.ts";
import {
  adoptStream,
  Done,
  enumerate,
  filterMap,
  filterStream,
  inspect,
  iter,
  mapStream,
  mapWhile,
  releaseStream,
  scan,
  skip,
  skipWhile,
  Stream,
  take,
  takeWhile,
} from "../../../future/stream/mod.ts";
import { forSeeds, Random } from "../sync/_random.ts";
import { Source } from "./_world.ts";

const cx: Context = { waker: noopWaker };

/** Stands between two operators, so that each of them polls alone. */
class Apart extends Stream<number> {
  readonly #inner: Stream<number>;

  constructor(inner: Stream<number>) {
    super();
    adoptStream(this, inner);
    this.#inner = inner;
  }

  override pollNext(cx: Context): Poll<number | Done> {
    const item = this.#inner.pollNext(cx);
    if (item === Done) releaseStream(this.#inner);
    return item;
  }

  override [Symbol.dispose](): void {
    releaseStream(this.#inner);
    this.#inner[Symbol.dispose]();
  }
}

type Log = unknown[];
type Between = (stream: Stream<number>) => Stream<number>;

/** A random operator, whose function says that it was called, and may misbehave. */
function operator(
  random: Random,
  place: number,
  log: Log,
  dropAll: () => void,
): (stream: Stream<number>) => Stream<number> {
  const limit = random.below(8);
  const threshold = 5 + random.below(20);
  let calls = random.chance(0.2) ? random.below(6) : Infinity;
  const drops = random.chance(0.5);
  const note = (n: number): number => {
    log.push(`${place} sees ${n}`);
    if (calls-- === 0) {
      if (drops) dropAll();
      else throw new Error(`${place} is broken`);
    }
    return n;
  };
  const isSmall = (n: number) => note(n) < threshold;
  const makers: ((s: Stream<number>) => Stream<number>)[] = [
    (s) => mapStream(s, (n) => note(n) + 1),
    (s) => mapStream(s, (n) => note(n) % 13 ? n : Pending as unknown as number),
    (s) => filterStream(s, (n) => note(n) % 3 !== 0),
    (s) => filterMap(s, (n) => note(n) % 4 === 0 ? undefined : n),
    (s) => mapWhile(s, (n) => isSmall(n) ? n : Done),
    (s) => take(s, limit),
    (s) => takeWhile(s, isSmall),
    (s) => skip(s, limit),
    (s) => skipWhile(s, isSmall),
    (s) => scan(s, 0, (sum, n) => sum + note(n)),
    (s) => inspect(s, note),
    (s) => mapStream(enumerate(s), ([i, n]) => i + note(n)),
  ];
  return random.pick(makers);
}

/** All that can be seen of a random row from outside, poll by poll. */
function life(seed: number, between: Between): Log {
  const random = new Random(seed);
  const log: Log = [];
  const steps = Array.from(
    { length: random.below(25) },
    () => random.chance(0.2) ? Pending : random.below(30),
  );
  const source = new Source(steps);
  let row: Stream<number> = source;
  const operators = 2 + random.below(5);
  for (let place = 1; place <= operators; place++) {
    const all = operator(random, place, log, () => row[Symbol.dispose]());
    row = all(between(row));
  }
  const drop = random.chance(0.3) ? random.below(20) : Infinity;
  for (let poll = 0; poll < 60; poll++) {
    if (poll === drop) row[Symbol.dispose]();
    try {
      log.push(row.pollNext(cx));
    } catch (error) {
      log.push(String(error));
    }
    if (source.isWaiting) source.fire();
    log.push(source.polls, source.drops, source.ended);
  }
  source.claim(); // it was given up
  return log;
}

Deno.test("rows: operators in a row do what each of them would do alone", () => {
  let ends = 0;
  forSeeds(1_000, ({ seed }) => {
    const together = life(seed, (stream) => stream);
    assertEquals(together, life(seed, (stream) => new Apart(stream)));
    if (together.includes(Done)) ends++;
  });
  assert(ends > 250, "too few of the rows have come to their end");
});

Deno.test("rows: what has given all that it may is not asked again, however much is left out behind it", () => {
  const source = new Source([1, 2, 3, 4]);
  const row = filterStream(take(source, 2), (n) => n > 2);
  assertEquals(row.pollNext(cx), Done);
  assertEquals([source.polls, source.drops], [2, 1]);
});

Deno.test("rows: of two limits in a row the outer one ends first, and drops the inner", () => {
  const ends: ((s: Stream<number>) => Stream<number>)[] = [
    (s) => s,
    (s) => mapStream(s, (n) => n),
  ];
  for (const end of ends) {
    const inner = take(new Source([1, 2, 3]), 2);
    const outer = take(inner, 2);
    const row = end(outer);
    assertEquals([row.pollNext(cx), row.pollNext(cx)], [1, 2]);
    assertEquals(row.pollNext(cx), Done);
    assertThrows(() => inner.pollNext(cx), Error, "it was dropped");
    assertThrows(() => outer.pollNext(cx), Error, "it already completed");
  }
});

Deno.test("rows: an operator that somebody dropped is noticed by those who poll it through others", () => {
  const source = new Source([1, 2, 3]);
  const inner = mapStream(source, (n) => n);
  const row = mapStream(mapStream(inner, (n) => n), (n) => n);
  assertEquals(row.pollNext(cx), 1);
  inner[Symbol.dispose]();
  assertThrows(
    () => row.pollNext(cx),
    PolledAfterCompletionError,
    "Cannot poll MapStream: it was dropped",
  );
  assertEquals(source.polls, 1);
});

Deno.test("rows: an operator that is dropped by what it calls says so in that poll", () => {
  const cases = [
    ["source", [1]],
    ["source", [Pending]],
    ["source", []],
    ["a step that keeps", [1]],
    ["a step that leaves out", [1]],
  ] as const;
  for (const [by, steps] of cases) {
    for (const which of [0, 1]) {
      const drop = () => further[which]![Symbol.dispose]();
      const source = new Source<number>(steps);
      if (by === "source") source.onPoll = drop;
      const first = filterStream(source, () => {
        if (by !== "source") drop();
        return by !== "a step that leaves out";
      });
      const further: Stream<number>[] = [first, takeWhile(first, () => true)];
      const row = mapStream(further[1]!, (n) => n);
      const message = `by ${by}: ${steps.map(String)}`;
      assertThrows(
        () => row.pollNext(cx),
        CancelledError,
        `${which === 0 ? "FilterStream" : "TakeWhile"}: it was dropped from`,
        message,
      );
      assertThrows(() => row.pollNext(cx), PolledAfterCompletionError);
      assertEquals([source.polls, source.drops], [1, 1], message);
    }
  }
});

Deno.test("rows: an operator cannot be polled from inside the poll of one that holds it", () => {
  const source = new Source([1, 2]);
  const inner: Stream<number> = mapStream(source, (n) => {
    assertThrows(
      () => inner.pollNext(cx),
      ReentrantPollError,
      "Cannot poll MapStream",
    );
    return n;
  });
  const middle = takeWhile(inner, () => true);
  assertEquals(inner.pollNext(cx), 1, "from outside it can");
  assertEquals(mapStream(middle, (n) => n).pollNext(cx), 2);
  assertEquals(source.polls, 2);
});

Deno.test("rows: when the source ends, all have completed and nobody holds it", () => {
  const source = new Source([1]);
  const inner = mapStream(source, (n) => n);
  const middle = skip(inner, 1);
  const row = take(middle, 5);
  assertEquals(row.pollNext(cx), Done);
  for (const each of [inner, middle, row]) {
    assertThrows(() => each.pollNext(cx), Error, "it already completed");
  }
  for (const each of [source, inner, middle]) adoptStream({}, each);
  assertEquals(source.drops, 0);
});

Deno.test("rows: a dump shows each operator with what it holds", () => {
  const source = iter([1]);
  const inner = mapStream(source, (n) => n);
  const row = take(inner, 1);
  assertEquals(row.inspect(), { name: "Take", children: [inner] });
  assertEquals(inner.inspect(), { name: "MapStream", children: [source] });
});
