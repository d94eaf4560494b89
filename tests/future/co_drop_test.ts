import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  CancelledError,
  co,
  type Future,
  join,
  noopWaker,
  Pending,
  pending,
  pin,
  PolledAfterCompletionError,
  ready,
  ReentrantPollError,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";

const cx = { waker: noopWaker };
const waitText =
  "Cannot wait in co: it is being dropped, and cleaning up must not wait";

function raise(error: unknown): never {
  throw error;
}

Deno.test("co drop: before its first poll, its body never runs", () => {
  let ran = false;
  const body = co(function* () {
    ran = true;
    yield* pending();
  });
  body[Symbol.dispose]();
  assertThrows(
    () => body.poll(cx),
    PolledAfterCompletionError,
    "Cannot poll co: it was dropped",
  );
  assertEquals(ran, false);
});

Deno.test("co drop: first the future it waits for, then finally and using, inner to outer", () => {
  const log: string[] = [];
  const leaf = new Probe();
  leaf.onDrop = () => log.push("leaf");
  const body = co(function* () {
    try {
      using _outer = { [Symbol.dispose]: () => void log.push("using") };
      try {
        yield* leaf;
        log.push("not reached");
      } catch {
        log.push("not caught: a drop is no error");
      } finally {
        log.push("inner finally");
      }
    } finally {
      log.push("outer finally");
    }
  });
  body.poll(cx);
  body[Symbol.dispose]();
  assertEquals(log, ["leaf", "inner finally", "using", "outer finally"]);
  body[Symbol.dispose]();
  assertEquals(log.length, 4, "once");
});

Deno.test("co drop: goes through co in co, from the inside out", () => {
  const log: string[] = [];
  const nest = (depth: number): Future<void> =>
    co(function* () {
      try {
        yield* depth === 0 ? pending() : nest(depth - 1);
      } finally {
        log.push(`${depth}`);
      }
    });
  const body = nest(3);
  body.poll(cx);
  body[Symbol.dispose]();
  assertEquals(log, ["0", "1", "2", "3"]);
});

Deno.test("co drop: what a finally block throws comes out of the drop", () => {
  const leaf = new Probe();
  const body = co(function* () {
    try {
      yield* leaf;
    } finally {
      raise("cleaning up failed");
    }
  });
  body.poll(cx);
  assertStrictEquals(
    assertThrows(() => body[Symbol.dispose]()),
    "cleaning up failed",
  );
  assertEquals(leaf.drops, 1);
  body[Symbol.dispose]();
  assertThrows(() => body.poll(cx), PolledAfterCompletionError, "was dropped");
});

Deno.test("co drop: if the child's drop throws, the finally blocks run all the same", () => {
  let cleaned = false;
  const leaf = new Probe();
  leaf.onDrop = () => raise("the child's");
  const body = co(function* () {
    try {
      yield* leaf;
    } finally {
      cleaned = true;
    }
  });
  body.poll(cx);
  assertStrictEquals(
    assertThrows(() => body[Symbol.dispose]()),
    "the child's",
  );
  assert(cleaned);
});

Deno.test("co drop: if both throw, the later error suppresses the earlier", () => {
  const leaf = new Probe();
  leaf.onDrop = () => raise("the child's");
  const body = co(function* () {
    try {
      yield* leaf;
    } finally {
      raise("the body's");
    }
  });
  body.poll(cx);
  const error = assertThrows(() => body[Symbol.dispose]());
  assertInstanceOf(error, SuppressedError);
  assertEquals([error.error, error.suppressed], ["the body's", "the child's"]);
});

Deno.test("co drop: a wait in finally fails with a CancelledError, which comes out", () => {
  const [leaf, late] = [new Probe(), new Probe()];
  const log: string[] = [];
  const body = co(function* () {
    try {
      yield* leaf;
    } finally {
      log.push("before");
      yield* late;
      log.push("not reached");
    }
  });
  body.poll(cx);
  const error = assertThrows(() => body[Symbol.dispose](), CancelledError);
  assertEquals([error.name, error.message], ["CancelledError", waitText]);
  assertEquals(log, ["before"]);
  assertEquals(
    [late.polls, late.drops],
    [0, 1],
    "what it wanted to wait for is dropped unpolled",
  );
});

Deno.test("co drop: a body that catches the CancelledError is dropped in peace", () => {
  const log: string[] = [];
  const body = co(function* () {
    try {
      yield* pending();
    } finally {
      for (const attempt of [1, 2]) {
        try {
          yield* ready(attempt);
        } catch (error) {
          assertInstanceOf(error, CancelledError);
          log.push(`${attempt}: ${error.message === waitText}`);
        }
      }
      log.push("done");
    }
  });
  body.poll(cx);
  body[Symbol.dispose]();
  assertEquals(log, ["1: true", "2: true", "done"]);
});

Deno.test("co drop: a stubborn body is given up after a hundred waits", () => {
  let waits = 0;
  const body = co(function* () {
    for (;;) {
      try {
        waits++;
        yield* pending();
      } catch {
        // Goes on waiting, whatever happens.
      } finally {
        // deno-lint-ignore no-unsafe-finally
        continue;
      }
    }
  });
  body.poll(cx);
  waits = 0;
  const error = assertThrows(() => body[Symbol.dispose](), CancelledError);
  assertEquals(
    error.message,
    "Cannot drop co: it caught its cancellation and waited again 100 times",
  );
  assertEquals(waits, 101);
  assertThrows(() => body.poll(cx), PolledAfterCompletionError, "was dropped");
  body[Symbol.dispose]();
  assertEquals(waits, 101);
});

Deno.test("co drop: a finally that gives up after some waits is not too stubborn", () => {
  let waits = 0;
  const body = co(function* () {
    try {
      yield* pending();
    } finally {
      while (waits < 100) {
        try {
          waits++;
          yield* pending();
        } catch {
          // Once more.
        }
      }
    }
  });
  body.poll(cx);
  body[Symbol.dispose]();
  assertEquals(waits, 100);
});

Deno.test("co drop: a finally that waits for another's future leaves that alone", () => {
  const held = new Probe();
  using _owner = join([held]);
  const body = co(function* () {
    try {
      yield* pending();
    } finally {
      yield* held;
    }
  });
  body.poll(cx);
  assertThrows(() => body[Symbol.dispose](), CancelledError);
  assertEquals([held.polls, held.drops, held.isAlive], [0, 0, true]);
});

Deno.test("co drop: a finally that yields no future is cancelled as well", () => {
  const body = co(function* () {
    try {
      yield* pending();
    } finally {
      yield 5 as unknown as Future<unknown>;
    }
  });
  body.poll(cx);
  assertThrows(() => body[Symbol.dispose](), CancelledError, waitText);
});

Deno.test("co drop: a body that drops itself and then waits is unwound there", () => {
  const log: string[] = [];
  const leaf = new Probe();
  leaf.onDrop = () => log.push("leaf");
  const body: Future<void> = co(function* () {
    try {
      body[Symbol.dispose]();
      body[Symbol.dispose]();
      assertThrows(() => body.poll(cx), ReentrantPollError);
      log.push("goes on to the next wait");
      yield* ready(1);
      yield* leaf;
      log.push("not reached");
    } finally {
      log.push("finally");
    }
  });
  const error = assertThrows(() => body.poll(cx), CancelledError);
  assertEquals(error.message, "Cannot go on with co: its own body dropped it");
  assertEquals(log, ["goes on to the next wait", "leaf", "finally"]);
  assertThrows(() => body.poll(cx), PolledAfterCompletionError, "was dropped");
});

Deno.test("co drop: a body that drops itself and ends has ended", () => {
  // deno-lint-ignore require-yield
  const body: Future<string> = co(function* () {
    body[Symbol.dispose]();
    return "value";
  });
  assertEquals(body.poll(cx), "value");
  assertThrows(
    () => body.poll(cx),
    PolledAfterCompletionError,
    "already completed",
  );
  // deno-lint-ignore require-yield
  const failing: Future<string> = co(function* () {
    failing[Symbol.dispose]();
    throw "failure";
  });
  assertStrictEquals(assertThrows(() => failing.poll(cx)), "failure");
});

Deno.test("co drop: the child that drops its co is dropped after its poll, not in it", () => {
  const leaf = new Probe();
  const body: Future<void> = co(function* () {
    yield* leaf;
  });
  leaf.onPoll = () => {
    body[Symbol.dispose]();
    assertEquals(leaf.drops, 0);
  };
  assertThrows(() => body.poll(cx), CancelledError);
  assertEquals(leaf.drops, 1);
});

Deno.test("co drop: polled or dropped while it unwinds, it throws or does nothing", () => {
  const leaf = new Probe();
  let drops = 0;
  const body: Future<void> = co(function* () {
    try {
      yield* leaf;
    } finally {
      drops++;
      body[Symbol.dispose]();
      assertThrows(() => body.poll(cx), ReentrantPollError);
    }
  });
  body.poll(cx);
  body[Symbol.dispose]();
  assertEquals(drops, 1);
});

Deno.test("co drop: what has ended is not unwound", () => {
  let cleaned = 0;
  const body = co(function* () {
    try {
      return yield* ready("value");
    } finally {
      cleaned++;
    }
  });
  assertEquals(body.poll(cx), "value");
  body[Symbol.dispose]();
  assertEquals(cleaned, 1);
});

Deno.test("co drop: a future held with using is dropped with it", () => {
  const work = new Probe();
  const body = co(function* () {
    using mine = work;
    yield* pin(mine);
  });
  assertStrictEquals(body.poll(cx), Pending);
  body[Symbol.dispose]();
  assertEquals(work.isAlive, false);
});
