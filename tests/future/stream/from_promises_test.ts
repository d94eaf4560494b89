// Bridges in: async iterables and readable streams.
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { wakeCounter } from "../../../executor/sim/mod.ts";
import { run } from "../../../executor/mod.ts";
import { CancelledError, noopWaker, Pending } from "../../../future/mod.ts";
import {
  collect,
  Done,
  fromAsyncIterable,
  fromReadableStream,
  take,
} from "../../../future/stream/mod.ts";
import { settle } from "./_world.ts";

const cx = { waker: noopWaker };
const broken = new Error("broken");

/** An async iterable whose answers the test gives. */
function manual() {
  const log: string[] = [];
  let answer = Promise.withResolvers<IteratorResult<number>>();
  let returned: Promise<IteratorResult<number>> = Promise.resolve({
    done: true,
    value: undefined,
  });
  const iterable: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => {
      log.push("start");
      return {
        next: () => {
          log.push("next");
          answer = Promise.withResolvers();
          return answer.promise;
        },
        return: () => {
          log.push("return");
          return returned;
        },
      };
    },
  };
  return {
    log,
    iterable,
    give: (value: number) => answer.resolve({ done: false, value }),
    end: () => answer.resolve({ done: true, value: undefined }),
    fail: () => answer.reject(broken),
    rejectReturn: () => {
      returned = Promise.reject(broken);
    },
  };
}

Deno.test("fromAsyncIterable: gives what an async generator gives, and fails as it does", async () => {
  async function* numbers(fails: boolean) {
    yield 1;
    yield await Promise.resolve(2);
    if (fails) throw broken;
  }
  assertEquals(await run(collect(fromAsyncIterable(numbers(false)))), [1, 2]);
  const error = await run(collect(fromAsyncIterable(numbers(true))))
    .catch((error) => error);
  assertStrictEquals(error, broken);
});

Deno.test("fromAsyncIterable: starts at the first poll, and asks for one item at a time, when polled", async () => {
  const { log, iterable, give, end } = manual();
  const stream = fromAsyncIterable(iterable);
  const waker = wakeCounter();
  assertEquals(log, []);
  assertStrictEquals(stream.pollNext({ waker }), Pending);
  assertStrictEquals(stream.pollNext({ waker }), Pending);
  assertEquals(log, ["start", "next"]);
  give(1);
  await settle();
  assertEquals([waker.count, log.length], [1, 2]);
  assertEquals(stream.pollNext({ waker }), 1);
  assertEquals(log.length, 2, "not asked before it is wanted");
  assertStrictEquals(stream.pollNext({ waker }), Pending);
  assertEquals(log, ["start", "next", "next"]);
  end();
  await settle();
  assertStrictEquals(stream.pollNext({ waker }), Done);
  stream[Symbol.dispose]();
  assertThrows(() => stream.pollNext({ waker }), Error, "it already completed");
  assertEquals(log, ["start", "next", "next"]);
});

Deno.test("fromAsyncIterable: wakes the waker of the last poll", async () => {
  const { iterable, give } = manual();
  const stream = fromAsyncIterable(iterable);
  const [first, second] = [wakeCounter(), wakeCounter()];
  stream.pollNext({ waker: first });
  stream.pollNext({ waker: second });
  give(1);
  await settle();
  assertEquals([first.count, second.count], [0, 1]);
});

Deno.test("fromAsyncIterable: dropped, it returns the iterator at once, and its answer wakes nobody", async () => {
  const { log, iterable, give } = manual();
  const stream = fromAsyncIterable(iterable);
  const waker = wakeCounter();
  stream.pollNext({ waker });
  stream[Symbol.dispose]();
  stream[Symbol.dispose]();
  assertEquals(log, ["start", "next", "return"]);
  give(1);
  await settle();
  assertEquals(waker.count, 0);

  const untouched = manual();
  fromAsyncIterable(untouched.iterable)[Symbol.dispose]();
  assertEquals(untouched.log, []);

  const between = manual();
  const second = fromAsyncIterable(between.iterable);
  second.pollNext(cx);
  between.give(1);
  await settle();
  second.pollNext(cx);
  second[Symbol.dispose]();
  assertEquals(between.log, ["start", "next", "return"]);
});

Deno.test("fromAsyncIterable: take drops it, and a generator's finally runs", async () => {
  const log: string[] = [];
  async function* endless() {
    try {
      for (let n = 0;; n++) yield await Promise.resolve(n);
    } finally {
      log.push("finally");
    }
  }
  assertEquals(await run(collect(take(fromAsyncIterable(endless()), 2))), [
    0,
    1,
  ]);
  await settle();
  assertEquals(log, ["finally"]);
});

Deno.test("fromAsyncIterable: what goes wrong after a drop goes to onDropError, and is never unhandled", async () => {
  for (const isHeard of [false, true]) {
    const heard: unknown[] = [];
    const options = isHeard
      ? { onDropError: (error: unknown) => void heard.push(error) }
      : {};
    const { iterable, fail, rejectReturn } = manual();
    rejectReturn();
    const stream = fromAsyncIterable(iterable, options);
    stream.pollNext(cx);
    stream[Symbol.dispose]();
    fail();
    await settle();
    assertEquals(heard, isHeard ? [broken, broken] : []);
  }
});

Deno.test("fromAsyncIterable: what return throws at once comes out of the drop", () => {
  const stream = fromAsyncIterable({
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.resolve({ done: false, value: 1 }),
      return: () => {
        throw broken;
      },
    }),
  });
  stream.pollNext(cx);
  assertStrictEquals(assertThrows(() => stream[Symbol.dispose]()), broken);
});

Deno.test("fromAsyncIterable: fails with what next throws at once, or gives that is no result", async () => {
  const log: string[] = [];
  const of = (next: () => unknown) =>
    fromAsyncIterable({
      [Symbol.asyncIterator]: () => ({
        next: next as () => Promise<IteratorResult<number>>,
        return: () => {
          log.push("return");
          return Promise.resolve({ done: true as const, value: undefined });
        },
      }),
    });
  const throwing = of(() => {
    throw broken;
  });
  assertStrictEquals(assertThrows(() => throwing.pollNext(cx)), broken);
  const nonsense = of(() => 5);
  nonsense.pollNext(cx);
  await settle();
  assertThrows(
    () => nonsense.pollNext(cx),
    TypeError,
    "Cannot go on with an async iterator: next() gave 5, which is no object",
  );
  assertEquals(log, []);
});

Deno.test("fromAsyncIterable: a rejection is the failure, and the iterator is not returned then", async () => {
  const { log, iterable, fail } = manual();
  const stream = fromAsyncIterable(iterable);
  stream.pollNext(cx);
  fail();
  await settle();
  assertStrictEquals(assertThrows(() => stream.pollNext(cx)), broken);
  assertThrows(() => stream.pollNext(cx), Error, "it already failed");
  assertEquals(log, ["start", "next"]);
});

Deno.test("fromAsyncIterable: refuses what is none, and names what takes it", () => {
  for (const no of [null, 1, {}]) {
    assertThrows(
      () => fromAsyncIterable(no as unknown as AsyncIterable<number>),
      TypeError,
      "it is not async iterable",
    );
  }
  assertThrows(
    () => fromAsyncIterable([1] as unknown as AsyncIterable<number>),
    TypeError,
    "Cannot iterate over Array: it is not async iterable; iter() takes it",
  );
});

/** A readable stream that tells what is done with it. */
function readable(source: UnderlyingDefaultSource<number> = {}) {
  const log: unknown[] = [];
  let n = 0;
  const stream = new ReadableStream<number>({
    pull: (controller) => {
      log.push("pull");
      controller.enqueue(n++);
    },
    cancel: (reason) => {
      log.push("cancel", reason);
    },
    ...source,
  }, { highWaterMark: 0 });
  return { log, stream };
}

Deno.test("fromReadableStream: gives the chunks, then ends and unlocks", async () => {
  const source = ReadableStream.from(["a", "b"]);
  const stream = fromReadableStream(source);
  assertEquals(source.locked, false);
  const all = collect(stream);
  all.poll(cx);
  assertEquals(source.locked, true);
  assertEquals(await run(all), ["a", "b"]);
  assertEquals(source.locked, false);
});

Deno.test("fromReadableStream: reads when polled, and not ahead", async () => {
  const { log, stream: source } = readable();
  const stream = fromReadableStream(source);
  await settle();
  assertEquals(log, []);
  assertEquals(await run(stream.next()), 0);
  await settle();
  assertEquals(log, ["pull"]);
  assertEquals(await run(stream.next()), 1);
  assertEquals(log, ["pull", "pull"]);
  stream[Symbol.dispose]();
});

Deno.test("fromReadableStream: dropped, also before the first poll or in the middle of a read, it cancels and unlocks", async () => {
  for (const polls of [0, 1]) {
    const { log, stream: source } = readable({ pull: () => {} });
    const stream = fromReadableStream(source);
    for (let i = 0; i < polls; i++) stream.pollNext(cx);
    stream[Symbol.dispose]();
    stream[Symbol.dispose]();
    await settle();
    assertEquals([log[0], log.length, source.locked], ["cancel", 2, false]);
    assertEquals(log[1] instanceof CancelledError, true);
  }
});

Deno.test("fromReadableStream: fails as the ReadableStream does, and unlocks", async () => {
  const { log, stream: source } = readable({
    pull: (controller) => controller.error(broken),
  });
  const stream = fromReadableStream(source);
  const error = await run(stream.next()).catch((error) => error);
  assertStrictEquals(error, broken);
  stream[Symbol.dispose]();
  assertEquals([log, source.locked], [[], false]);
});

Deno.test("fromReadableStream: what cancel rejects with goes to onDropError, and is never unhandled", async () => {
  for (const polls of [0, 1]) {
    const heard: unknown[] = [];
    const fails = { pull: () => {}, cancel: () => Promise.reject(broken) };
    const stream = fromReadableStream(readable(fails).stream, {
      onDropError: (error) => heard.push(error),
    });
    for (let i = 0; i < polls; i++) stream.pollNext(cx);
    stream[Symbol.dispose]();
    const unheard = fromReadableStream(readable(fails).stream);
    for (let i = 0; i < polls; i++) unheard.pollNext(cx);
    unheard[Symbol.dispose]();
    await settle();
    assertEquals(heard, [broken]);
  }
});

Deno.test("fromReadableStream: an end or a failure is not followed by a cancel", async () => {
  const heard: unknown[] = [];
  const options = { onDropError: (error: unknown) => void heard.push(error) };
  await run(collect(fromReadableStream(ReadableStream.from([1]), options)));
  const { log, stream } = readable({
    pull: (controller) => controller.error(broken),
  });
  await run(collect(fromReadableStream(stream, options))).catch(() => {});
  await settle();
  assertEquals([heard, log], [[], []]);
});

Deno.test("fromReadableStream: a locked one fails at the first poll and is left alone by a drop", async () => {
  const { log, stream: source } = readable();
  const reader = source.getReader();
  const heard: unknown[] = [];
  const stream = fromReadableStream(source);
  assertThrows(() => stream.pollNext(cx), TypeError);
  fromReadableStream(source, { onDropError: (error) => heard.push(error) })
    [Symbol.dispose]();
  await settle();
  assertEquals(heard.length, 1);
  assertEquals((await reader.read()).value, 0);
  assertEquals(log, ["pull"]);
});

Deno.test("fromReadableStream: refuses what is none", () => {
  assertThrows(
    () => fromReadableStream([] as unknown as ReadableStream),
    TypeError,
    "Cannot make a stream from Array: pass a ReadableStream",
  );
});
