import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  CancelledError,
  type Future,
  FutureMovedError,
  join,
  pin,
  PolledAfterCompletionError,
  ReentrantPollError,
} from "../../../future/mod.ts";
import { OnceCell } from "../../../future/sync/mod.ts";
import { Probe } from "../../_probe.ts";
import { cx, drop, park, take, wakes } from "./_tools.ts";

const never = () => {
  throw new Error("nobody should have called this");
};

Deno.test("onceCell: the value is made once, and all get it", () => {
  const cell = new OnceCell<string>();
  assertEquals([cell.get(), cell.isSet], [undefined, false]);
  const probe = new Probe();
  const a = park(cell.getOrInit(() => probe));
  const [b, c] = [park(cell.getOrInit(never)), park(cell.getOrInit(never))];
  probe.complete("value");
  assertEquals(wakes(a, b, c), [1, 0, 0]);
  assertEquals(take(a.future), "value");
  assertEquals(wakes(a, b, c), [1, 1, 1]);
  assertEquals([take(b.future), take(c.future)], ["value", "value"]);
  assertEquals(take(cell.getOrInit(never)), "value");
  assertEquals([cell.get(), cell.isSet], ["value", true]);
  assertEquals([probe.polls, probe.drops], [2, 0]);
});

Deno.test("onceCell: undefined is a value like any other", () => {
  const cell = new OnceCell<undefined>();
  take(cell.getOrInit(() => Probe.ready(undefined)));
  assertEquals(cell.isSet, true);
  assertEquals(take(cell.getOrInit(never)), undefined);
});

Deno.test("onceCell: a failure is its caller's alone, and the next makes the value", () => {
  const cell = new OnceCell<string>();
  const [bad, good] = [new Probe(), new Probe()];
  const a = park(cell.getOrInit(() => bad));
  const b = park(cell.getOrInit(() => good));
  const c = park(cell.getOrInit(never));
  bad.fail(new Error("broken"));
  assertThrows(() => a.future.poll(cx), Error, "broken");
  assertEquals(wakes(b, c), [1, 0]);
  assertThrows(() => a.future.poll(cx), PolledAfterCompletionError, "failed");
  good.complete("good");
  assertEquals(take(b.future), "good");
  assertEquals([wakes(c), take(c.future)], [[1], "good"]);
});

Deno.test("onceCell: one that is dropped while it makes the value drops that, and leaves its turn", () => {
  const cell = new OnceCell<string>();
  const probe = new Probe();
  const a = park(cell.getOrInit(() => probe));
  const b = park(cell.getOrInit(() => Probe.ready("second")));
  drop(a.future);
  drop(a.future);
  assertEquals([probe.isAlive, probe.drops, wakes(b)], [false, 1, [1]]);
  assertEquals(take(b.future), "second");
});

Deno.test("onceCell: one that is dropped at its turn, before its poll, passes the turn on", () => {
  const cell = new OnceCell<string>();
  const a = park(cell.getOrInit(() => new Probe()));
  const b = park(cell.getOrInit(never));
  const c = park(cell.getOrInit(() => Probe.ready("c")));
  drop(a.future);
  drop(b.future);
  assertEquals(wakes(b, c), [1, 1]);
  assertEquals(take(c.future), "c");
});

Deno.test("onceCell: an init that throws, or returns no future of its own, leaves its turn", () => {
  const cell = new OnceCell<string>();
  const owned = new Probe();
  using _owner = join([owned]);
  const cases: [init: () => unknown, error: typeof Error][] = [
    [never, Error],
    [() => Promise.resolve("x"), TypeError],
    [() => undefined, TypeError],
    [() => owned, FutureMovedError as typeof Error],
  ];
  for (const [init, error] of cases) {
    const future = cell.getOrInit(init as () => Future<string>);
    assertThrows(() => future.poll(cx), error);
  }
  assertEquals(owned.isAlive, true);
  assertEquals(take(cell.getOrInit(() => Probe.ready("good"))), "good");
});

Deno.test("onceCell: it gives the future of init up once that has ended", () => {
  const cell = new OnceCell<string>();
  const probe = Probe.ready("x");
  take(cell.getOrInit(() => probe));
  take(join([join([])]));
  assertThrows(() => pin(probe).poll(cx), PolledAfterCompletionError, "probe");
  const failing = Probe.failing("no");
  const other = new OnceCell<string>();
  assertThrows(() => other.getOrInit(() => failing).poll(cx));
  assertThrows(
    () => pin(failing).poll(cx),
    PolledAfterCompletionError,
    "probe",
  );
});

Deno.test("onceCell: dropped from inside init, it drops what init returns", () => {
  const cell = new OnceCell<string>();
  const probe = new Probe();
  const future: Future<string> = cell.getOrInit(() => {
    drop(future);
    return probe;
  });
  assertThrows(() => future.poll(cx), CancelledError, "dropped from inside");
  assertEquals(probe.isAlive, false);
  assertEquals(take(cell.getOrInit(() => Probe.ready("next"))), "next");
});

Deno.test("onceCell: dropped from inside the poll of its init's future, it sets nothing", () => {
  for (const end of ["complete", "fail", "wait"] as const) {
    const cell = new OnceCell<string>();
    const probe = new Probe();
    const future = cell.getOrInit(() => probe);
    const second = new Probe();
    const next = cell.getOrInit(() => second);
    probe.onPoll = () => {
      if (probe.polls === 1) return;
      drop(future);
      if (end === "complete") probe.complete("late");
      if (end === "fail") probe.fail(new CancelledError("late"));
    };
    park(future);
    park(next);
    assertThrows(() => future.poll(cx), CancelledError);
    assertEquals(cell.isSet, false);
    park(next);
    const third = park(cell.getOrInit(never)); // there is but one turn
    second.complete("next");
    assertEquals([take(next), take(third.future)], ["next", "next"]);
  }
});

Deno.test("onceCell: polled from inside init it says so", () => {
  const cell = new OnceCell<string>();
  const future: Future<string> = cell.getOrInit(() => {
    assertThrows(() => future.poll(cx), ReentrantPollError, "GetOrInit");
    return Probe.ready("x");
  });
  assertStrictEquals(take(future), "x");
});
