import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLessOrEqual,
} from "@std/assert";
import { TimerWheel } from "../../../executor/time/_wheel.ts";

Deno.test("wheel: timers fire when they are due, not before", () => {
  const wheel = new TimerWheel<string>(0);
  wheel.insert(5, "a");
  assertEquals(wheel.advance(4.999), []);
  assertEquals(wheel.advance(5), ["a"]);
  assertEquals(wheel.advance(6), []);
});

Deno.test("wheel: a deadline is kept to its fraction", () => {
  const wheel = new TimerWheel<string>(0);
  wheel.insert(5.25, "a");
  wheel.insert(5.75, "b");
  assertEquals(wheel.advance(5.2), []);
  assertEquals(wheel.next(), 5.25);
  assertEquals(wheel.advance(5.25), ["a"]);
  assertEquals(wheel.next(), 5.75);
  assertEquals(wheel.advance(5.74), []);
  assertEquals(wheel.advance(6), ["b"]);
});

Deno.test("wheel: those due together fire by deadline, then as they were armed", () => {
  const wheel = new TimerWheel<string>(0);
  wheel.insert(7.5, "third");
  wheel.insert(7.25, "first");
  wheel.insert(9, "fifth");
  wheel.insert(7.5, "fourth");
  wheel.insert(7.25, "second");
  assertEquals(
    wheel.advance(10),
    ["first", "second", "third", "fourth", "fifth"],
  );
});

Deno.test("wheel: the order holds across the levels", () => {
  const wheel = new TimerWheel<number>(0);
  const deadlines = [5, 31, 32, 33, 40, 1023, 1024, 1025, 32768, 2 ** 20];
  for (const deadline of deadlines.toReversed()) {
    wheel.insert(deadline, deadline);
  }
  wheel.advance(20);
  wheel.insert(1024, -1024); // at another level by now than the first one
  assertEquals(
    wheel.advance(2 ** 20),
    [31, 32, 33, 40, 1023, 1024, -1024, 1025, 32768, 2 ** 20],
  );
});

Deno.test("wheel: a deadline that has passed is due at once, in its order", () => {
  const wheel = new TimerWheel<string>(100.5);
  wheel.insert(100.4, "just");
  wheel.insert(-5, "long ago");
  wheel.insert(-Infinity, "ever");
  assertEquals(wheel.advance(100.5), ["ever", "long ago", "just"]);
});

Deno.test("wheel: a removed timer does not fire", () => {
  const wheel = new TimerWheel<string>(0);
  wheel.insert(5, "a");
  const b = wheel.insert(5, "b");
  wheel.insert(5, "c");
  const far = wheel.insert(5000, "far");
  wheel.remove(b);
  wheel.remove(far);
  assertEquals([wheel.count, wheel.size], [2, 2]);
  assertEquals(wheel.advance(10_000), ["a", "c"]);
  assertEquals([wheel.count, wheel.size], [0, 0]);
});

Deno.test("wheel: first, last and only one of a slot can be removed", () => {
  for (const gone of [[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]]) {
    const wheel = new TimerWheel<number>(0);
    const rows = [0, 1, 2].map((i) => wheel.insert(40, i));
    for (const i of gone) wheel.remove(rows[i]!);
    wheel.insert(40, 3);
    assertEquals(
      wheel.advance(40),
      [0, 1, 2, 3].filter((i) => !gone.includes(i)),
    );
  }
});

Deno.test("wheel: a moved timer has its new deadline and comes last among its equals", () => {
  const wheel = new TimerWheel<string>(0);
  const a = wheel.insert(5, "a");
  wheel.insert(50, "b");
  wheel.move(a, 50);
  assertEquals(wheel.advance(49), []);
  assertEquals(wheel.advance(50), ["b", "a"]);
});

Deno.test("wheel: a row is known by its sequence number as long as it is armed", () => {
  const wheel = new TimerWheel<string>(0);
  const row = wheel.insert(5, "a");
  const sequence = wheel.sequenceOf(row);
  wheel.advance(4);
  assertEquals(wheel.sequenceOf(row), sequence);
  wheel.advance(5);
  assertEquals(wheel.sequenceOf(row), 0);
  const again = wheel.insert(9, "b");
  assertEquals(again, row, "the row is used again");
  assertGreaterOrEqual(wheel.sequenceOf(again), sequence + 1);
  const before = wheel.sequenceOf(again);
  wheel.move(again, 10);
  assertGreaterOrEqual(wheel.sequenceOf(again), before + 1);
  wheel.remove(again);
  assertEquals(wheel.sequenceOf(again), 0);
  assertEquals(wheel.sequenceOf(1_000_000), 0);
});

Deno.test("wheel: the value of a timer can be read as long as it is armed", () => {
  const wheel = new TimerWheel<string>(0);
  const row = wheel.insert(5, "a");
  wheel.move(row, 6);
  assertEquals(wheel.valueOf(row), "a");
  assertEquals(wheel.advance(6), ["a"]);
  assertEquals(wheel.valueOf(row), undefined);
  const again = wheel.insert(9, "b");
  wheel.remove(again);
  assertEquals(wheel.valueOf(again), undefined);
});

Deno.test("wheel: a timer is taken first, and given its deadline later", () => {
  const wheel = new TimerWheel<string>(0);
  const first = wheel.take("first");
  wheel.insert(5, "second");
  assertEquals([wheel.count, wheel.size], [2, 1]);
  assertEquals(wheel.next(), 5);
  wheel.set(first, 5);
  assertEquals([wheel.count, wheel.size], [2, 2]);
  assertEquals(wheel.deadlineOf(first), 5);
  assertEquals(wheel.advance(5), ["first", "second"]);
});

Deno.test("wheel: one taken and removed without a deadline leaves nothing", () => {
  const wheel = new TimerWheel<string>(0);
  wheel.remove(wheel.take("a"));
  assertEquals([wheel.count, wheel.size, wheel.next()], [0, 0, Infinity]);
  assertEquals(wheel.advance(2 ** 50 - 1), []);
});

Deno.test("wheel: the numbers wrap round, past 0, and those due together keep their order", () => {
  for (const start of [-3, 0, 2 ** 31 - 3]) {
    const wheel = new TimerWheel<number>(0, start);
    const rows = Array.from({ length: 6 }, (_, i) => wheel.insert(5, i));
    assert(rows.every((row) => wheel.sequenceOf(row) !== 0), `${start}`);
    wheel.move(rows[0]!, 5);
    assertEquals(wheel.advance(5), [1, 2, 3, 4, 5, 0]);
  }
});

Deno.test("wheel: the value of a timer that is gone is let go", () => {
  const wheel = new TimerWheel<object>(0);
  const fired = wheel.insert(5, {});
  const removed = wheel.insert(50, {});
  wheel.advance(5);
  wheel.remove(removed);
  assertEquals(wheel.valueOf(fired), undefined);
  assertEquals(wheel.valueOf(removed), undefined);
});

Deno.test("wheel: a time that goes back moves nothing", () => {
  const wheel = new TimerWheel<string>(0);
  wheel.advance(100);
  wheel.insert(120, "later");
  assertEquals(wheel.advance(50), []);
  wheel.insert(101, "soon");
  assertEquals(wheel.advance(110), ["soon"]);
  assertEquals(wheel.advance(120), ["later"]);
});

Deno.test("wheel: what never fires counts, and can be moved and removed", () => {
  const wheel = new TimerWheel<string>(0);
  const never = wheel.insert(Infinity, "never");
  wheel.insert(2 ** 50, "as good as never");
  assertEquals([wheel.count, wheel.size], [2, 0]);
  assertEquals(wheel.next(), Infinity);
  assertEquals(wheel.advance(2 ** 49), []);
  wheel.move(never, 2 ** 50 - 1);
  assertEquals([wheel.count, wheel.size], [2, 1]);
  wheel.move(never, Infinity);
  assertEquals([wheel.count, wheel.size], [2, 0]);
  wheel.move(never, 2 ** 49 + 1);
  assertEquals(wheel.advance(2 ** 49 + 1), ["never"]);
  assertEquals([wheel.count, wheel.size], [1, 0]);
});

Deno.test("wheel: from any distance, ten steps of next() lead to the deadline", () => {
  for (let bits = 0; bits < 50; bits++) {
    for (const start of [0, 77.5, 2 ** bits - 1]) {
      const wheel = new TimerWheel<string>(start);
      const deadline = start + 2 ** bits + 0.5;
      if (deadline >= 2 ** 50) continue;
      wheel.insert(deadline, "a");
      let due: string[] = [];
      let steps = 0;
      for (; due.length === 0; steps++) {
        assertLessOrEqual(steps, 10);
        const next = wheel.next();
        assertLessOrEqual(next, deadline);
        due = wheel.advance(next);
      }
      assertEquals(wheel.next(), Infinity);
    }
  }
});

Deno.test("wheel: one that has held many gives its memory back when empty", () => {
  for (const end of ["removed", "fired"]) {
    const wheel = new TimerWheel<number>(0);
    const many = (1 << 14) + 1;
    const rows = Array.from({ length: many }, (_, i) => wheel.insert(i, i));
    const last = rows.at(-1)!;
    assertEquals(last, many - 1);
    if (end === "removed") { for (const row of rows) wheel.remove(row); }
    else assertEquals(wheel.advance(many).length, many);
    assertEquals(wheel.sequenceOf(last), 0);
    // Were the rows still there, the one freed last would come first.
    assertEquals(wheel.insert(many + 1, 1), 0);
    assertEquals(wheel.insert(many + 2, 2), 1);
    for (let i = 3; i < 200; i++) wheel.insert(many + i, i);
    assertEquals(wheel.sequenceOf(last), 0);
    assertEquals(
      wheel.advance(2 * many),
      Array.from({ length: 199 }, (_, i) => i + 1),
    );
  }
});

Deno.test("wheel: one that has held few keeps its rows", () => {
  const wheel = new TimerWheel<number>(0);
  const rows = [1, 2, 3].map((i) => wheel.insert(i, i));
  for (const row of rows) wheel.remove(row);
  assertEquals(wheel.insert(4, 4), rows.at(-1));
});
