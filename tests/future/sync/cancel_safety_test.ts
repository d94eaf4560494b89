// What dropping each public future keeps, loses or leaves half done.
import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { wakeCounter } from "../../../executor/sim/mod.ts";
import { Pending, pin } from "../../../future/mod.ts";
import * as sync from "../../../future/sync/mod.ts";
import { Done, Stream } from "../../../future/stream/stream.ts";
import { others, streams, table } from "./_claims.ts";
import { subjects } from "./_scenes.ts";
import { cx, drop, park, take, wakes } from "./_tools.ts";

/** Every future and stream that the sources export, and what they say. */
function documented(): Record<string, string> {
  const found: Record<string, string> = {};
  const folder = new URL("../../../future/sync/", import.meta.url);
  for (const { name } of Deno.readDirSync(folder)) {
    if (!name.endsWith(".ts") || name.startsWith("_")) continue;
    const text = Deno.readTextFileSync(new URL(name, folder));
    const parts = text.split(/^(?=export class )/m);
    parts.slice(1).forEach((part, i) => {
      const title = /^export class (\w+)/.exec(part)![1]!;
      if (/^export class \S+ extends (Future|Stream)</.test(part)) {
        found[title] = saysOf(parts[i]!);
      }
      for (const method of part.matchAll(/^ {2}(\w+)\([^{]*?\): Future</gm)) {
        found[`${title}.${method[1]}`] = saysOf(part.slice(0, method.index));
      }
    });
  }
  return found;
}

/** What the last documentation in a text says of dropping. */
function saysOf(before: string): string {
  const doc = before.slice(before.lastIndexOf("/**"));
  const says = /Cancel safety: ([^]*?)\n *\*\n/.exec(doc)?.[1] ?? "nothing";
  return says.replaceAll(/\n *\* /g, " ");
}

Deno.test("sync cancel safety: every public future is in the table, and says what the table says", () => {
  const found = documented();
  assertEquals(Object.keys(found).sort(), Object.keys(table).sort());
  for (const [name, promise] of Object.entries(table)) {
    const says = found[name]!;
    assert(says.startsWith(promise), `${name}: ${says}`);
    assert(/^[,;:.]/.test(says.slice(promise.length)), `${name}: ${says}`);
  }
});

Deno.test("sync cancel safety: every export is in the table", () => {
  const named = Object.keys(table).map((name) => name.split(".")[0]!);
  assertEquals(
    Object.keys(sync).sort(),
    [...new Set([...named, ...others])].sort(),
  );
});

Deno.test("sync cancel safety: every stream has its next() from Stream, where it is safe", () => {
  for (const name of Object.keys(streams)) {
    const { prototype } = sync[name as "MpscReceiver"];
    assert(prototype instanceof Stream);
    assertStrictEquals(prototype.next, Stream.prototype.next);
  }
});

for (const { of, promise, set } of subjects) {
  if (promise === "loses data") continue;

  Deno.test(`sync cancel safety: ${of}, dropped after any poll and made again, has lost nothing`, () => {
    for (let polls = 0; polls < 5; polls++) {
      for (const serveFirst of [false, true]) {
        const { make, serve } = set();
        const first = make();
        const waker = wakeCounter();
        for (let i = 0; i < polls; i++) {
          assertStrictEquals(first.poll({ waker }), Pending);
        }
        if (serveFirst) {
          // A barrier waits for those who have come, not for those to come.
          if (of === "Barrier.wait") continue;
          serve();
        }
        waker.reset();
        drop(first);
        const again = make();
        if (!serveFirst) {
          park(again);
          serve();
        }
        take(again);
        assertEquals(waker.count, 0, "a dropped future is not woken");
      }
    }
  });
}

for (const { of, promise, set } of subjects) {
  if (promise !== "loses its place" || of === "Barrier.wait") continue;

  Deno.test(`sync cancel safety: ${of} that is dropped in line stands at the end when it is made again`, () => {
    const { make, serve } = set();
    const first = park(make());
    const rival = park(make());
    drop(first.future);
    const again = park(make());
    serve();
    // Readers go together.
    assertEquals(wakes(first, rival, again), [
      0,
      1,
      of === "RwLock.read" ? 1 : 0,
    ]);
    take(rival.future);
  });

  Deno.test(`sync cancel safety: ${of} that is dropped after the grant lets the next in`, () => {
    const { make, serve } = set();
    const [first, second, third] = [park(make()), park(make()), park(make())];
    serve();
    drop(first.future);
    assertEquals(wakes(second), [1]);
    drop(second.future);
    assertEquals(wakes(third), [1]);
    take(third.future);
  });
}

Deno.test("sync cancel safety: a barrier counts only those who wait", () => {
  const barrier = new sync.Barrier(3);
  const first = park(barrier.wait());
  const rival = park(barrier.wait());
  drop(first.future);
  const again = park(barrier.wait());
  take(barrier.wait());
  assertEquals(wakes(first, rival, again), [0, 1, 1]);
});

Deno.test("sync cancel safety: the value of a dropped send was not sent, at any moment", () => {
  for (let polls = 0; polls < 4; polls++) {
    for (const isGranted of [false, true]) {
      const [sender, receiver] = sync.mpsc<string>(1);
      sender.trySend("x");
      const send = sender.send("y");
      for (let i = 0; i < polls; i++) send.poll(cx);
      if (isGranted) receiver.tryRecv();
      drop(send);
      if (!isGranted) receiver.tryRecv();
      assertStrictEquals(receiver.tryRecv(), Pending);
      assertEquals(sender.capacity, 1);
    }
  }
});

Deno.test("sync cancel safety: a oneshot receiver loses the value; lent with pin it does not", () => {
  for (let polls = 0; polls < 3; polls++) {
    for (const isSent of [false, true]) {
      const [sender, receiver] = sync.oneshot<string>();
      const lent = pin(receiver);
      for (let i = 0; i < polls; i++) {
        assertStrictEquals(lent.poll(cx), Pending);
      }
      drop(lent);
      assertEquals(sender.isClosed, false);
      if (isSent) sender.send("x");
      drop(receiver);
      assertThrows(() => sender.send("y"), sync.ChannelClosed);
      assertThrows(() => receiver.tryRecv(), Error, "was dropped");
    }
  }
  const [sender, receiver] = sync.oneshot<string>();
  drop(park(pin(receiver)).future);
  sender.send("x");
  assertEquals(take(pin(receiver)), "x");
});

Deno.test("sync cancel safety: an mpsc receiver that is closed first loses nothing", () => {
  const [sender, receiver] = sync.mpsc<number>(3);
  for (const n of [1, 2, 3]) sender.trySend(n);
  receiver.close();
  assertEquals([1, 2, 3].map(() => receiver.tryRecv()), [1, 2, 3]);
  assertStrictEquals(receiver.tryRecv(), Done);
});
