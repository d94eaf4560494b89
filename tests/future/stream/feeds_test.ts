// Streams that others feed: callbacks and events.
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { wakeCounter } from "../../../executor/sim/mod.ts";

import { noopWaker, Pending } from "../../../future/mod.ts";
import {
  Done,
  fromCallback,
  fromEvents,
  type Stream,
} from "../../../future/stream/mod.ts";
import { worlds } from "./_world.ts";

const cx = { waker: noopWaker };
const broken = new Error("broken");

/** A callback stream with its feed at hand. */
function fed(options?: Parameters<typeof fromCallback>[1]) {
  const log: string[] = [];
  let feed: {
    push(item: number): boolean;
    end(): void;
    fail(error: unknown): void;
  } | undefined;
  const stream = fromCallback<number>((given) => {
    feed = given;
    log.push("start");
    return () => log.push("stop");
  }, options);
  return { stream, log, feed: () => feed! };
}

Deno.test("fromCallback: starts at the first poll, wakes at a push, stops once at the end", () => {
  const { stream, log, feed } = fed();
  const waker = wakeCounter();
  assertEquals(log, []);
  assertStrictEquals(stream.pollNext({ waker }), Pending);
  assertEquals(log, ["start"]);
  const { push, end } = feed();
  assertEquals([push(1), push(2)], [true, true]);
  assertEquals(waker.count, 1);
  end();
  assertEquals(push(3), false);
  assertEquals([stream.pollNext(cx), stream.pollNext(cx)], [1, 2]);
  assertEquals(log, ["start"]);
  assertStrictEquals(stream.pollNext(cx), Done);
  stream[Symbol.dispose]();
  assertEquals(log, ["start", "stop"]);
});

Deno.test("fromCallback: an end or a failure wakes, and comes after the items that wait", () => {
  for (const how of ["end", "fail"] as const) {
    const { stream, feed } = fed();
    const waker = wakeCounter();
    stream.pollNext({ waker });
    how === "end" ? feed().end() : feed().fail(broken);
    assertEquals(waker.count, 1);
    feed().fail(new Error("too late"));
    if (how === "end") assertStrictEquals(stream.pollNext(cx), Done);
    else assertStrictEquals(assertThrows(() => stream.pollNext(cx)), broken);
  }
  const { stream, feed, log } = fed();
  stream.pollNext(cx);
  feed().push(1);
  feed().fail(broken);
  assertEquals(stream.pollNext(cx), 1);
  assertStrictEquals(assertThrows(() => stream.pollNext(cx)), broken);
  assertEquals(log, ["start", "stop"]);
});

Deno.test("fromCallback: wakes the waker of the last poll", () => {
  const { stream, feed } = fed();
  const [first, second] = [wakeCounter(), wakeCounter()];
  stream.pollNext({ waker: first });
  stream.pollNext({ waker: second });
  feed().push(1);
  assertEquals([first.count, second.count], [0, 1]);
});

Deno.test("fromCallback: dropped, it stops, forgets what waits, and takes nothing more", () => {
  const { stream, log, feed } = fed();
  const waker = wakeCounter();
  stream.pollNext({ waker });
  stream[Symbol.dispose]();
  assertEquals([feed().push(1), waker.count], [false, 0]);
  assertEquals(log, ["start", "stop"]);

  const untouched = fed();
  untouched.stream[Symbol.dispose]();
  assertEquals(untouched.log, []);
});

Deno.test("fromCallback: what start throws is the failure", () => {
  const stream = fromCallback(() => {
    throw broken;
  });
  assertStrictEquals(assertThrows(() => stream.pollNext(cx)), broken);
});

Deno.test("fromCallback: dropped by its own start, it stops what that started", () => {
  const log: string[] = [];
  const stream: Stream<number> = fromCallback(() => {
    stream[Symbol.dispose]();
    return () => log.push("stop");
  });
  assertThrows(() => stream.pollNext(cx), Error, "from inside its poll");
  assertEquals(log, ["stop"]);
});

Deno.test("fromCallback: a full buffer fails, or drops the oldest or the newest, as chosen", () => {
  const run = (overflow?: "fail" | "dropOldest" | "dropNewest") => {
    const { stream, feed } = fed(
      overflow === undefined ? { capacity: 2 } : { capacity: 2, overflow },
    );
    stream.pollNext(cx);
    const taken = [1, 2, 3].map((n) => feed().push(n));
    return { stream, taken, items: [stream.pollNext(cx), stream.pollNext(cx)] };
  };
  for (const overflow of [undefined, "fail"] as const) {
    const { stream, taken, items } = run(overflow);
    assertEquals([taken, items], [[true, true, false], [1, 2]]);
    assertThrows(
      () => stream.pollNext(cx),
      RangeError,
      "Cannot go on with fromCallback: 2 items wait to be read and there is no room for another",
    );
  }
  const oldest = run("dropOldest");
  assertEquals([oldest.taken, oldest.items], [[true, true, true], [2, 3]]);
  assertStrictEquals(oldest.stream.pollNext(cx), Pending);
  const newest = run("dropNewest");
  assertEquals([newest.taken, newest.items], [[true, true, false], [1, 2]]);
  assertStrictEquals(newest.stream.pollNext(cx), Pending);
});

Deno.test("fromCallback: keeps 1024 items by default, in order, and refuses a capacity that is none", () => {
  const { stream, feed } = fed();
  stream.pollNext(cx);
  for (let n = 0; n < 1024; n++) assertEquals(feed().push(n), true);
  assertEquals(feed().push(1024), false);
  for (let n = 0; n < 1024; n++) assertEquals(stream.pollNext(cx), n);
  for (const capacity of [0, -1, 1.5, NaN]) {
    assertThrows(
      () => fromCallback(() => {}, { capacity }),
      RangeError,
      `Cannot buffer for fromCallback: n must be a whole number of at least 1, or Infinity, got ${capacity}`,
    );
  }
});

Deno.test("fromCallback: keeps the order however the pushes and the reads fall", () => {
  for (const world of worlds(100)) {
    const { stream, feed } = fed({ capacity: Infinity });
    stream.pollNext(cx);
    let pushed = 0;
    let read = 0;
    for (let round = 0; round < 40; round++) {
      for (let i = world.below(9); i > 0; i--) feed().push(pushed++);
      for (let i = world.below(8); i > 0 && read < pushed; i--) {
        assertEquals(stream.pollNext(cx), read++, `seed ${world.seed}`);
      }
    }
    stream[Symbol.dispose]();
  }
});

/** An event target that knows how many listeners it has. */
class Target extends EventTarget {
  listeners = 0;
  override addEventListener(
    ...args: Parameters<EventTarget["addEventListener"]>
  ): void {
    this.listeners++;
    super.addEventListener(...args);
  }
  override removeEventListener(
    ...args: Parameters<EventTarget["removeEventListener"]>
  ): void {
    this.listeners--;
    super.removeEventListener(...args);
  }
}

Deno.test("fromEvents: listens from the first poll, once, and no longer when dropped", () => {
  const target = new Target();
  const stream = fromEvents(target, "tick");
  target.dispatchEvent(new Event("tick"));
  assertEquals(target.listeners, 0);
  const waker = wakeCounter();
  assertStrictEquals(stream.pollNext({ waker }), Pending);
  assertStrictEquals(stream.pollNext({ waker }), Pending);
  assertEquals(target.listeners, 1);
  const event = new Event("tick");
  target.dispatchEvent(new Event("tock"));
  assertEquals(waker.count, 0);
  target.dispatchEvent(event);
  assertEquals(waker.count, 1);
  assertStrictEquals(stream.pollNext({ waker }), event);
  stream[Symbol.dispose]();
  assertEquals(target.listeners, 0);
  target.dispatchEvent(event);
  assertEquals(waker.count, 1);
});

Deno.test("fromEvents: fails when too many events wait, and listens no longer then", () => {
  const target = new Target();
  const stream = fromEvents(target, "tick", { capacity: 1 });
  stream.pollNext(cx);
  const event = new Event("tick");
  target.dispatchEvent(event);
  target.dispatchEvent(new Event("tick"));
  assertStrictEquals(stream.pollNext(cx), event);
  assertThrows(
    () => stream.pollNext(cx),
    RangeError,
    "Cannot go on with fromEvents",
  );
  assertEquals(target.listeners, 0);
});

Deno.test("fromEvents: refuses what is no event target, and a capacity that is none", () => {
  assertThrows(
    () => fromEvents({} as EventTarget, "tick"),
    TypeError,
    "Cannot make a stream from Object: pass an EventTarget",
  );
  assertThrows(
    () => fromEvents(new EventTarget(), "tick", { capacity: 0 }),
    RangeError,
    "Cannot buffer for fromEvents",
  );
});
