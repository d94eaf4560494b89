// What a stream is by itself: next, ownership, drops from inside.
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { pollOnce } from "../../../executor/sim/mod.ts";
import {
  CancelledError,
  type Future,
  FutureMovedError,
  noopWaker,
  Pending,
  PolledAfterCompletionError,
  ready,
  ReentrantPollError,
} from "../../../future/mod.ts";
import {
  adoptStream,
  chain,
  collect,
  Done,
  filterStream,
  forEach,
  fromCallback,
  inspect,
  iter,
  mapStream,
  merge,
  pinStream,
  releaseStream,
  type Stream,
  take,
  takeUntil,
  zip,
} from "../../../future/stream/mod.ts";
import { Probe } from "../../_probe.ts";
import { Failure, Source } from "./_world.ts";

const cx = { waker: noopWaker };
const broken = new Error("broken");

Deno.test("stream: Done is the same for two copies of the module", () => {
  assertStrictEquals(Done, Symbol.for("@pollen/futures.Done"));
});

Deno.test("stream: next gives the items one by one, then Done", () => {
  const stream = iter(["a", "b"]);
  assertEquals(pollOnce(stream.next()), "a");
  assertEquals(pollOnce(stream.next()), "b");
  assertStrictEquals(pollOnce(stream.next()), Done);
  assertThrows(
    () => pollOnce(stream.next()),
    PolledAfterCompletionError,
    "Cannot poll ArrayIter: it already completed",
  );
});

Deno.test("stream: next does nothing before its first poll", () => {
  const source = new Source([1]);
  source.next();
  assertEquals(source.polls, 0);
  source.claim();
});

Deno.test("stream: next holds the stream from its first poll to its end", () => {
  const source = new Source([Pending, 1, 2]);
  const next = source.next();
  assertStrictEquals(pollOnce(next), Pending);
  assertThrows(
    () => pollOnce(source.next()),
    FutureMovedError,
    "Cannot move Source: Next holds it",
  );
  assertThrows(() => take(source, 1), FutureMovedError);
  source.fire();
  assertEquals(pollOnce(next), 1);
  source.claim();
  assertThrows(
    () => pollOnce(next),
    PolledAfterCompletionError,
    "Cannot poll Next: it already completed",
  );
});

Deno.test("stream: next of a stream that somebody holds fails, and stays failed", () => {
  const source = new Source([1]);
  using _owner = take(source, 1);
  const next = source.next();
  assertThrows(() => pollOnce(next), FutureMovedError, "Take holds it");
  assertThrows(
    () => pollOnce(next),
    PolledAfterCompletionError,
    "Cannot poll Next: it already failed",
  );
  next[Symbol.dispose]();
  assertThrows(() => collect(source), FutureMovedError, "Take holds it");
});

Deno.test("stream: a next that is dropped gives the stream back, and loses no item", () => {
  const source = new Source([Pending, 1]);
  const next = source.next();
  pollOnce(next);
  next[Symbol.dispose]();
  next[Symbol.dispose]();
  source.fire();
  assertThrows(() => pollOnce(next), Error, "it was dropped");
  assertEquals(pollOnce(source.next()), 1);
  assertEquals(source.drops, 0);
});

Deno.test("stream: a next that is dropped takes the stream from nobody", () => {
  const source = new Source([Pending]);
  const unused = source.next();
  const inside = source.next();
  const owner = {};
  source.onPoll = () => {
    inside[Symbol.dispose]();
    adoptStream(owner, source);
  };
  assertThrows(() => pollOnce(inside), CancelledError);
  assertThrows(() => source.claim(), FutureMovedError, "Object holds it");
  unused[Symbol.dispose]();
  assertThrows(() => source.claim(), FutureMovedError, "Object holds it");
});

Deno.test("stream: a failure comes out of next, and the stream is free", () => {
  const source = new Source([new Failure(broken)]);
  const next = source.next();
  assertStrictEquals(assertThrows(() => pollOnce(next)), broken);
  assertThrows(() => pollOnce(next), Error, "it already failed");
  source.claim();
});

Deno.test("stream: a next that is dropped from inside its poll says so", () => {
  const source = new Source([Pending]);
  const next = source.next();
  source.onPoll = () => next[Symbol.dispose]();
  assertThrows(() => pollOnce(next), CancelledError, "Cannot go on with Next");
  source.claim();
});

Deno.test("stream: what is no stream cannot be adopted, and the text helps", () => {
  const text =
    "it is not a Stream; iter(), fromAsyncIterable() and fromReadableStream() make one";
  for (const no of [null, [1], "abc", ready(1), Promise.resolve(1)]) {
    const stream = no as unknown as Stream<number>;
    assertThrows(() => adoptStream({}, stream), TypeError, text);
    assertThrows(() => mapStream(stream, String), TypeError, text);
    assertThrows(() => collect(stream), TypeError, text);
    assertThrows(() => pinStream(stream), TypeError, text);
    assertThrows(() => merge([stream]), TypeError, "entry 0 is not a Stream");
    assertThrows(() => zip(iter([]), stream), TypeError, "entry 1");
    assertThrows(() => chain(iter([]), stream), TypeError, "Cannot chain");
  }
});

Deno.test("stream: releasing what nobody holds does nothing", () => {
  const source = new Source([1]);
  releaseStream(source);
  source.claim();
});

Deno.test("stream: of several streams, all are adopted or none", () => {
  const held = new Source([1]);
  using _owner = take(held, 1);
  for (const combine of [merge, zip, chain]) {
    const free = new Source([1]);
    assertThrows(() => combine(free, held), FutureMovedError);
    assertThrows(() => combine([free, free]), FutureMovedError);
    free.claim();
    assertEquals(free.drops, 0);
  }
  const free = new Source([1]);
  const stop = new Probe();
  using _other = takeUntil(new Source([]), stop);
  assertThrows(() => takeUntil(free, stop), FutureMovedError);
  free.claim();
});

Deno.test("stream: merge, zip and chain take arrays and lists, and nothing at all", () => {
  for (const combine of [merge, zip, chain]) {
    assertStrictEquals(combine().pollNext(cx), Done);
    assertStrictEquals(combine([]).pollNext(cx), Done);
  }
  assertEquals(pollOnce(collect(chain([iter([1]), iter([2])]))), [1, 2]);
  assertEquals(pollOnce(collect(merge([iter([1]), iter([2])]))), [1, 2]);
  assertEquals(pollOnce(collect(zip([iter([1]), iter(["a"])]))), [[1, "a"]]);
});

Deno.test("stream: a stream that polls itself is told, and so is a future", () => {
  const streams: Stream<unknown>[] = [
    mapStream(iter([1]), () => streams[0]!.pollNext(cx)),
    filterStream(iter([1]), () => streams[1]!.pollNext(cx) === 1),
    merge(mapStream(iter([1]), () => streams[2]!.pollNext(cx))),
  ];
  for (const stream of streams) {
    assertThrows(() => stream.pollNext(cx), ReentrantPollError);
  }
  const each: Future<void> = forEach(iter([1]), () => each.poll(cx));
  assertThrows(() => each.poll(cx), ReentrantPollError, "Cannot poll ForEach");
});

Deno.test("stream: dropped from inside its poll, it drops its source after that poll, and says so", () => {
  const sources: Source<number>[] = [];
  const make = (steps: (number | Pending)[]) => {
    const source = new Source(steps);
    sources.push(source);
    return source;
  };
  const cases: (() => { poll(): unknown })[] = [
    () => {
      const stream: Stream<number> = inspect(
        make([1]),
        () => stream[Symbol.dispose](),
      );
      return { poll: () => stream.pollNext(cx) };
    },
    () => {
      const source = make([Pending]);
      const stream = merge(source);
      source.onPoll = () => stream[Symbol.dispose]();
      return { poll: () => stream.pollNext(cx) };
    },
    () => {
      const source = make([Pending]);
      const future = forEach(source, () => {});
      source.onPoll = () => future[Symbol.dispose]();
      return { poll: () => future.poll(cx) };
    },
  ];
  for (const set of cases) {
    const { poll } = set();
    assertThrows(poll, CancelledError, "it was dropped from inside its poll");
    assertThrows(poll, PolledAfterCompletionError, "it was dropped");
  }
  for (const source of sources) {
    assertEquals([source.drops, source.polls], [1, 1]);
  }
});

Deno.test("stream: dropped from inside the poll that ends it, it has ended", () => {
  const source = new Source<number>([]);
  const all = collect(source);
  source.onPoll = () => all[Symbol.dispose]();
  assertEquals(all.poll(cx), []);
});

Deno.test("stream: one drop that throws does not keep the others alive", () => {
  const bad = () => fromCallback(() => () => fail());
  const fail = () => {
    throw broken;
  };
  const good = new Source([Pending]);
  const stream = chain(bad(), good);
  assertStrictEquals(stream.pollNext(cx), Pending);
  assertStrictEquals(assertThrows(() => stream[Symbol.dispose]()), broken);
  assertEquals(good.drops, 1);

  const last = new Source([new Failure(new TypeError("first"))]);
  const several = merge(bad(), last);
  const error = assertThrows(
    () => several.pollNext(cx),
    SuppressedError,
  );
  assertEquals([error.error, error.suppressed.message], [broken, "first"]);
});

Deno.test("stream: an end whose drops throw is a failure", () => {
  const stream = take(
    fromCallback<number>(({ push }) => {
      push(1);
      return () => {
        throw broken;
      };
    }),
    1,
  );
  assertEquals(stream.pollNext(cx), 1);
  assertStrictEquals(assertThrows(() => stream.pollNext(cx)), broken);
  assertThrows(() => stream.pollNext(cx), Error, "it already failed");
});

Deno.test("take: does not poll beyond the last item, and take of 0 polls nothing", () => {
  const source = new Source([1, 2, 3]);
  const stream = take(source, 2);
  assertEquals([stream.pollNext(cx), stream.pollNext(cx)], [1, 2]);
  assertStrictEquals(stream.pollNext(cx), Done);
  assertEquals([source.polls, source.drops], [2, 1]);

  const untouched = new Source([1]);
  assertStrictEquals(take(untouched, 0).pollNext(cx), Done);
  assertEquals([untouched.polls, untouched.drops], [0, 1]);
});

Deno.test("zip: polls in a round only those whose item is missing, and drops the rest at the end", () => {
  const [a, b] = [new Source([1, 2]), new Source([Pending, "x"])];
  const rows = zip(a, b);
  assertStrictEquals(rows.pollNext(cx), Pending);
  assertEquals([a.polls, b.polls], [1, 1]);
  b.fire();
  assertEquals(rows.pollNext(cx), [1, "x"]);
  assertEquals([a.polls, b.polls], [1, 2]);
  assertStrictEquals(rows.pollNext(cx), Done);
  assertEquals([a.polls, b.polls, a.drops, b.drops], [2, 3, 1, 0]);
});

Deno.test("stream: rows and merged items have the types of their sources", () => {
  const rows: Stream<[number, string]> = zip(iter([1]), iter(["a"]));
  const listed: Stream<[number, string]> = zip([iter([1]), iter(["a"])]);
  const merged: Stream<number | string> = merge(iter([1]), iter(["a"]));
  const same: Stream<number | string> = chain([iter([1]), iter(["a"])]);
  for (const stream of [rows, listed, merged, same]) {
    stream[Symbol.dispose]();
  }
});
