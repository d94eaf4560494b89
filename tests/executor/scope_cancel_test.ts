// deno-lint-ignore-file require-yield
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
} from "@std/assert";
import {
  CancellationToken,
  type Scope,
  scope,
  spawn,
  yieldNow,
} from "../../executor/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import { CancelledError, co, lazy, map, pending } from "../../future/mod.ts";
import { chain, scopeOf, waiting } from "./_scope.ts";
import { World } from "./_world.ts";

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
