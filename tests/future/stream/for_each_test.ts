// forEach, forEachConcurrent, and what all that takes futures has in common.
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";

import { type Future, join, noopWaker, Pending } from "../../../future/mod.ts";
import {
  buffered,
  bufferUnordered,
  chunks,
  collect,
  forEach,
  forEachConcurrent,
  iter,
  once,
  skip,
  take,
  thenStream,
  unfold,
} from "../../../future/stream/mod.ts";
import { Probe } from "../../_probe.ts";
import { Source } from "./_world.ts";

const cx = { waker: noopWaker };
const broken = new Error("broken");

function probes(length: number): Probe<number>[] {
  return Array.from({ length }, () => new Probe<number>());
}

Deno.test("forEachConcurrent: runs up to n at a time, until all are done", () => {
  const all = probes(3);
  const seen: number[] = [];
  const each = forEachConcurrent(iter([0, 1, 2]), 2, (i) => {
    seen.push(i);
    return all[i];
  });
  assertEquals(seen, []);
  assertStrictEquals(each.poll(cx), Pending);
  assertEquals(seen, [0, 1]);
  all[1]!.complete(1);
  assertStrictEquals(each.poll(cx), Pending);
  assertEquals(seen, [0, 1, 2]);
  all[0]!.complete(0);
  all[2]!.complete(2);
  assertStrictEquals(each.poll(cx), undefined);
});

Deno.test("forEachConcurrent: takes functions that wait for nothing, and fails with the first failure", () => {
  const seen: number[] = [];
  const each = forEachConcurrent(iter([1, 2, 3]), 2, (n) => {
    seen.push(n);
  });
  assertStrictEquals(each.poll(cx), undefined);
  assertEquals(seen, [1, 2, 3]);

  const running = new Probe();
  const failing = forEachConcurrent(
    iter([running, Probe.failing(broken)]),
    2,
    (probe) => probe,
  );
  assertStrictEquals(assertThrows(() => failing.poll(cx)), broken);
  assertEquals(running.drops, 1);
});

Deno.test("forEachConcurrent, take, skip, chunks: refuse a number that is none, and adopt nothing then", () => {
  const source = new Source([1]);
  const calls: [string, (n: number) => unknown, number[]][] = [
    [
      "Cannot run forEachConcurrent: n must be a whole number of at least 1",
      (n) => forEachConcurrent(source, n, () => {}),
      [0, -1, 1.5, NaN],
    ],
    [
      "Cannot make chunks: n must be a whole number of at least 1",
      (n) => chunks(source, n),
      [0, -1, 1.5, NaN],
    ],
    [
      "Cannot take: n must be a whole number of at least 0",
      (n) => take(source, n),
      [-1, 1.5, NaN],
    ],
    [
      "Cannot skip: n must be a whole number of at least 0",
      (n) => skip(source, n),
      [-1, 1.5, NaN],
    ],
  ];
  for (const [text, call, refused] of calls) {
    for (const n of refused) {
      assertThrows(() => call(n), RangeError, `${text}, or Infinity, got ${n}`);
    }
  }
  source.claim();
  assertEquals(collect(take(iter([1, 2]), Infinity)).poll(cx), [1, 2]);
  assertEquals(collect(chunks(iter([1, 2]), Infinity)).poll(cx), [[1, 2]]);
});

Deno.test("forEach: waits for the future of an item before it takes the next", () => {
  const source = new Source([1, 2]);
  const steps = probes(2);
  const each = forEach(source, (n) => steps[n - 1]);
  assertStrictEquals(each.poll(cx), Pending);
  assertStrictEquals(each.poll(cx), Pending);
  assertEquals([source.polls, steps[0]!.polls, steps[1]!.polls], [1, 2, 0]);
  steps[0]!.complete(0);
  assertStrictEquals(each.poll(cx), Pending);
  steps[1]!.complete(0);
  assertStrictEquals(each.poll(cx), undefined);
});

Deno.test("streams of futures: a future that has failed is not dropped besides", () => {
  const uses: ((probe: Future<never>) => Future<unknown>)[] = [
    (probe) => forEach(iter([1]), () => probe),
    (probe) => collect(thenStream(iter([1]), () => probe)),
    (probe) => collect(unfold(0, () => probe)),
    (probe) => collect(once(probe)),
    (probe) => collect(buffered(iter([probe]), 1)),
    (probe) => collect(bufferUnordered(iter([probe]), 1)),
  ];
  for (const use of uses) {
    const probe = Probe.failing(broken);
    assertStrictEquals(assertThrows(() => use(probe).poll(cx)), broken);
    assertEquals([probe.polls, probe.drops], [1, 0]);
    join([probe])[Symbol.dispose](); // and it is free
  }
});

Deno.test("forEach, forEachConcurrent: a promise, which nobody would wait for, is refused", () => {
  const uses = [
    () => forEach(iter([1]), () => Promise.resolve()),
    () => forEachConcurrent(iter([1]), 2, async () => {}),
  ];
  for (const use of uses) {
    assertThrows(
      () => use().poll(cx),
      TypeError,
      "Cannot adopt Promise: it is not a Future; wrap a promise with fromPromise()",
    );
  }
});
