// deno-lint-ignore-file require-yield
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  CancellationToken,
  type JoinHandle,
  type Scope,
  scope,
  type ScopeOptions,
  shield,
  spawn,
  yieldNow,
} from "../../executor/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import { now, sleep, TimeoutError } from "../../executor/time/mod.ts";
import {
  CancelledError,
  co,
  type Future,
  FutureMovedError,
  lazy,
  map,
  pending,
  PolledAfterCompletionError,
  ReentrantPollError,
  select,
  settle,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { countingSignal } from "./_listeners.ts";
import { traced } from "./_traced.ts";
import { World } from "./_world.ts";

/** Waits for ever, and says when it is cleaned up. */
function waiting(log: string[], name: string): Future<never> {
  return co(function* () {
    try {
      return yield* pending();
    } finally {
      log.push(`${name} cleaned up`);
    }
  });
}

function* nothing(): Generator<never, void> {}

/** A future that fails after a time. */
function failing(ms: number, error: unknown): Future<never> {
  return map(sleep(ms), () => {
    throw error;
  });
}

Deno.test("scope: it has the body's value, once all children have ended", async () => {
  using world = new World();
  const log: string[] = [];
  const value = await world.run(function* () {
    const value = yield* scope(function* (s) {
      s.spawn(map(sleep(20), () => log.push("slow")));
      s.spawn(map(sleep(10), () => log.push("fast")));
      assertEquals(s.size, 2);
      yield* sleep(1);
      log.push("body");
      return 7;
    });
    assertEquals(now(), 20);
    return value;
  });
  assertEquals(value, 7);
  assertEquals(log, ["body", "fast", "slow"]);
  world.assertClean();
});

Deno.test("scope: without children it is its body", async () => {
  using world = new World();
  assertEquals(
    await world.run(() =>
      scopeOf(function* () {
        yield* yieldNow();
        return "x";
      })
    ),
    "x",
  );
});

Deno.test("scope: the body does nothing before the first poll", () => {
  let begun = false;
  const future = scope(function* () {
    begun = true;
    yield* pending();
  });
  assertEquals(begun, false);
  future[Symbol.dispose]();
  assertEquals(begun, false);
  assertThrows(() => pollOnce(future), PolledAfterCompletionError);
});

Deno.test("scope: children are joined by their handles", async () => {
  using world = new World();
  const sum = await world.run(function* () {
    return yield* scope(function* (s) {
      const one = s.spawn(map(sleep(5), () => 1), { name: "one" });
      const two = s.spawn(map(sleep(2), () => 2));
      assertEquals(one.name, "one");
      return (yield* one) + (yield* two);
    });
  });
  assertEquals(sum, 3);
  world.assertClean();
});

Deno.test("scope: the first failure of a child is thrown, that very error", async () => {
  using world = new World();
  const cause = new RangeError("no");
  const log: string[] = [];
  const error = await world.fail(() =>
    scopeOf(function* (s) {
      s.spawn(waiting(log, "first"));
      s.spawn(failing(5, cause));
      s.spawn(waiting(log, "last"));
      try {
        yield* pending();
      } finally {
        log.push("body cleaned up");
      }
    })
  );
  assertStrictEquals(error, cause);
  assertEquals(log, [
    "last cleaned up",
    "first cleaned up",
    "body cleaned up",
  ]);
  world.assertClean();
});

/** The scope as the whole of a body. */
function* scopeOf<T>(
  body: (s: Scope) => Generator<Future<unknown>, T, unknown>,
  options?: Parameters<typeof scope>[1],
): Generator<Future<unknown>, T, unknown> {
  return yield* scope(body, options);
}

Deno.test("scope: a failure drops the other children at that moment", () => {
  using world = new World();
  const log: string[] = [];
  const [bad, other] = [traced(log, "bad"), traced(log, "other")];
  world.executor.run(scope(function* (s) {
    s.spawn(bad);
    s.spawn(other);
    yield* pending();
  })).catch(() => {});
  world.host.settle();
  log.length = 0;
  other.wake();
  bad.fail(new Error("no"));
  other.onPoll = () => log.push("poll other");
  // `other` was woken first and is polled; `bad` fails, which drops `other`
  // before anything else of it can run.
  other.wake();
  world.host.settle();
  assertEquals(log, ["poll other", "poll bad", "drop other"]);
  world.assertClean();
});

Deno.test("scope: two children that fail in the same turn: the second one is dropped", async () => {
  using world = new World();
  const first = new Error("first");
  const second = new Probe();
  const error = await world.fail(() =>
    scopeOf(function* (s) {
      s.spawn(Probe.failing(first));
      s.spawn(second);
      second.fail(new Error("second"));
      yield* pending();
    })
  );
  assertStrictEquals(error, first);
  assertEquals([second.polls, second.drops], [0, 1]);
  world.assertClean();
});

Deno.test("scope: a failure of the body drops the children, from the newest on", async () => {
  using world = new World();
  const cause = new Error("no");
  const log: string[] = [];
  const error = await world.fail(() =>
    scopeOf(function* (s) {
      for (const name of ["a", "b", "c"]) s.spawn(waiting(log, name));
      yield* sleep(1);
      throw cause;
    })
  );
  assertStrictEquals(error, cause);
  assertEquals(log, ["c cleaned up", "b cleaned up", "a cleaned up"]);
  world.assertClean();
});

Deno.test("scope: a body that has returned is failed by a child", async () => {
  using world = new World();
  const cause = new Error("no");
  const error = await world.fail(() =>
    scopeOf(function* (s) {
      s.spawn(failing(5, cause));
      return "lost";
    })
  );
  assertStrictEquals(error, cause);
  world.assertClean();
});

Deno.test("scope: a child's failure is the scope's, also if the body joins the child", async () => {
  using world = new World();
  const cause = new Error("no");
  const log: string[] = [];
  const error = await world.fail(() =>
    scopeOf(function* (s) {
      const child = s.spawn(failing(1, cause));
      try {
        yield* child;
      } catch {
        log.push("caught");
      }
    })
  );
  assertStrictEquals(error, cause);
  assertEquals(log, []);
  world.assertClean();
});

Deno.test("scope: a child that settles fails nobody", async () => {
  using world = new World();
  const outcome = await world.run(() =>
    scopeOf(function* (s) {
      return yield* s.spawn(settle(failing(1, "no")));
    })
  );
  assertEquals(outcome, { status: "rejected", reason: "no" });
});

Deno.test("scope: a child that is aborted by its handle fails nobody", async () => {
  using world = new World();
  const probe = new Probe();
  const value = await world.run(() =>
    scopeOf(function* (s) {
      const child = s.spawn(probe);
      yield* yieldNow();
      child.abort();
      assertEquals([probe.drops, s.size], [1, 0]);
      return "fine";
    })
  );
  assertEquals(value, "fine");
  world.assertClean();
});

Deno.test("scope: detaching a handle leaves the child in the scope", async () => {
  using world = new World();
  await world.run(function* () {
    yield* scope(function* (s) {
      s.spawn(sleep(20)).detach();
    });
    assertEquals(now(), 20);
  });
  const cause = new Error("no");
  const error = await world.fail(() =>
    scopeOf(function* (s) {
      s.spawn(failing(1, cause)).detach();
    })
  );
  assertStrictEquals(error, cause);
  world.assertClean(); // and it was not reported besides
});

Deno.test("scope: abortAll ends the children, and the body goes on", async () => {
  using world = new World();
  const log: string[] = [];
  await world.run(() =>
    scopeOf(function* (s) {
      s.spawn(waiting(log, "a"));
      s.spawn(waiting(log, "b"));
      yield* yieldNow();
      s.abortAll();
      assertEquals(log, ["b cleaned up", "a cleaned up"]);
      assertEquals(s.size, 0);
      assertEquals(yield* s.spawn(map(sleep(1), () => "on")), "on");
    })
  );
  world.assertClean();
});

Deno.test("scope: children spawn into it, also when the body has returned", async () => {
  using world = new World();
  const log: string[] = [];
  await world.run(() =>
    scopeOf(function* (s) {
      s.spawn(co(function* () {
        yield* sleep(5);
        s.spawn(map(sleep(5), () => log.push(`grandchild at ${now()}`)));
      }));
    })
  );
  assertEquals(log, ["grandchild at 10"]);
  world.assertClean();
});

Deno.test("scope: before its begin and after its end it takes no child", async () => {
  using world = new World();
  let kept: Scope | undefined;
  await world.run(() =>
    scopeOf(function* (s) {
      kept = s;
    })
  );
  const child = new Probe();
  assertThrows(() => kept!.spawn(child), CancelledError, "it has completed");
  await world.fail(() =>
    scopeOf(function* (s) {
      kept = s;
      throw new Error("no");
    })
  );
  assertThrows(() => kept!.spawn(child), CancelledError, "it is closing");
  const task = world.executor.spawn(scope(function* (s) {
    kept = s;
    yield* pending();
  }));
  world.host.settle();
  task.abort();
  assertThrows(() => kept!.spawn(child), CancelledError);
  assertEquals([child.polls, child.drops], [0, 0]);
  using _free = map(child, () => {}); // it was not adopted
});

Deno.test("scope: a future that cannot be adopted is refused, and nothing waits for it", async () => {
  using world = new World();
  await world.run(() =>
    scopeOf(function* (s) {
      const owned = new Probe();
      using _owner = map(owned, () => {});
      assertThrows(() => s.spawn(owned), FutureMovedError);
      assertEquals(s.size, 0);
    })
  );
});

Deno.test("scope: scopes nest, and an inner failure that is caught goes no further", async () => {
  using world = new World();
  const cause = new Error("no");
  const log: string[] = [];
  await world.run(() =>
    scopeOf(function* (outer) {
      outer.spawn(map(sleep(20), () => log.push("outer child")));
      try {
        yield* scope(function* (inner) {
          inner.spawn(waiting(log, "inner child"));
          yield* failing(1, cause);
        });
      } catch (error) {
        assertStrictEquals(error, cause);
        log.push(`caught at ${now()}`);
      }
    })
  );
  assertEquals(log, ["inner child cleaned up", "caught at 1", "outer child"]);
  world.assertClean();
});

Deno.test("scope: an inner failure that is not caught drops both, inside out", async () => {
  using world = new World();
  const cause = new Error("no");
  const log: string[] = [];
  const error = await world.fail(() =>
    scopeOf(function* (outer) {
      outer.spawn(waiting(log, "outer"));
      outer.spawn(scope(function* (inner) {
        inner.spawn(waiting(log, "inner"));
        yield* sleep(1);
        throw cause;
      }));
      yield* pending();
    })
  );
  assertStrictEquals(error, cause);
  assertEquals(log, ["inner cleaned up", "outer cleaned up"]);
  world.assertClean();
});

Deno.test("scope: dropping it drops the children, then the body, at that moment", () => {
  using world = new World();
  const log: string[] = [];
  const task = world.executor.spawn(scope(function* (s) {
    s.spawn(waiting(log, "a"));
    s.spawn(scope(function* (inner) {
      inner.spawn(waiting(log, "inner"));
      yield* waiting(log, "inner body");
    }));
    yield* waiting(log, "body");
  }));
  world.host.settle();
  task.abort();
  assertEquals(log, [
    "inner cleaned up",
    "inner body cleaned up",
    "a cleaned up",
    "body cleaned up",
  ]);
  assertEquals(world.executor.taskCount, 0);
  world.assertClean();
});

Deno.test("scope: the loser of a select leaves no child", async () => {
  using world = new World();
  const probe = new Probe();
  await world.run(function* () {
    const { key } = yield* select({
      work: scope(function* (s) {
        s.spawn(probe);
        yield* pending();
      }),
      tick: sleep(5),
    });
    assertEquals(key, "tick");
    assertEquals(probe.drops, 1);
  });
  world.assertClean();
});

Deno.test("scope: what cleaning up throws is added to the failure", async () => {
  using world = new World();
  const [cause, a, b, own] = ["cause", "a", "b", "own"].map((text) =>
    new Error(text)
  );
  const throwing = (error: unknown) =>
    co(function* () {
      try {
        yield* pending();
      } finally {
        // deno-lint-ignore no-unsafe-finally
        throw error;
      }
    });
  const error = await world.fail(() =>
    scopeOf(function* (s) {
      s.spawn(throwing(a));
      s.spawn(throwing(b));
      s.spawn(failing(1, cause));
      yield* throwing(own);
    })
  );
  assertEquals(chain(error), [own, a, b, cause]);
  world.assertClean(); // and nothing was reported besides
});

/** The errors of a chain of `SuppressedError`s, the first failure last. */
function chain(error: unknown): unknown[] {
  const errors: unknown[] = [];
  while (error instanceof SuppressedError) {
    errors.push(error.error);
    error = error.suppressed;
  }
  return [...errors, error];
}

Deno.test("scope: what cleaning up throws when it is dropped is thrown by the drop", () => {
  using world = new World();
  const [a, b] = [new Error("a"), new Error("b")];
  const probes = [a, b].map((error) => {
    const probe = new Probe();
    probe.onDrop = () => {
      throw error;
    };
    return probe;
  });
  const task = world.executor.spawn(scope(function* (s) {
    probes.forEach((probe) => s.spawn(probe));
    yield* pending();
  }));
  world.host.settle();
  task.abort();
  assertEquals(probes.map((probe) => probe.drops), [1, 1]);
  assertEquals(world.host.errors.length, 1);
  assertEquals(chain(world.host.errors[0]), [a, b]);
});

Deno.test("scope: a bad cleanup of a child that the body aborts fails the scope", async () => {
  using world = new World();
  const bad = new Error("bad drop");
  const probe = new Probe();
  probe.onDrop = () => {
    throw bad;
  };
  const error = await world.fail(() =>
    scopeOf(function* (s) {
      const child = s.spawn(probe);
      yield* yieldNow();
      child.abort();
      yield* pending();
    })
  );
  assertStrictEquals(error, bad);
  world.assertClean();
});

Deno.test("scope: cleaning up cannot spawn into it", async () => {
  using world = new World();
  const cause = new Error("no");
  const error = await world.fail(() =>
    scopeOf(function* (s) {
      s.spawn(co(function* () {
        try {
          yield* pending();
        } finally {
          s.spawn(sleep(1));
        }
      }));
      yield* sleep(1);
      throw cause;
    })
  );
  const [refusal, first] = chain(error);
  assertInstanceOf(refusal, CancelledError);
  assertStrictEquals(first, cause);
  world.assertClean();
});

Deno.test("scope: a child that cancels it is dropped after its poll, and waited for", async () => {
  using world = new World();
  const log: string[] = [];
  const reason = new Error("enough");
  const error = await world.fail(() =>
    scopeOf(function* (s) {
      s.spawn(waiting(log, "other"));
      s.spawn(co(function* () {
        try {
          s.cancel(reason);
          log.push("goes on");
          yield* pending();
        } finally {
          log.push("itself cleaned up");
        }
      }));
      yield* waiting(log, "body");
    })
  );
  assertStrictEquals(error, reason);
  assertEquals(log, [
    "other cleaned up",
    "goes on",
    "itself cleaned up",
    "body cleaned up",
  ]);
  world.assertClean();
});

Deno.test("scope: a child that cancels it and fails is heard of, too", async () => {
  using world = new World();
  const [reason, bad] = [new Error("enough"), new Error("bad")];
  const error = await world.fail(() =>
    scopeOf(function* (s) {
      s.spawn(lazy(() => {
        s.cancel(reason);
        throw bad;
      }));
      yield* pending();
    })
  );
  assertEquals(chain(error), [bad, reason]);
  world.assertClean();
});

Deno.test("scope: a body that cancels it goes on to where it waits next", async () => {
  using world = new World();
  const reason = new Error("enough");
  const log: string[] = [];
  const error = await world.fail(() =>
    scopeOf(function* (s) {
      s.spawn(waiting(log, "child"));
      yield* yieldNow();
      try {
        s.cancel(reason);
        s.cancel(new Error("the first counts"));
        assert(s.isCancelled);
        log.push("goes on");
        yield* pending();
        log.push("never");
      } finally {
        log.push("body cleaned up");
      }
    })
  );
  assertStrictEquals(error, reason);
  assertEquals(log, ["child cleaned up", "goes on", "body cleaned up"]);
  world.assertClean();
});

Deno.test("scope: a body that cancels it has no value any more", async () => {
  using world = new World();
  const error = await world.fail(() =>
    scopeOf(function* (s) {
      s.cancel();
      return "value";
    })
  );
  assertInstanceOf(error, CancelledError);
  world.assertClean();
});

Deno.test("scope: a body that cancels it and fails is heard of, too", async () => {
  using world = new World();
  const [reason, bad] = [new Error("enough"), new Error("bad")];
  const error = await world.fail(() =>
    scopeOf(function* (s) {
      s.cancel(reason);
      throw bad;
    })
  );
  assertEquals(chain(error), [bad, reason]);
});

Deno.test("scope: cancelling what has ended does nothing", async () => {
  using world = new World();
  let kept: Scope;
  await world.run(() =>
    scopeOf(function* (s) {
      kept = s;
    })
  );
  kept!.cancel(new Error("late"));
  assertEquals(kept!.isCancelled, false);
});

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

Deno.test("scope: a token cancels it with its reason", async () => {
  using world = new World();
  const token = new CancellationToken();
  const log: string[] = [];
  const error = await world.fail(function* () {
    spawn(map(sleep(5), () => token.cancel("stop")));
    yield* scope(function* (s) {
      s.spawn(waiting(log, "child"));
      yield* pending();
    }, { token });
  });
  assertEquals(error, "stop");
  assertEquals(log, ["child cleaned up"]);
  world.assertClean();
});

Deno.test("scope: polled from inside itself it says so and stays in order", async () => {
  using world = new World();
  let seen: unknown;
  const value = await world.run(function* () {
    const self: Future<string> = scope(function* () {
      try {
        pollOnce(self);
      } catch (error) {
        seen = error;
      }
      yield* yieldNow();
      return "fine";
    });
    return yield* self;
  });
  assertInstanceOf(seen, ReentrantPollError);
  assertEquals(value, "fine");
});

Deno.test("scope: dropped from inside its poll it is dropped as soon as that returns", () => {
  using world = new World({ unjoined: "ignore" });
  const log: string[] = [];
  const self: Future<void> = scope(function* (s) {
    s.spawn(waiting(log, "child"));
    yield* yieldNow();
    self[Symbol.dispose]();
    log.push("goes on");
    yield* waiting(log, "body");
  });
  world.executor.spawn(self);
  world.host.settle();
  assertEquals(log, ["goes on", "child cleaned up", "body cleaned up"]);
  assertEquals(world.executor.taskCount, 0);
});

Deno.test("scope: dropped by a child, that child goes after its poll, and its failure is reported", () => {
  using world = new World();
  const bad = new Error("bad");
  const log: string[] = [];
  const task: JoinHandle<void> = world.executor.spawn(scope(function* (s) {
    s.spawn(waiting(log, "other"));
    s.spawn(
      lazy(() => {
        task.abort();
        assertEquals(s.size, 0);
        assertEquals(log, ["other cleaned up", "body cleaned up"]);
        throw bad;
      }),
      { name: "killer" },
    );
    yield* waiting(log, "body");
  }));
  world.host.settle();
  assertEquals(world.executor.taskCount, 0);
  assertEquals(world.host.errors.map((error) => (error as Error).cause), [bad]);
});

Deno.test("scope: a failure that was not thrown yet is dropped with it", () => {
  using world = new World();
  const probe = new Probe();
  const task = world.executor.spawn(scope(function* (s) {
    s.spawn(probe);
    yield* pending();
  }));
  world.host.settle();
  world.executor.spawn(lazy(() => task.abort()));
  probe.onPoll = () => {
    if (probe.polls === 2) throw new Error("no");
  };
  // The child fails, and before the scope is polled its task is aborted.
  probe.wake();
  world.executor.spawn(lazy(() => task.abort()));
  world.host.settle();
  world.assertClean();
});

Deno.test("scope: disposing of the executor leaves nothing of it", () => {
  using world = new World();
  const log: string[] = [];
  world.executor.run(scope(function* (s) {
    s.spawn(waiting(log, "a"));
    s.spawn(waiting(log, "b"));
    yield* waiting(log, "body");
  }, { timeout: 100 })).catch(() => {});
  world.host.settle();
  world.executor[Symbol.dispose]();
  assertEquals(log.toSorted(), [
    "a cleaned up",
    "b cleaned up",
    "body cleaned up",
  ]);
  world.assertClean();
});

Deno.test("scope: cancelled by another task it is dropped at once, with children or without", async () => {
  for (const children of [0, 1]) {
    using world = new World();
    const log: string[] = [];
    const reason = new Error("enough");
    const error = await world.fail(function* () {
      yield* scope(function* (s) {
        for (let i = 0; i < children; i++) s.spawn(waiting(log, "child"));
        world.executor.spawn(map(sleep(5), () => s.cancel(reason)));
        yield* waiting(log, "body");
      });
    });
    assertStrictEquals(error, reason);
    assertEquals(log.length, children + 1);
    world.assertClean();
  }
});

Deno.test("scope: after its drop it has no children", () => {
  using world = new World();
  let kept: Scope;
  const task = world.executor.spawn(scope(function* (s) {
    kept = s;
    s.spawn(pending());
    yield* pending();
  }));
  world.host.settle();
  assertEquals(kept!.size, 1);
  task.abort();
  assertEquals(kept!.size, 0);
});

Deno.test("scope: a child counts until its cleanup is done", async () => {
  using world = new World();
  const sizes: number[] = [];
  await world.run(() =>
    scopeOf(function* (s) {
      const probe = new Probe();
      probe.onDrop = () => sizes.push(s.size);
      const child = s.spawn(probe);
      yield* yieldNow();
      child.abort();
      sizes.push(s.size);
    })
  );
  assertEquals(sizes, [1, 0]);
});
