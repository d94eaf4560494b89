import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  FutureMovedError,
  FuturesOrdered,
  join,
  Pending,
  PolledAfterCompletionError,
} from "../../future/mod.ts";
import { Done } from "../../future/stream/mod.ts";
import { wakeCounter } from "../../executor/sim/mod.ts";
import { Probe } from "../_probe.ts";

const cx = { waker: wakeCounter() };

Deno.test("FuturesOrdered: values come in the order of the futures", () => {
  const [a, b, c] = [
    new Probe<number>(),
    new Probe<number>(),
    new Probe<number>(),
  ];
  using queue = new FuturesOrdered([a, b, c]);
  c.complete(3);
  assertStrictEquals(queue.pollNext(cx), Pending);
  a.complete(1);
  assertEquals(queue.pollNext(cx), 1);
  assertStrictEquals(queue.pollNext(cx), Pending);
  assertEquals(queue.size, 2);
  b.complete(2);
  assertEquals(queue.pollNext(cx), 2);
  assertEquals(queue.pollNext(cx), 3);
  assertStrictEquals(queue.pollNext(cx), Done);
});

Deno.test("FuturesOrdered: a failure waits for its turn too, and the others go on", () => {
  const first = new Probe<number>();
  using queue = new FuturesOrdered<number>([
    first,
    Probe.failing(new Error("boom")),
    Probe.ready(3),
  ]);
  assertStrictEquals(queue.pollNext(cx), Pending);
  first.complete(1);
  assertEquals(queue.pollNext(cx), 1);
  assertThrows(() => queue.pollNext(cx), Error, "boom");
  assertEquals(queue.pollNext(cx), 3);
});

Deno.test("FuturesOrdered: can be pushed to at any time", () => {
  using queue = new FuturesOrdered<number>();
  assertStrictEquals(queue.pollNext(cx), Done);
  queue.push(Probe.ready(1));
  assertEquals(queue.pollNext(cx), 1);
});

Deno.test("FuturesOrdered: a drop drops those alive, and the values that waited", () => {
  const [a, b] = [new Probe<number>(), new Probe<number>()];
  const queue = new FuturesOrdered([a, b]);
  b.complete(2);
  queue.pollNext(cx);
  queue[Symbol.dispose]();
  assertEquals([a.drops, b.drops], [1, 0]);
  assertThrows(() => queue.pollNext(cx), PolledAfterCompletionError);
  assertThrows(() => queue.push(new Probe()), PolledAfterCompletionError);
});

Deno.test("FuturesOrdered: adopts all futures or none", () => {
  const free = new Probe<number>();
  const held = new Probe<number>();
  using _owner = join([held]);
  assertThrows(() => new FuturesOrdered([free, held]), FutureMovedError);
  using _queue = new FuturesOrdered([free]);
});
