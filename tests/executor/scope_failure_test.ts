// deno-lint-ignore-file require-yield
import {
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
} from "@std/assert";
import { scope, yieldNow } from "../../executor/mod.ts";
import { sleep } from "../../executor/time/mod.ts";
import { CancelledError, co, pending } from "../../future/mod.ts";
import { Probe } from "../_probe.ts";
import { chain, failing, scopeOf, waiting } from "./_scope.ts";
import { traced } from "./_traced.ts";
import { World } from "./_world.ts";

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
