import { assertEquals, assertThrows } from "@std/assert";
import { PolledAfterCompletionError } from "../../../future/mod.ts";
import { Acquire, Permits } from "../../../future/sync/_permits.ts";
import { Waiter, WaitList } from "../../../future/sync/_wait_list.ts";
import { cx, park, rude, take } from "./_tools.ts";

/** A list with some in line, and the names of those woken. */
function setUp(names: string[]) {
  const list = new WaitList<string>();
  const woken: string[] = [];
  const waiters = names.map((name) => {
    const waiter = new Waiter(name);
    list.push(waiter, rude(() => woken.push(name)));
    return waiter;
  });
  return { list, woken, waiters };
}

Deno.test("wait list: all are woken in the order they came", () => {
  const { list, woken } = setUp(["a", "b", "c"]);
  assertEquals([list.isEmpty, list.first?.owner], [false, "a"]);
  list.wakeAll();
  assertEquals(woken, ["a", "b", "c"]);
  assertEquals([list.isEmpty, list.first], [true, null]);
  list.wakeAll();
  assertEquals(woken.length, 3);
});

Deno.test("wait list: one that is pushed again keeps its place", () => {
  const { list, woken, waiters } = setUp(["a", "b"]);
  list.push(waiters[0]!, rude(() => woken.push("a again")));
  list.wakeAll();
  assertEquals(woken, ["a again", "b"]);
});

Deno.test("wait list: one that leaves is not woken, from wherever it leaves", () => {
  for (const name of ["a", "b", "c"]) {
    for (const isTold of [false, true]) {
      const { list, woken, waiters } = setUp(["a", "b", "c"]);
      if (isTold) list.tellAll();
      const waiter = waiters.find(({ owner }) => owner === name)!;
      waiter.leave();
      waiter.leave();
      assertEquals(waiter.isLinked, false);
      list.wakeAll();
      assertEquals(woken, ["a", "b", "c"].filter((each) => each !== name));
    }
  }
});

Deno.test("wait list: who is told is woken by the next wake, and no other", () => {
  const { list, woken, waiters } = setUp(["a", "b", "c"]);
  list.tell(waiters[1]!);
  assertEquals([woken, list.first?.owner], [[], "a"]);
  list.wake();
  list.wake();
  assertEquals(woken, ["b"]);
});

Deno.test("wait list: with nobody in line there is nobody to tell", () => {
  const { list, woken } = setUp([]);
  list.tellAll();
  list.push(new Waiter("a"), rude(() => woken.push("a")));
  list.wake();
  assertEquals(woken, []);
  list.wakeAll();
  assertEquals(woken, ["a"]);
});

Deno.test("wait list: one that comes back from inside a waker waits for the next time", () => {
  const list = new WaitList<string>();
  const woken: string[] = [];
  const waiter = new Waiter("a");
  const waker = rude(() => {
    woken.push("a");
    list.push(waiter, waker);
  });
  list.push(waiter, waker);
  const last = new Waiter("b");
  list.push(last, rude(() => woken.push("b")));
  list.wakeAll();
  assertEquals([woken, list.first?.owner], [["a", "b"], "a"]);
});

Deno.test("wait list: a waiter that was woken no longer holds its waker", () => {
  const { list, waiters } = setUp(["a"]);
  list.wakeAll();
  assertEquals(waiters[0]!.waker, null);
});

Deno.test("wait: one that takes a refusal for a value has completed", () => {
  class Ask extends Acquire<string> {
    protected override take(): string {
      return "granted";
    }
    protected override refused(): string {
      return "refused";
    }
  }
  const permits = new Permits(0);
  const ask = new Ask(permits, 1);
  park(ask);
  permits.close();
  assertEquals(take(ask), "refused");
  const late = new Ask(permits, 1);
  assertEquals(take(late), "refused");
  for (const each of [ask, late]) {
    assertThrows(() => each.poll(cx), PolledAfterCompletionError, "completed");
  }
});
