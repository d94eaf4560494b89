// Rule 3: polling after the end throws, and says how it ended.
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  noopWaker,
  Pending,
  PolledAfterCompletionError,
} from "../../future/mod.ts";
import { type Scene, subjects } from "./_scenes.ts";

const cx = { waker: noopWaker };

async function playToTheEnd(scene: Scene): Promise<void> {
  for (const step of scene.steps) {
    assertStrictEquals(scene.future.poll(cx), Pending);
    await step();
  }
  if (scene.ends === "failed") assertThrows(() => scene.future.poll(cx));
  else scene.future.poll(cx);
}

function assertEnded(scene: Scene, text: string): void {
  const polls = scene.leaves.map((leaf) => leaf.polls);
  const calls = scene.calls;
  for (let again = 0; again < 2; again++) {
    const error = assertThrows(
      () => scene.future.poll(cx),
      PolledAfterCompletionError,
    );
    assertEquals(error.message, text);
    assertEquals(error.name, "PolledAfterCompletionError");
  }
  assertEquals(scene.leaves.map((leaf) => leaf.polls), polls);
  assertEquals(scene.calls, calls);
}

for (const { title, type, set } of subjects) {
  Deno.test(`contract 3: ${title} throws when polled after its end`, async () => {
    const scene = set();
    await playToTheEnd(scene);
    if (scene.ends === "never") return;
    assertEnded(scene, `Cannot poll ${type}: it already ${scene.ends}`);
    scene.future[Symbol.dispose]();
    assertEnded(scene, `Cannot poll ${type}: it already ${scene.ends}`);
  });

  Deno.test(`contract 3: ${title} throws when polled after its drop, at each step`, async () => {
    for (let polls = 0; polls <= set().steps.length; polls++) {
      const scene = set();
      for (const step of scene.steps.slice(0, polls)) {
        scene.future.poll(cx);
        await step();
      }
      scene.future[Symbol.dispose]();
      assertEnded(scene, `Cannot poll ${type}: it was dropped`);
      scene.future[Symbol.dispose]();
      assertEnded(scene, `Cannot poll ${type}: it was dropped`);
    }
  });
}
