// A `yield*` polls its future before it suspends the body.
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  adopt,
  CancelledError,
  co,
  join,
  noopWaker,
  Pending,
  pending,
  ready,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";

const cx = { waker: noopWaker };

Deno.test("co: a future that is ready is polled once, and does not suspend the body", () => {
  const probe = Probe.ready("at once");
  const future = co(function* () {
    return yield* probe;
  });
  assertEquals(future.poll(cx), "at once");
  assertEquals(probe.polls, 1);
});

Deno.test("co: a future that is pending is polled once in a poll", () => {
  const probe = new Probe();
  const future = co(function* () {
    return yield* probe;
  });
  assertStrictEquals(future.poll(cx), Pending);
  assertStrictEquals(future.poll(cx), Pending);
  assertEquals(probe.polls, 2);
});

Deno.test("co: what the body starts by hand and leaves is its own again", () => {
  const left = new Probe();
  const awaited = new Probe();
  const future = co(function* () {
    left[Symbol.iterator]().next(); // adopted and polled, but not waited for
    yield* awaited;
    return "done";
  });
  assertStrictEquals(future.poll(cx), Pending);
  assertEquals([left.polls, awaited.polls], [1, 1]);
  using _owner = join([left]); // free
  future[Symbol.dispose]();
  assertEquals([left.drops, awaited.drops], [0, 1]);
});

Deno.test("co: what a body leaves started at its end is its own again", () => {
  const left = new Probe();
  // deno-lint-ignore require-yield
  const future = co(function* () {
    left[Symbol.iterator]().next();
  });
  future.poll(cx);
  using _owner = join([left]);
});

Deno.test("co: a body that is dropped from within another does not wait through that", () => {
  const cleaning = new Probe();
  const inner = co(function* () {
    try {
      yield* pending();
    } finally {
      yield* cleaning;
    }
  });
  inner.poll(cx);
  // deno-lint-ignore require-yield
  const outer = co(function* () {
    inner[Symbol.dispose]();
  });
  assertThrows(() => outer.poll(cx), CancelledError, "must not wait");
  assertEquals([cleaning.polls, cleaning.drops], [0, 1]);
});

Deno.test("co: a generator that a child runs by hand is not taken for the body", () => {
  const inside = new Probe();
  const child = new Probe();
  child.onPoll = () => {
    const { value } = inside[Symbol.iterator]().next();
    assertStrictEquals(value, inside);
  };
  const future = co(function* () {
    yield* child;
  });
  future.poll(cx);
  future.poll(cx);
  assertEquals(inside.polls, 0);
});

Deno.test("co: what has ended is nobody's from the next step of the body on", () => {
  const owner = {};
  const good = Probe.ready(1);
  const bad = Probe.failing(new Error("boom"));
  const future = co(function* () {
    yield* good;
    adopt(owner, good);
    try {
      yield* bad;
    } catch {
      adopt(owner, bad);
    }
    return "done";
  });
  assertEquals(future.poll(cx), "done");
});

Deno.test("co: what the body starts by hand is its own again when it yields another", () => {
  const left = new Probe();
  const awaited = new Probe();
  const future = co(function* () {
    left[Symbol.iterator]().next();
    yield awaited;
  });
  assertStrictEquals(future.poll(cx), Pending);
  assertEquals([left.polls, awaited.polls], [1, 1]);
  using _owner = join([left]);
  future[Symbol.dispose]();
  assertEquals([left.drops, awaited.drops], [0, 1]);
});

Deno.test("co: an iterator that its body keeps by hand is not taken for the next yield*", () => {
  const body = co(function* () {
    const kept = ready(1)[Symbol.iterator]();
    const two = yield* ready(2);
    return [two, kept.next().value];
  });
  assertEquals(body.poll({ waker: noopWaker }), [2, 1]);
});
