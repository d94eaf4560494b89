import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
} from "@std/assert";
import { JoinError } from "../../executor/mod.ts";
import { CancelledError } from "../../future/mod.ts";

Deno.test("JoinError: the message names the task and what it threw", () => {
  const cases: [string | undefined, unknown, string][] = [
    [undefined, new Error("plain"), "Task 7 failed: plain"],
    ["kettle", new Error("plain"), 'Task 7 "kettle" failed: plain'],
    [undefined, new RangeError("far"), "Task 7 failed: RangeError: far"],
    [undefined, "a string", "Task 7 failed: a string"],
    [undefined, undefined, "Task 7 failed: undefined"],
    [undefined, null, "Task 7 failed: null"],
    [undefined, Symbol("s"), "Task 7 failed: Symbol(s)"],
    [undefined, Object.create(null), "Task 7 failed: object"],
  ];
  for (const [name, error, message] of cases) {
    const joinError = new JoinError({ id: 7, name }, { error });
    assertEquals(joinError.message, message);
    assertEquals(joinError.name, "JoinError");
    assertEquals(joinError.taskId, 7);
    assertEquals(joinError.taskName, name);
    assertEquals(joinError.isCancelled, false);
    assertStrictEquals(joinError.cause, error);
    assert(Object.hasOwn(joinError, "cause"), "also when it is undefined");
  }
});

Deno.test("JoinError: what was thrown may be as odd as it likes", () => {
  const odd = new Error("odd");
  Object.defineProperty(odd, "message", {
    get() {
      throw new Error("no message for you");
    },
  });
  const joinError = new JoinError({ id: 1 }, { error: odd });
  assertEquals(joinError.message, "Task 1 failed: object");
  assertStrictEquals(joinError.cause, odd);
});

Deno.test("JoinError: an aborted task's cause is a CancelledError", () => {
  for (
    const [name, title] of [[undefined, "Task 3"], ["tea", 'Task 3 "tea"']]
  ) {
    const joinError = new JoinError({ id: 3, name }, null);
    assertEquals(joinError.message, `${title} was aborted`);
    assert(joinError.isCancelled);
    assertInstanceOf(joinError.cause, CancelledError);
    assertEquals(
      joinError.cause.message,
      `Cannot go on: ${title} was aborted`,
    );
  }
});
