// deno-lint-ignore-file require-yield
import {
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { type Scope, scope, yieldNow } from "../../executor/mod.ts";
import { pollOnce } from "../../executor/sim/mod.ts";
import { now, sleep } from "../../executor/time/mod.ts";
import {
  CancelledError,
  co,
  type Future,
  FutureMovedError,
  map,
  pending,
  PolledAfterCompletionError,
  ReentrantPollError,
  settle,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { failing, scopeOf, waiting } from "./_scope.ts";
import { World } from "./_world.ts";

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
