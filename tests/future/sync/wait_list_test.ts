import { assertEquals, assertThrows } from "@std/assert";
import { PolledAfterCompletionError } from "../../../future/mod.ts";
import type { Inspection, Poll, Waker } from "../../../future/mod.ts";
import { Pending } from "../../../future/mod.ts";
import { PermitDesk, Permits } from "../../../future/sync/_permits.ts";
import { Wait } from "../../../future/sync/_wait.ts";
import {
  isLinked,
  leave,
  Waiter,
  WaitList,
} from "../../../future/sync/_wait_list.ts";
import { ChannelClosed, mpsc, Semaphore } from "../../../future/sync/mod.ts";
import { cx, park, rude, take } from "./_tools.ts";

/** A list with some in line, and the names of those woken. */
function setUp(names: string[]) {
  const list = new WaitList<Waiter>();
  const woken: string[] = [];
  const waiters = names.map((name) => {
    const waiter = new Waiter();
    list.push(waiter, rude(() => woken.push(name)));
    return waiter;
  });
  return { list, woken, waiters };
}

Deno.test("wait list: all are woken in the order they came", () => {
  const { list, woken, waiters } = setUp(["a", "b", "c"]);
  assertEquals([list.isEmpty, list.first === waiters[0]], [false, true]);
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
      const waiter = waiters["abc".indexOf(name)]!;
      leave(waiter);
      leave(waiter);
      assertEquals(isLinked(waiter), false);
      list.wakeAll();
      assertEquals(woken, ["a", "b", "c"].filter((each) => each !== name));
    }
  }
});

Deno.test("wait list: who is told is woken by the next wake, and no other", () => {
  const { list, woken, waiters } = setUp(["a", "b", "c"]);
  list.tell(waiters[1]!);
  assertEquals([woken, list.first === waiters[0]], [[], true]);
  list.wake();
  list.wake();
  assertEquals(woken, ["b"]);
});

Deno.test("wait list: with nobody in line there is nobody to tell", () => {
  const { list, woken } = setUp([]);
  list.tellAll();
  list.push(new Waiter(), rude(() => woken.push("a")));
  list.wake();
  assertEquals(woken, []);
  list.wakeAll();
  assertEquals(woken, ["a"]);
});

Deno.test("wait list: one that comes back from inside a waker waits for the next time", () => {
  const list = new WaitList<Waiter>();
  const woken: string[] = [];
  const waiter = new Waiter();
  const waker = rude(() => {
    woken.push("a");
    list.push(waiter, waker);
  });
  list.push(waiter, waker);
  const last = new Waiter();
  list.push(last, rude(() => woken.push("b")));
  list.wakeAll();
  assertEquals([woken, list.first === waiter], [["a", "b"], true]);
});

Deno.test("wait list: a waiter that was woken no longer holds its waker", () => {
  const { list, waiters } = setUp(["a"]);
  list.wakeAll();
  assertEquals(waiters[0]!.waker, null);
});

Deno.test("wait: one that takes a refusal for a value has completed", () => {
  class Questions extends PermitDesk<string> {
    readonly waitName = "Question";
    override arrive(wait: Wait<string>, waker: Waker): Poll<string> {
      if (this.permits.isClosed) return this.refused();
      return this.permits.admit(wait, waker) ? this.take() : Pending;
    }
    override take(): string {
      return "granted";
    }
    override refused(): string {
      return "refused";
    }
    override inspect(): Inspection {
      return { name: "question" };
    }
  }
  const permits = new Permits(0);
  const desk = new Questions(permits);
  const ask = new Wait(desk, undefined);
  park(ask);
  permits.close();
  assertEquals(take(ask), "refused");
  const late = new Wait(desk, undefined);
  assertEquals(take(late), "refused");
  for (const each of [ask, late]) {
    assertThrows(() => each.poll(cx), PolledAfterCompletionError, "completed");
  }
});

Deno.test("wait: one that was granted no longer holds its waker", () => {
  const semaphore = new Semaphore(0);
  const waits = [1, 2, 3].map(() => semaphore.acquire() as Wait<unknown>);
  waits.forEach((wait) => park(wait));
  semaphore.addPermits(1); // wakes one,
  semaphore.addPermits(2); // and several
  assertEquals(waits.map(({ waker }) => waker), [null, null, null]);
});

Deno.test("wait: one that was refused at its first poll has failed", () => {
  const [sender, receiver] = mpsc<number>(1);
  receiver.close();
  const send = sender.send(1);
  assertThrows(() => send.poll(cx), ChannelClosed);
  assertThrows(() => send.poll(cx), PolledAfterCompletionError, "failed");
});
