import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  abortable,
  CancelledError,
  Pending,
  PolledAfterCompletionError,
} from "../../future/mod.ts";
import { wakeCounter } from "../../executor/sim/mod.ts";
import { Probe } from "../_probe.ts";

/** A signal that counts its listeners. */
function counted(): { controller: AbortController; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  let count = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = function (
    ...args: Parameters<typeof addEventListener>
  ) {
    count++;
    addEventListener.apply(this, args);
  };
  signal.removeEventListener = function (
    ...args: Parameters<typeof removeEventListener>
  ) {
    count--;
    removeEventListener.apply(this, args);
  };
  return { controller, listeners: () => count };
}

Deno.test("abortable: the value comes through, and the listener is taken away", () => {
  const { controller, listeners } = counted();
  const probe = new Probe<number>();
  const future = abortable(probe, controller.signal);
  const waker = wakeCounter();
  assertEquals(listeners(), 0);
  assertStrictEquals(future.poll({ waker }), Pending);
  assertStrictEquals(future.poll({ waker }), Pending);
  assertEquals(listeners(), 1);
  probe.complete(1);
  assertEquals(future.poll({ waker }), 1);
  assertEquals(listeners(), 0);
});

Deno.test("abortable: an abort wakes the task, drops the future and fails with the reason", () => {
  const { controller, listeners } = counted();
  const probe = new Probe<number>();
  const future = abortable(probe, controller.signal);
  const waker = wakeCounter();
  future.poll({ waker });
  const reason = new Error("enough");
  controller.abort(reason);
  assertEquals(waker.count, 1);
  assertStrictEquals(assertThrows(() => future.poll({ waker })), reason);
  assertEquals([probe.drops, listeners()], [1, 0]);
  assertThrows(() => future.poll({ waker }), PolledAfterCompletionError);
});

Deno.test("abortable: what was aborted before the first poll never begins", () => {
  const probe = new Probe<number>();
  const future = abortable(probe, AbortSignal.abort("no"));
  assertStrictEquals(
    (() => {
      try {
        return future.poll({ waker: wakeCounter() });
      } catch (error) {
        return error;
      }
    })(),
    "no",
  );
  assertEquals([probe.polls, probe.drops], [0, 1]);
});

Deno.test("abortable: a drop drops the future and takes the listener away", () => {
  const { controller, listeners } = counted();
  const probe = new Probe<number>();
  const future = abortable(probe, controller.signal);
  future.poll({ waker: wakeCounter() });
  future[Symbol.dispose]();
  future[Symbol.dispose]();
  assertEquals([probe.drops, listeners()], [1, 0]);
});

Deno.test("abortable: a failure comes through, and the listener is taken away", () => {
  const { controller, listeners } = counted();
  const future = abortable(Probe.failing(new Error("boom")), controller.signal);
  assertThrows(() => future.poll({ waker: wakeCounter() }), Error, "boom");
  assertEquals(listeners(), 0);
});

Deno.test("abortable: takes only a future and a signal", () => {
  const probe = new Probe<number>();
  assertThrows(
    () => abortable(probe, {} as AbortSignal),
    TypeError,
    "AbortSignal",
  );
  assertThrows(
    () => abortable(1 as unknown as Probe, new AbortController().signal),
    TypeError,
  );
  abortable(probe, new AbortController().signal); // it was left free
});

Deno.test("abortable: dropped from inside its poll, it says so", () => {
  const { controller, listeners } = counted();
  const probe = new Probe<number>();
  const future = abortable(probe, controller.signal);
  probe.onPoll = () => future[Symbol.dispose]();
  assertThrows(
    () => future.poll({ waker: wakeCounter() }),
    CancelledError,
    "dropped from inside",
  );
  assertEquals([probe.drops, listeners()], [1, 0]);
});
