// Bridges out: async iterables and readable streams, without an executor.
import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { sleep } from "../../../executor/time/mod.ts";
import { FutureMovedError, map, Pending } from "../../../future/mod.ts";
import {
  filterStream,
  fromAsyncIterable,
  fromCallback,
  fromReadableStream,
  iter,
  mapStream,
  pinStream,
  pollNextFn,
  take,
  thenStream,
  toAsyncIterable,
  toReadableStream,
  unfold,
} from "../../../future/stream/mod.ts";
import { Failure, settle, Source, worlds } from "./_world.ts";

const broken = new Error("broken");
const done = { done: true, value: undefined } as const;

Deno.test("toAsyncIterable: for await gives the items, and the source has ended", async () => {
  for (const world of worlds(50)) {
    const xs = world.numbers();
    const source = world.source(xs);
    source.onPoll = () => {
      // What waits goes on in a later promise job.
      Promise.resolve().then(() => world.fire());
    };
    const seen: number[] = [];
    for await (const n of toAsyncIterable(source)) seen.push(n);
    assertEquals(seen, xs, `seed ${world.seed}`);
    world.settle();
  }
});

Deno.test("toAsyncIterable: does nothing before the first next, and polls only while one is pending", async () => {
  const source = new Source([1, Pending, 2]);
  const iterator = toAsyncIterable(source);
  await settle();
  assertEquals(source.polls, 0);
  assertThrows(() => take(source, 1), FutureMovedError);
  assertEquals(await iterator.next(), { done: false, value: 1 });
  await settle();
  assertEquals(source.polls, 1);
  const next = iterator.next();
  assertEquals(source.polls, 1, "not from inside next");
  await settle();
  assertEquals(source.polls, 2);
  source.fire();
  source.waker!.wake();
  source.waker!.wake();
  assertEquals(source.polls, 2, "a wake only enqueues");
  assertEquals(await next, { done: false, value: 2 });
  assertEquals(source.polls, 3, "and wakes are coalesced");
  source.waker!.wake();
  await settle();
  assertEquals(source.polls, 3, "nobody waits");
  assertEquals(await iterator.next(), done);
  assertEquals(await iterator.next(), done);
  assertEquals([source.polls, source.drops], [4, 0]);
  source.claim();
});

Deno.test("toAsyncIterable: return ends a pending next at once, and drops the stream", async () => {
  const source = new Source([Pending]);
  const iterator = toAsyncIterable(source);
  const nexts = [iterator.next(), iterator.next()];
  await settle();
  const returned = iterator.return();
  assertEquals(source.drops, 1);
  assertEquals(await Promise.all([...nexts, returned]), [done, done, done]);
  assertEquals(await iterator.next(), done);
  assertEquals(await iterator.return(), done);
  source.waker!.wake();
  await settle();
  assertEquals([source.polls, source.drops], [1, 1]);
});

Deno.test("toAsyncIterable: return before the job of a next has run ends it all the same", async () => {
  const source = new Source([1]);
  const iterator = toAsyncIterable(source);
  const next = iterator.next();
  await iterator.return();
  assertEquals(await next, done);
  assertEquals([source.polls, source.drops], [0, 1]);
});

Deno.test("toAsyncIterable: break and await using drop the stream", async () => {
  const source = new Source([1, 2, 3]);
  for await (const n of toAsyncIterable(source)) if (n === 2) break;
  assertEquals([source.polls, source.drops], [2, 1]);

  const other = new Source([1]);
  {
    await using iterator = toAsyncIterable(other);
    await iterator.next();
  }
  assertEquals(other.drops, 1);
});

Deno.test("toAsyncIterable: a failure rejects once, and then it is done", async () => {
  const source = new Source([1, new Failure(broken)]);
  const iterator = toAsyncIterable(source);
  const settled = await Promise.allSettled([
    iterator.next(),
    iterator.next(),
    iterator.next(),
  ]);
  assertEquals(settled, [
    { status: "fulfilled", value: { done: false, value: 1 } },
    { status: "rejected", reason: broken },
    { status: "fulfilled", value: done },
  ]);
  assertEquals(await iterator.next(), done);
  assertEquals(await iterator.return(), done);
  source.claim();
});

Deno.test("toAsyncIterable: a stream that lives on after a failure is dropped, and what that throws rejects, too", async () => {
  class Stubborn extends Source<number> {
    override [Symbol.dispose](): void {
      super[Symbol.dispose]();
      throw broken;
    }
  }
  const first = new TypeError("first");
  const source = new Stubborn([new Failure(first)]);
  const error = await assertRejects(
    () => toAsyncIterable(source).next(),
    SuppressedError,
  );
  assertEquals([error.error, error.suppressed], [broken, first]);
  assertEquals(source.drops, 1);
});

Deno.test("toAsyncIterable: several pending nexts are served in order", async () => {
  const iterator = toAsyncIterable(iter([1, 2]));
  const results = await Promise.all(
    [1, 2, 3, 4].map(() => iterator.next()),
  );
  assertEquals(results.map(({ value }) => value), [
    1,
    2,
    undefined,
    undefined,
  ]);
});

Deno.test("toAsyncIterable: what the drop throws comes out of return", async () => {
  const stream = fromCallback(() => () => {
    throw broken;
  });
  const iterator = toAsyncIterable(stream);
  const next = iterator.next();
  await settle();
  assertStrictEquals(
    await assertRejects(() => iterator.return()),
    broken,
  );
  assertEquals(await next, done);
});

Deno.test("toAsyncIterable: returned from inside a poll, it ends quietly", async () => {
  const iterator = toAsyncIterable(mapStream(iter([1, 2]), (n) => {
    iterator.return();
    return n;
  }));
  assertEquals(await iterator.next(), done);
  assertEquals(await iterator.next(), done);
});

Deno.test("toAsyncIterable: returned from inside a poll that is ready, it ends quietly, too", async () => {
  for (const steps of [[1], []]) {
    const source = new Source<number>(steps);
    const iterator = toAsyncIterable(source);
    source.onPoll = () => void iterator.return();
    assertEquals(await iterator.next(), done);
    await settle();
    assertEquals(source.drops, 1);
  }
});

Deno.test("toAsyncIterable: a stream that is always ready spends a budget, and a loop over it can be left", async () => {
  let polls = 0;
  const naturals = unfold(0, (n) => [n, n + 1] as const);
  const few = filterStream(naturals, (n) => (polls++, n % 1000 === 999));
  const seen: number[] = [];
  for await (const n of toAsyncIterable(few)) {
    seen.push(n);
    if (seen.length === 3) break;
  }
  assertEquals([seen, polls], [[999, 1999, 2999], 3000]);

  const budgets: boolean[] = [];
  const stream = pollNextFn((cx) => {
    budgets.push(cx.budget!.exhausted);
    while (cx.budget!.spend());
    return 1;
  });
  const iterator = toAsyncIterable(stream);
  await iterator.next();
  await iterator.next();
  assertEquals(budgets, [false, false]);
  await iterator.return();
});

Deno.test("toAsyncIterable: timers in the stream run on the default executor", async () => {
  const slow = thenStream(iter([1, 2]), (n) => map(sleep(0), () => n));
  assertEquals(await Array.fromAsync(toAsyncIterable(slow)), [1, 2]);
});

Deno.test("toAsyncIterable: there and back again", async () => {
  const back = fromAsyncIterable(toAsyncIterable(iter([1, 2, 3])));
  assertEquals(await Array.fromAsync(toAsyncIterable(back)), [1, 2, 3]);
});

Deno.test("toAsyncIterable: takes what is a stream and free, and gives it back at the end", async () => {
  assertThrows(
    () => toAsyncIterable([1] as unknown as Source<number>),
    TypeError,
    "it is not a Stream",
  );
  const source = new Source([1, 2]);
  const part = toAsyncIterable(take(pinStream(source), 1));
  assertEquals(await Array.fromAsync(part), [1]);
  source.claim();
});

Deno.test("toReadableStream: gives the items and closes", async () => {
  const items = await Array.fromAsync(toReadableStream(iter([1, 2])));
  assertEquals(items, [1, 2]);
});

Deno.test("toReadableStream: polls when somebody reads, and not ahead", async () => {
  const source = new Source([1, 2, 3, 4]);
  const reader = toReadableStream(source).getReader();
  await settle();
  assertEquals(source.polls, 0);
  assertEquals(await reader.read(), { done: false, value: 1 });
  await settle();
  assertEquals(source.polls, 1);
  await reader.cancel();
  assertEquals(source.drops, 1);
});

Deno.test("toReadableStream: keeps as much ahead as the strategy says", async () => {
  const source = new Source([1, 2, 3, 4]);
  const readable = toReadableStream(source, { highWaterMark: 2 });
  await settle();
  assertEquals(source.polls, 2);
  await readable.cancel();
  assertEquals(source.drops, 1);
});

Deno.test("toReadableStream: a cancel while a read waits drops the stream at once", async () => {
  const source = new Source([Pending]);
  const reader = toReadableStream(source).getReader();
  const read = reader.read();
  await settle();
  const cancelled = reader.cancel("enough");
  assertEquals(source.drops, 1);
  await cancelled;
  assertEquals((await read).done, true);
  await settle();
});

Deno.test("toReadableStream: what the drop throws comes out of cancel", async () => {
  const readable = toReadableStream(
    fromCallback(() => () => {
      throw broken;
    }),
    { highWaterMark: 1 },
  );
  await settle();
  assertStrictEquals(await assertRejects(() => readable.cancel()), broken);
});

Deno.test("toReadableStream: a failure of the stream fails it", async () => {
  const source = new Source([1, new Failure(broken)]);
  const reader = toReadableStream(source).getReader();
  await reader.read();
  assertStrictEquals(await assertRejects(() => reader.read()), broken);
  assertStrictEquals(await assertRejects(() => reader.read()), broken);
  source.claim();
});

Deno.test("toReadableStream: there and back again, errors and cancels too", async () => {
  const source = new Source([1, 2, 3]);
  const back = fromReadableStream(toReadableStream(source));
  assertEquals(await Array.fromAsync(toAsyncIterable(take(back, 2))), [1, 2]);
  await settle();
  assert(source.ended === "was dropped");

  const failing = new Source([new Failure(broken)]);
  const iterator = toAsyncIterable(
    fromReadableStream(toReadableStream(failing)),
  );
  assertStrictEquals(await assertRejects(() => iterator.next()), broken);
});
