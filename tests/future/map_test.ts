import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  CancelledError,
  type Future,
  map,
  mapError,
  noopWaker,
  Pending,
  PolledAfterCompletionError,
  ready,
} from "../../future/mod.ts";
import { Probe } from "../_probe.ts";

const cx = { waker: noopWaker };

Deno.test("map: the function is called once, with the value, when it is there", () => {
  const seen: unknown[] = [];
  const leaf = new Probe<number>();
  const future = map(leaf, (value) => (seen.push(value), value * 2));
  assertStrictEquals(future.poll(cx), Pending);
  assertEquals(seen, []);
  leaf.complete(21);
  assertEquals(future.poll(cx), 42);
  assertEquals(seen, [21]);
});

Deno.test("map: a failure passes by the function", () => {
  const future = map(Probe.failing("broken"), () => {
    throw "not called";
  });
  assertStrictEquals(assertThrows(() => future.poll(cx)), "broken");
});

Deno.test("map: what the function throws is the failure", () => {
  const future = map(ready(1), () => {
    throw "in the function";
  });
  assertStrictEquals(assertThrows(() => future.poll(cx)), "in the function");
});

Deno.test("map: undefined is a value on both sides", () => {
  assertEquals(map(ready(undefined), (value) => [value]).poll(cx), [undefined]);
  assertStrictEquals(map(ready(1), () => undefined).poll(cx), undefined);
});

Deno.test("mapError: the function is called once, with the failure, and what it returns is thrown", () => {
  const seen: unknown[] = [];
  const leaf = new Probe();
  const future = mapError(leaf, (cause) => {
    seen.push(cause);
    return new Error("with context", { cause });
  });
  assertStrictEquals(future.poll(cx), Pending);
  leaf.fail("broken");
  const error = assertThrows(() => future.poll(cx), Error, "with context");
  assertStrictEquals(error.cause, "broken");
  assertEquals(seen, ["broken"]);
});

Deno.test("mapError: what the function throws is thrown", () => {
  const future = mapError(Probe.failing("broken"), () => {
    throw "worse";
  });
  assertStrictEquals(assertThrows(() => future.poll(cx)), "worse");
});

Deno.test("mapError: a value passes by the function", () => {
  const future = mapError(ready("fine"), () => {
    throw "not called";
  });
  assertEquals(future.poll(cx), "fine");
});

for (
  const [name, wrap] of Object.entries({
    map: (leaf: Future<unknown>) => map(leaf, () => "mapped"),
    mapError: (leaf: Future<unknown>) => mapError(leaf, () => "renamed"),
  })
) {
  Deno.test(`${name}: dropped from inside its poll, it drops its future and throws unless that ended`, () => {
    for (const ending of ["pending", "value", "failure"]) {
      const leaf = new Probe<unknown>();
      const future = wrap(leaf);
      leaf.onPoll = () => future[Symbol.dispose]();
      if (ending === "value") leaf.complete(1);
      if (ending === "failure") leaf.fail("broken");
      if (ending === "value") future.poll(cx);
      else if (ending === "failure") assertThrows(() => future.poll(cx));
      else {
        const error = assertThrows(() => future.poll(cx), CancelledError);
        assertEquals(
          error.message,
          `Cannot go on with ${future.constructor.name}: it was dropped from inside its poll`,
        );
      }
      assertEquals(leaf.drops, 1);
      assertThrows(() => future.poll(cx), PolledAfterCompletionError);
    }
  });

  Deno.test(`${name}: what its future's drop throws comes out of its own`, () => {
    const leaf = new Probe();
    leaf.onDrop = () => {
      throw "in the drop";
    };
    const future = wrap(leaf);
    assertStrictEquals(
      assertThrows(() => future[Symbol.dispose]()),
      "in the drop",
    );
    assertThrows(
      () => future.poll(cx),
      PolledAfterCompletionError,
      "was dropped",
    );
    future[Symbol.dispose]();
    assertEquals(leaf.drops, 1);
  });
}
