// Rule 1: a future does nothing until polled, and has no `then`.
import { assertEquals, assertStrictEquals } from "@std/assert";
import { Future } from "../../future/mod.ts";
import { subjects } from "./_scenes.ts";

for (const { title, set } of subjects) {
  Deno.test(`contract 1: ${title} does nothing before its first poll`, () => {
    const scene = set();
    assertEquals(scene.calls, 0, "no function was called");
    for (const leaf of scene.leaves) {
      assertEquals([leaf.polls, leaf.drops, leaf.waker], [0, 0, null]);
    }
    assertEquals("then" in scene.future, false);
    assertEquals("catch" in scene.future, false);
    scene.future[Symbol.dispose]();
    assertEquals(scene.calls, 0, "nor is one when it is dropped then");
    for (const leaf of scene.leaves) assertEquals(leaf.polls, 0);
  });
}

Deno.test("contract 1: awaiting a future by accident gives the future itself", async () => {
  for (const { set } of subjects) {
    const { future } = set();
    assertStrictEquals(await future, future);
    future[Symbol.dispose]();
  }
});

Deno.test("contract 1: every subject is a Future", () => {
  for (const { set, title } of subjects) {
    using future = set().future;
    assertEquals(future instanceof Future, true, title);
  }
});
