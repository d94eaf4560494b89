import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { Pending } from "../../../future/mod.ts";
import { Barrier } from "../../../future/sync/mod.ts";
import { cx, drop, park, take, wakes } from "./_tools.ts";

Deno.test("barrier: all go on once the last has come, who is the leader", () => {
  const barrier = new Barrier(3);
  for (let round = 0; round < 3; round++) {
    const [a, b] = [park(barrier.wait()), park(barrier.wait())];
    assertEquals(wakes(a, b), [0, 0]);
    assertEquals(take(barrier.wait()), { isLeader: true });
    assertEquals(wakes(a, b), [1, 1]);
    assertEquals(take(a.future), { isLeader: false });
    assertEquals(take(b.future), { isLeader: false });
  }
});

Deno.test("barrier: one that is dropped while it waits must be replaced", () => {
  const barrier = new Barrier(2);
  drop(park(barrier.wait()).future);
  const a = park(barrier.wait());
  take(barrier.wait());
  take(a.future);
});

Deno.test("barrier: one that is dropped after all have come is not missed by the next round", () => {
  const barrier = new Barrier(2);
  const a = park(barrier.wait());
  take(barrier.wait());
  drop(a.future);
  const b = park(barrier.wait());
  assertStrictEquals(b.future.poll(cx), Pending);
  take(barrier.wait());
});

Deno.test("barrier: a future that was not polled does not count", () => {
  const barrier = new Barrier(2);
  drop(barrier.wait());
  park(barrier.wait());
});

Deno.test("barrier: for one alone it does not wait", () => {
  assertEquals(take(new Barrier(1).wait()), { isLeader: true });
});

Deno.test("barrier: a size that makes no sense is refused", () => {
  for (const bad of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => new Barrier(bad),
      RangeError,
      `Cannot make a barrier: size must be a whole number of at least 1, got ${bad}`,
    );
  }
});
