import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { wakeCounter } from "../../../executor/sim/mod.ts";
import {
  Budget,
  Pending,
  PolledAfterCompletionError,
} from "../../../future/mod.ts";
import { subjects } from "./_scenes.ts";
import { cx, drop, park, take, wakes } from "./_tools.ts";

for (const { of, type, set } of subjects) {
  Deno.test(`sync contract: ${of} is woken by the waker of its last poll alone, once`, () => {
    const { make, serve } = set();
    const { future, waker } = park(make());
    const last = wakeCounter();
    assertStrictEquals(future.poll({ waker: last }), Pending);
    assertStrictEquals(future.poll({ waker: last }), Pending);
    serve();
    assertEquals([waker.count, last.count], [0, 1]);
    take(future);
  });

  Deno.test(`sync contract: ${of} cannot be polled after it has completed or was dropped`, () => {
    for (const how of ["completed", "was dropped"]) {
      for (const polls of how === "completed" ? [1] : [0, 1]) {
        const { make, serve } = set();
        const future = make();
        for (let i = 0; i < polls; i++) park(future);
        if (how === "completed") {
          serve();
          take(future);
        } else {
          drop(future);
        }
        drop(future);
        const error = assertThrows(
          () => future.poll(cx),
          PolledAfterCompletionError,
          how,
        );
        assert(error.message.startsWith(`Cannot poll ${type}: it`));
      }
    }
  });

  Deno.test(`sync contract: ${of} costs nothing while it waits, and waits for the budget at the end`, () => {
    if (type === "GetOrInit") return; // a turn, and what init's future costs
    const { make, serve } = set();
    const waker = wakeCounter();
    const budget = new Budget(1);
    const future = make();
    for (let i = 0; i < 3; i++) {
      assertStrictEquals(future.poll({ waker, budget }), Pending);
    }
    assert(!budget.exhausted, "waiting is free");
    serve();
    budget.spend();
    waker.reset();
    assertStrictEquals(future.poll({ waker, budget }), Pending);
    assertEquals(waker.count, 1, "it asks for another poll");
    budget.refill();
    assert(future.poll({ waker, budget }) !== Pending);
    assert(budget.exhausted, "a value costs one unit");
  });

  Deno.test(`sync contract: ${of} does nothing before its first poll`, () => {
    const { make, serve } = set();
    if (type === "OneshotReceiver") return; // there is but one
    for (let i = 0; i < 10; i++) make();
    const waiting = park(make());
    serve();
    assertEquals(wakes(waiting), [1], "those unpolled do not stand in line");
  });
}
