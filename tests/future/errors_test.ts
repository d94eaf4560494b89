import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  CancelledError,
  FutureMovedError,
  PolledAfterCompletionError,
  ReentrantPollError,
} from "../../future/mod.ts";

Deno.test("errors: each is an Error by its own name", () => {
  const errors = {
    PolledAfterCompletionError: new PolledAfterCompletionError("X"),
    FutureMovedError: new FutureMovedError("X", "Y"),
    ReentrantPollError: new ReentrantPollError("X"),
    CancelledError: new CancelledError("gone"),
  };
  for (const [name, error] of Object.entries(errors)) {
    assert(error instanceof Error);
    assertEquals([error.name, error.constructor.name], [name, name]);
    assert(
      error.stack!.startsWith(`${name}: `) ||
        error.stack!.startsWith("Error: "),
    );
    assertEquals("cause" in error, false);
    assertEquals(error.message.endsWith("."), false);
  }
});

Deno.test("errors: PolledAfterCompletionError says how the future ended", () => {
  const text = (
    how?: "completed" | "failed" | "was dropped" | "was detached",
  ) => new PolledAfterCompletionError("Sleep", how).message;
  assertEquals(text(), "Cannot poll Sleep: it already completed");
  assertEquals(text("completed"), "Cannot poll Sleep: it already completed");
  assertEquals(text("failed"), "Cannot poll Sleep: it already failed");
  assertEquals(text("was dropped"), "Cannot poll Sleep: it was dropped");
  assertEquals(text("was detached"), "Cannot poll Sleep: it was detached");
});

Deno.test("errors: FutureMovedError names the holder and the ways out", () => {
  assertEquals(
    new FutureMovedError("Sleep", "Join").message,
    "Cannot move Sleep: Join holds it; lend it with pin() or make a second one",
  );
});

Deno.test("errors: ReentrantPollError says where the other poll is", () => {
  assertEquals(
    new ReentrantPollError("co").message,
    "Cannot poll co: it is being polled right now, further up",
  );
});

Deno.test("errors: CancelledError carries a message and a cause", () => {
  const cause = new Error("why");
  const error = new CancelledError("Cannot go on: gone", { cause });
  assertEquals(error.message, "Cannot go on: gone");
  assertStrictEquals(error.cause, cause);
});
