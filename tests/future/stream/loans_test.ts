// Loans and looks ahead, and streams over a future.
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { pollOnce, wakeCounter } from "../../../executor/sim/mod.ts";
import {
  CancelledError,
  FutureMovedError,
  noopWaker,
  Pending,
  PolledAfterCompletionError,
} from "../../../future/mod.ts";
import {
  adoptStream,
  collect,
  Done,
  iter,
  once,
  peekable,
  pinStream,
  take,
  takeUntil,
} from "../../../future/stream/mod.ts";
import { Probe } from "../../_probe.ts";
import { Failure, Source } from "./_world.ts";

const cx = { waker: noopWaker };
const broken = new Error("broken");

Deno.test("pinStream: what is left after a loan is still there", () => {
  const source = new Source([1, 2, 3, 4]);
  assertEquals(pollOnce(collect(take(pinStream(source), 2))), [1, 2]);
  assertEquals(source.drops, 0);
  assertEquals(pollOnce(collect(source)), [3, 4]);
});

Deno.test("pinStream: the loan begins at the first poll and ends with the drop, the end or a failure", () => {
  const source = new Source([1, Pending, new Failure(broken)]);
  const loan = pinStream(source);
  source.claim();
  assertEquals(loan.pollNext(cx), 1);
  assertThrows(() => source.claim(), FutureMovedError, "PinnedStream holds it");
  loan[Symbol.dispose]();
  source.claim();
  assertThrows(
    () => loan.pollNext(cx),
    PolledAfterCompletionError,
    "Cannot poll PinnedStream: it was dropped",
  );

  const second = pinStream(source);
  assertStrictEquals(second.pollNext(cx), Pending);
  source.fire();
  assertStrictEquals(assertThrows(() => second.pollNext(cx)), broken);
  assertThrows(() => second.pollNext(cx), Error, "it already failed");
  source.claim();

  const empty = new Source([]);
  const third = pinStream(empty);
  assertStrictEquals(third.pollNext(cx), Done);
  assertThrows(() => third.pollNext(cx), Error, "it already completed");
  empty.claim();
});

Deno.test("pinStream: dropped from inside its poll, it says so, and the stream is free", () => {
  const source = new Source([Pending]);
  const loan = pinStream(source);
  source.onPoll = () => {
    loan[Symbol.dispose]();
    source.onPoll = null;
  };
  assertThrows(() => loan.pollNext(cx), CancelledError, "PinnedStream");
  assertEquals([source.drops, source.ended], [0, null]);
  source.claim();
});

Deno.test("pinStream: a loan that is dropped takes the stream from nobody", () => {
  const source = new Source([Pending]);
  const [unused, inside] = [pinStream(source), pinStream(source)];
  const owner = {};
  source.onPoll = () => {
    inside[Symbol.dispose]();
    adoptStream(owner, source);
  };
  assertThrows(() => inside.pollNext(cx), CancelledError);
  unused[Symbol.dispose]();
  assertThrows(() => source.claim(), FutureMovedError, "Object holds it");
});

Deno.test("peekable: peek leaves the item where it is, as often as it is asked", () => {
  const source = new Source([Pending, 1, 2]);
  const stream = peekable(source);
  const peek = stream.peek();
  const waker = wakeCounter();
  assertStrictEquals(pollOnce(peek, waker), Pending);
  source.fire();
  assertEquals(waker.count, 1);
  assertEquals(pollOnce(peek), 1);
  assertEquals(pollOnce(stream.peek()), 1);
  assertEquals(stream.pollPeek(cx), 1);
  assertEquals(source.polls, 2);
  assertEquals(pollOnce(collect(stream)), [1, 2]);
});

Deno.test("peekable: the end can be looked at, and is then still to come", () => {
  const stream = peekable(iter([]));
  assertStrictEquals(pollOnce(stream.peek()), Done);
  assertStrictEquals(pollOnce(stream.peek()), Done);
  assertStrictEquals(stream.pollNext(cx), Done);
  assertThrows(() => stream.pollNext(cx), Error, "it already completed");
  assertThrows(() => stream.pollPeek(cx), Error, "it already completed");
});

Deno.test("peekable: a failure comes out of the look, once", () => {
  const stream = peekable(new Source([new Failure(broken)]));
  assertStrictEquals(assertThrows(() => pollOnce(stream.peek())), broken);
  assertThrows(() => pollOnce(stream.peek()), Error, "it already failed");
});

Deno.test("peekable: dropped, it forgets what was looked at", () => {
  const source = new Source([1, 2]);
  const stream = peekable(source);
  stream.pollPeek(cx);
  stream[Symbol.dispose]();
  assertEquals(source.drops, 1);
  assertThrows(() => stream.pollPeek(cx), Error, "it was dropped");
  assertThrows(() => stream.pollNext(cx), Error, "it was dropped");
});

Deno.test("once: gives the value of the future, then ends", () => {
  const probe = new Probe<number>();
  const stream = once(probe);
  assertThrows(() => once(probe), FutureMovedError);
  assertStrictEquals(stream.pollNext(cx), Pending);
  probe.complete(1);
  assertEquals(stream.pollNext(cx), 1);
  assertStrictEquals(stream.pollNext(cx), Done);
  assertEquals([probe.polls, probe.drops], [2, 0]);

  const failing = once(Probe.failing(broken));
  assertStrictEquals(assertThrows(() => failing.pollNext(cx)), broken);
  assertThrows(() => failing.pollNext(cx), Error, "it already failed");

  const dropped = new Probe();
  once(dropped)[Symbol.dispose]();
  assertEquals(dropped.drops, 1);
});

Deno.test("takeUntil: ends when the future completes, which comes before an item", () => {
  const source = new Source([1, Pending, 2]);
  const stop = new Probe();
  const stream = takeUntil(source, stop);
  const waker = wakeCounter();
  assertEquals(stream.pollNext({ waker }), 1);
  assertStrictEquals(stream.pollNext({ waker }), Pending);
  source.fire();
  stop.complete("now");
  assertEquals(waker.count, 2);
  assertStrictEquals(stream.pollNext({ waker }), Done);
  assertEquals([source.polls, source.drops, stop.drops], [2, 1, 0]);
});

Deno.test("takeUntil: drops the future when the stream ends first, and fails when it fails", () => {
  const stop = new Probe();
  assertStrictEquals(takeUntil(iter([]), stop).pollNext(cx), Done);
  assertEquals(stop.drops, 1);

  const source = new Source([1]);
  const stream = takeUntil(source, Probe.failing(broken));
  assertStrictEquals(assertThrows(() => stream.pollNext(cx)), broken);
  assertEquals([source.polls, source.drops], [0, 1]);
});
