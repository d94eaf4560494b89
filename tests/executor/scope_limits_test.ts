// deno-lint-ignore-file require-yield
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertThrows,
} from "@std/assert";
import {
  CancellationToken,
  type Scope,
  scope,
  type ScopeOptions,
  shield,
  spawn,
  yieldNow,
} from "../../executor/mod.ts";
import { now, sleep, TimeoutError } from "../../executor/time/mod.ts";
import { type Future, map, pending, settle } from "../../future/mod.ts";
import { countingSignal } from "./_listeners.ts";
import { scopeOf, waiting } from "./_scope.ts";
import { World } from "./_world.ts";

function* nothing(): Generator<never, void> {}

Deno.test("scope: a timeout counts from the first poll, a deadline is a moment", async () => {
  using world = new World();
  const log: string[] = [];
  await world.run(function* () {
    for (
      const [options, at, text] of [
        [{ timeout: 10 }, 30, "within 10 ms"],
        [{ deadline: 55 }, 55, "by its deadline"],
        [{ deadline: 1000, timeout: 5 }, 80, "within 5 ms"],
      ] as const
    ) {
      const work = scope(function* (s) {
        s.spawn(waiting(log, "child"));
        yield* pending();
      }, options);
      yield* sleep(20);
      const outcome = yield* settle(work);
      assert(outcome.status === "rejected");
      assertInstanceOf(outcome.reason, TimeoutError, text);
      assert(outcome.reason.message.includes(text));
      assertEquals(now(), at);
    }
  });
  assertEquals(log, Array(3).fill("child cleaned up"));
  world.assertClean();
});

Deno.test("scope: one that ends in time leaves no timer", async () => {
  using world = new World();
  await world.run(function* () {
    yield* scope(function* () {
      yield* sleep(1);
    }, { timeout: 500 });
    assertEquals(world.executor.timerCount, 0);
  });
  world.assertClean();
});

Deno.test("scope: one that ends in time no longer waits for its token", async () => {
  using world = new World();
  const source = countingSignal();
  const token = CancellationToken.fromSignal(source.signal);
  await world.run(function* () {
    yield* scope(function* () {
      yield* sleep(1);
      assertEquals(source.listeners, 1);
    }, { token });
    assertEquals(source.listeners, 0);
  });
  world.assertClean();
});

Deno.test("scope: a value that is there beside the deadline is not lost", async () => {
  using world = new World();
  assertEquals(
    await world.run(() =>
      scopeOf(function* () {
        yield* sleep(10);
        return "there";
      }, { timeout: 10 })
    ),
    "there",
  );
});

Deno.test("scope: limits are checked before anything is done", () => {
  assertThrows(() => scope(nothing, { timeout: -1 }), RangeError);
  assertThrows(() => scope(nothing, { timeout: NaN }), RangeError);
  assertThrows(() => scope(nothing, { deadline: NaN }), RangeError);
  assertThrows(() => scope(nothing, { timeout: "1" as never }), TypeError);
});

/** When and with what a body's scope ends, which is given up at 1000. */
async function endOf(
  body: (s: Scope) => Generator<Future<unknown>, unknown, unknown>,
  options: ScopeOptions = {},
): Promise<[at: number, how: string]> {
  using world = new World();
  const end = await world.run(function* () {
    const outcome = yield* settle(scope(body, options));
    return [
      now(),
      outcome.status === "fulfilled" ? "done" : outcome.reason.message,
    ] as [number, string];
  }, 2000);
  world.assertClean();
  return end;
}

const WITHIN = (ms: number) =>
  `Cannot wait any longer: the scope was not done within ${ms} ms`;
const BY = "Cannot wait any longer: the scope was not done by its deadline";

Deno.test("scope: its body can give it another time, more or less, sooner or later", async () => {
  const move = (at: number, act: (s: Scope) => void) =>
    function* (s: Scope) {
      yield* sleep(at);
      act(s);
      yield* sleep(1000 - at);
    };
  for (
    const [options, at, act, end] of [
      [{ timeout: 30 }, 20, (s) => s.timeout(30), [50, WITHIN(30)]],
      [{ timeout: 30 }, 20, (s) => s.timeout(5), [25, WITHIN(5)]],
      [{ timeout: 30 }, 20, (s) => s.timeout(0), [20, WITHIN(0)]],
      [{ timeout: 30 }, 20, (s) => s.timeout(Infinity), [1000, "done"]],
      [{}, 20, (s) => s.timeout(7), [27, WITHIN(7)]],
      [{ deadline: 30 }, 20, (s) => s.timeoutAt(70), [70, BY]],
      [{ deadline: 30 }, 20, (s) => s.timeoutAt(22), [22, BY]],
      [{ deadline: 30 }, 20, (s) => s.timeoutAt(10), [20, BY]],
      [{ deadline: 30 }, 20, (s) => s.timeoutAt(Infinity), [1000, "done"]],
      [{}, 20, (s) => s.timeoutAt(21), [21, BY]],
      // Each moves its own limit; the other one stays.
      [{ timeout: 30 }, 20, (s) => s.timeoutAt(500), [30, WITHIN(30)]],
      [{ deadline: 30 }, 20, (s) => s.timeout(500), [30, BY]],
      [{ timeout: 30, deadline: 40 }, 20, (s) => s.timeout(30), [40, BY]],
      // Before the body waits for the first time.
      [{ timeout: 30 }, 0, (s) => s.timeout(5), [5, WITHIN(5)]],
    ] as [ScopeOptions, number, (s: Scope) => void, [number, string]][]
  ) {
    assertEquals(await endOf(move(at, act), options), end, `${act}`);
  }
});

Deno.test("scope: so can a child, a task elsewhere, and the body when time is up at that very moment", async () => {
  for (const limit of [undefined, 30]) {
    const options = limit === undefined ? {} : { timeout: limit };
    // A child: the body waits and has no poll of its own.
    const end = await endOf(function* (s) {
      s.spawn(map(sleep(20), () => s.timeout(40)));
      yield* pending();
    }, options);
    assertEquals(end, [60, WITHIN(40)], `a child, ${limit}`);
    // A task elsewhere, after the body has ended and while a child goes on.
    const other = await endOf(function* (s) {
      spawn(map(sleep(20), () => s.timeout(50))).detach();
      s.spawn(pending());
    }, options);
    assertEquals(other, [70, WITHIN(50)], `a task elsewhere, ${limit}`);
  }
  // Its timer has fired, but its body is polled first.
  const end = await endOf(function* (s) {
    yield* sleep(30);
    s.timeout(10);
    yield* pending();
  }, { timeout: 30 });
  assertEquals(end, [40, WITHIN(10)]);
});

Deno.test("scope: to move its time has no effect once it closes, has ended or was dropped", async () => {
  using world = new World();
  let kept: Scope | undefined;
  const seen: unknown[] = [];
  const late = (s: Scope | undefined) => {
    s!.timeout(5);
    s!.timeoutAt(5);
    seen.push(s!.deadline);
    assertThrows(() => s!.timeout(-1), RangeError);
    assertThrows(() => s!.timeoutAt(NaN), RangeError);
  };
  await world.run(function* () {
    yield* scope(function* (s) {
      kept = s;
      yield* sleep(1);
    }, { timeout: 100 });
    late(kept);
    yield* settle(scope(function* (s) {
      kept = s;
      s.spawn(shield(sleep(20), { into: s }));
      yield* sleep(1);
      s.cancel();
      late(s);
      yield* pending();
    }));
    late(kept);
    const dropped = spawn(scope(function* (s) {
      kept = s;
      yield* pending();
    }, { deadline: 100 }));
    yield* sleep(1);
    dropped.abort();
    late(kept);
  });
  assertEquals(seen, Array(4).fill(Infinity));
  world.assertClean();
});

Deno.test("scope: it says when time is up", async () => {
  using world = new World();
  await world.run(function* () {
    yield* sleep(10);
    yield* scope(function* (s) {
      assertEquals(s.deadline, Infinity);
      s.timeout(20);
      assertEquals(s.deadline, undefined);
      yield* sleep(5);
      assertEquals(s.deadline, 30);
      s.timeoutAt(25);
      assertEquals(s.deadline, 25);
      s.timeoutAt(40);
      assertEquals(s.deadline, 30);
      s.timeout(50);
      assertEquals(s.deadline, 40);
      s.timeoutAt(Infinity);
      assertEquals(s.deadline, 65);
      s.timeout(Infinity);
      assertEquals(s.deadline, Infinity);
    });
    yield* scope(function* (s) {
      assertEquals(s.deadline, 100);
    }, { deadline: 100 });
    yield* scope(function* (s) {
      assertEquals(s.deadline, Infinity);
    }, { token: new CancellationToken() });
  });
  world.assertClean();
});

Deno.test("scope: what is no time is refused, and leaves the limit as it was", async () => {
  const end = await endOf(function* (s) {
    assertThrows(() => s.timeout(-1), RangeError);
    assertThrows(() => s.timeout(NaN), RangeError);
    assertThrows(() => s.timeout("1" as never), TypeError);
    assertThrows(() => s.timeoutAt(NaN), RangeError);
    assertThrows(() => s.timeoutAt(null as never), TypeError);
    yield* pending();
  }, { timeout: 30 });
  assertEquals(end, [30, WITHIN(30)]);
});

Deno.test("scope: to move its time wakes nobody and sets no timer of the host's anew", async () => {
  using world = new World();
  await world.run(function* () {
    yield* scope(function* (s) {
      yield* sleep(1);
      const before = world.host.set.size;
      for (let i = 0; i < 1000; i++) s.timeout(500);
      assertEquals(world.executor.timerCount, 1);
      yield* yieldNow();
      assertEquals(world.host.set.size, before);
    }, { timeout: 500 });
  });
  world.assertClean();
});
