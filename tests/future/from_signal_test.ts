import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { wakeCounter } from "../../executor/sim/mod.ts";
import {
  fromSignal,
  join,
  noopWaker,
  Pending,
  pending,
  ready,
  select,
} from "../../future/mod.ts";

const cx = { waker: noopWaker };

/** A signal that knows how many listeners it has. */
function watchedSignal(): {
  controller: AbortController;
  listeners: () => number;
  added: () => number;
} {
  const controller = new AbortController();
  const { signal } = controller;
  const all = new Set<unknown>();
  let added = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    added++;
    all.add(args[1]);
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    all.delete(args[1]);
    remove(...args);
  };
  return { controller, listeners: () => all.size, added: () => added };
}

Deno.test("fromSignal: it completes with the reason when the signal is aborted", () => {
  const controller = new AbortController();
  const future = fromSignal(controller.signal);
  const waker = wakeCounter();
  assertStrictEquals(future.poll({ waker }), Pending);
  controller.abort("enough");
  assertEquals([waker.count, future.poll({ waker })], [1, "enough"]);
});

Deno.test("fromSignal: the reason is passed on as it is", () => {
  for (const reason of [null, 0, new Error("stop")]) {
    assertStrictEquals(fromSignal(AbortSignal.abort(reason)).poll(cx), reason);
  }
  const byDefault = fromSignal(AbortSignal.abort()).poll(cx);
  assertEquals((byDefault as DOMException).name, "AbortError");
});

Deno.test("fromSignal: a signal that is aborted already is ready at once, and not listened to", () => {
  const { controller, added } = watchedSignal();
  controller.abort("before");
  assertEquals(fromSignal(controller.signal).poll(cx), "before");
  assertEquals(added(), 0);
});

Deno.test("fromSignal: aborted between two polls, or before the first, it is seen", () => {
  const controller = new AbortController();
  const [early, late] = [
    fromSignal(controller.signal),
    fromSignal(controller.signal),
  ];
  early.poll(cx);
  controller.abort("now");
  assertEquals([early.poll(cx), late.poll(cx)], ["now", "now"]);
});

Deno.test("fromSignal: it listens from its first poll on, with one listener however often it is polled", () => {
  const { controller, listeners, added } = watchedSignal();
  const future = fromSignal(controller.signal);
  assertEquals(added(), 0);
  for (let i = 0; i < 5; i++) future.poll({ waker: wakeCounter() });
  assertEquals([added(), listeners()], [1, 1]);
  future[Symbol.dispose]();
  assertEquals(listeners(), 0);
});

Deno.test("fromSignal: it takes its listener away when it completes", () => {
  const { controller, listeners } = watchedSignal();
  const future = fromSignal(controller.signal);
  future.poll(cx);
  controller.abort();
  future.poll(cx);
  assertEquals(listeners(), 0);
});

Deno.test("fromSignal: a thousand selects over one signal leave no listener behind", () => {
  const { controller, listeners, added } = watchedSignal();
  let most = 0;
  for (let i = 0; i < 1000; i++) {
    const stop = fromSignal(controller.signal);
    const round = select({ stop, work: i % 2 === 0 ? ready(i) : pending() });
    round.poll(cx);
    most = Math.max(most, listeners());
    round[Symbol.dispose]();
  }
  assertEquals([most, listeners(), controller.signal.aborted], [1, 0, false]);
  assertEquals(added() >= 500, true);
});

Deno.test("fromSignal: a dropped one is not woken by an abort", () => {
  const controller = new AbortController();
  const waker = wakeCounter();
  const future = fromSignal(controller.signal);
  future.poll({ waker });
  future[Symbol.dispose]();
  controller.abort();
  assertEquals(waker.count, 0);
});

Deno.test("fromSignal: many on one signal are all woken", () => {
  const controller = new AbortController();
  const all = join(
    Array.from({ length: 100 }, () => fromSignal(controller.signal)),
  );
  all.poll(cx);
  controller.abort(7);
  assertEquals(all.poll(cx), Array(100).fill(7));
});

Deno.test("fromSignal: what is no signal is refused at once", () => {
  const cases: [unknown, string][] = [
    [new AbortController(), "AbortController"],
    [undefined, "undefined"],
    [{ aborted: true }, "Object"],
  ];
  for (const [value, what] of cases) {
    const error = assertThrows(
      () => fromSignal(value as AbortSignal),
      TypeError,
    );
    assertEquals(
      error.message,
      `Cannot make a future from ${what}: pass an AbortSignal`,
    );
  }
});
