import { assertEquals, assertStrictEquals } from "@std/assert";
import { Pending } from "../../../future/mod.ts";
import { Notify } from "../../../future/sync/mod.ts";
import { cx, drop, park, take, wakes } from "./_tools.ts";

Deno.test("notify: notifyOne wakes who has waited longest, and no other", () => {
  const notify = new Notify();
  const [a, b] = [park(notify.notified()), park(notify.notified())];
  notify.notifyOne();
  assertEquals(wakes(a, b), [1, 0]);
  take(a.future);
  assertStrictEquals(b.future.poll(cx), Pending);
});

Deno.test("notify: one notice is stored for who comes next, and no more than one", () => {
  const notify = new Notify();
  notify.notifyOne();
  notify.notifyOne();
  take(notify.notified());
  park(notify.notified());
});

Deno.test("notify: notifyWaiters wakes all who wait, and stores nothing", () => {
  const notify = new Notify();
  const [a, b] = [park(notify.notified()), park(notify.notified())];
  notify.notifyWaiters();
  assertEquals(wakes(a, b), [1, 1]);
  take(a.future);
  take(b.future);
  park(notify.notified());
});

Deno.test("notify: a notice to all reaches a future that was made before it and not yet polled", () => {
  const notify = new Notify();
  const early = notify.notified();
  notify.notifyWaiters();
  notify.notifyOne();
  take(early);
  take(notify.notified()); // the stored one is still there
  park(notify.notified());
});

Deno.test("notify: a notice to one whose future is dropped before its poll goes to the next", () => {
  const notify = new Notify();
  const [a, b] = [park(notify.notified()), park(notify.notified())];
  notify.notifyOne();
  drop(a.future);
  assertEquals(wakes(a, b), [1, 1]);
  drop(b.future);
  take(notify.notified()); // nobody was there, so it was stored
});

Deno.test("notify: a notice to all that is dropped is passed on to nobody", () => {
  const notify = new Notify();
  const a = park(notify.notified());
  notify.notifyWaiters();
  const late = park(notify.notified());
  drop(a.future);
  assertEquals(wakes(late), [0]);
});

Deno.test("notify: a notice to one is passed on also if all were notified after it", () => {
  const notify = new Notify();
  const a = park(notify.notified());
  notify.notifyOne();
  notify.notifyWaiters();
  drop(a.future);
  take(notify.notified());
});

Deno.test("notify: who leaves the line is not notified", () => {
  const notify = new Notify();
  const [a, b] = [park(notify.notified()), park(notify.notified())];
  drop(a.future);
  notify.notifyOne();
  assertEquals(wakes(a, b), [0, 1]);
});
