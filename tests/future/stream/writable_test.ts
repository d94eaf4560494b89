// WritableStream as a sink.
import {
  assertEquals,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { wakeCounter } from "../../../executor/sim/mod.ts";
import { run } from "../../../executor/mod.ts";
import {
  CancelledError,
  noopWaker,
  Pending,
  PolledAfterCompletionError,
} from "../../../future/mod.ts";
import {
  forward,
  fromWritableStream,
  iter,
  type Sink,
} from "../../../future/stream/mod.ts";
import { Failure, settle, Source } from "./_world.ts";

const cx = { waker: noopWaker };
const broken = new Error("broken");

/** A writable stream whose writes the test lets through, and that tells of them. */
function writable(sink: UnderlyingSink<number> = {}) {
  const log: unknown[] = [];
  const writes: PromiseWithResolvers<void>[] = [];
  const stream = new WritableStream<number>({
    write: (chunk) => {
      log.push(chunk);
      const write = Promise.withResolvers<void>();
      writes.push(write);
      return write.promise;
    },
    close: () => {
      log.push("close");
    },
    abort: (reason) => {
      log.push("abort", reason);
    },
    ...sink,
  }, { highWaterMark: 2 });
  return { log, writes, stream };
}

Deno.test("fromWritableStream: has room as the WritableStream has, and wakes when it has again", async () => {
  const { log, writes, stream } = writable();
  const sink = fromWritableStream(stream);
  assertEquals(stream.locked, false);
  const waker = wakeCounter();
  assertStrictEquals(sink.pollReady({ waker }), undefined);
  assertEquals(stream.locked, true);
  sink.startSend(1);
  assertStrictEquals(sink.pollReady({ waker }), undefined);
  sink.startSend(2);
  assertStrictEquals(sink.pollReady({ waker }), Pending);
  assertStrictEquals(sink.pollReady({ waker }), Pending);
  await settle();
  assertEquals([log, waker.count], [[1], 0]);
  writes[0]!.resolve();
  await settle();
  assertEquals([log, waker.count], [[1, 2], 1]);
  assertStrictEquals(sink.pollReady({ waker }), undefined);
  sink[Symbol.dispose]();
});

Deno.test("fromWritableStream: is flushed when all writes are through", async () => {
  const { writes, stream } = writable();
  const sink = fromWritableStream(stream);
  const waker = wakeCounter();
  sink.pollReady({ waker });
  assertStrictEquals(sink.pollFlush({ waker }), undefined);
  sink.startSend(1);
  sink.startSend(2);
  assertStrictEquals(sink.pollFlush({ waker }), Pending);
  await settle();
  writes[0]!.resolve();
  await settle();
  assertEquals(waker.count, 0);
  assertStrictEquals(sink.pollFlush({ waker }), Pending);
  writes[1]!.resolve();
  await settle();
  assertEquals(waker.count, 1);
  assertStrictEquals(sink.pollFlush({ waker }), undefined);
  sink[Symbol.dispose]();
});

Deno.test("fromWritableStream: closes after what was written, unlocks, and is closed for good", async () => {
  const { log, writes, stream } = writable();
  const sink = fromWritableStream(stream);
  const waker = wakeCounter();
  sink.pollReady({ waker });
  sink.startSend(1);
  assertStrictEquals(sink.pollClose({ waker }), Pending);
  assertStrictEquals(sink.pollClose({ waker }), Pending);
  await settle();
  assertEquals(log, [1]);
  writes[0]!.resolve();
  await settle();
  assertEquals([log, waker.isWoken], [[1, "close"], true]);
  assertStrictEquals(sink.pollClose({ waker }), undefined);
  assertStrictEquals(sink.pollClose({ waker }), undefined);
  assertStrictEquals(sink.pollFlush({ waker }), undefined);
  assertThrows(() => sink.pollReady({ waker }), Error, "it already completed");
  assertThrows(() => sink.startSend(2), PolledAfterCompletionError);
  sink[Symbol.dispose]();
  await settle();
  assertEquals([log, stream.locked], [[1, "close"], false]);
});

Deno.test("fromWritableStream: dropped, also before the first poll or in its close, it aborts and unlocks", async () => {
  const steps: ((sink: Sink<number>) => void)[] = [
    () => {},
    (sink) => sink.pollReady(cx),
    (sink) => (sink.pollReady(cx), sink.startSend(1)),
    (sink) => (sink.pollReady(cx), sink.startSend(1), sink.pollClose(cx)),
  ];
  for (const [i, step] of steps.entries()) {
    const { log, writes, stream } = writable();
    const sink = fromWritableStream(stream);
    step(sink);
    await settle();
    sink[Symbol.dispose]();
    sink[Symbol.dispose]();
    for (const write of writes) write.resolve();
    await settle();
    assertEquals(log.at(-2), "abort", `step ${i}`);
    assertEquals(log.at(-1) instanceof CancelledError, true);
    assertEquals(stream.locked, false);
    assertThrows(() => sink.pollReady(cx), Error, "it was dropped");
    assertThrows(() => sink.pollClose(cx), Error, "it was dropped");
  }
});

Deno.test("fromWritableStream: dropped while it closes, it stays dropped", async () => {
  const closed = Promise.withResolvers<void>();
  const { stream } = writable({ close: () => closed.promise });
  const heard: unknown[] = [];
  const sink = fromWritableStream(stream, {
    onDropError: (error) => heard.push(error),
  });
  sink.pollClose(cx);
  await settle();
  sink[Symbol.dispose]();
  closed.resolve();
  await settle();
  assertThrows(() => sink.pollClose(cx), Error, "it was dropped");
  assertThrows(() => sink.pollReady(cx), Error, "it was dropped");
  assertEquals([heard, stream.locked], [[], false]);
});

Deno.test("fromWritableStream: a drop after the close, or a second one, aborts nothing", async () => {
  const heard: unknown[] = [];
  const options = { onDropError: (error: unknown) => void heard.push(error) };
  const { log, stream } = writable();
  const sink = fromWritableStream(stream, options);
  sink.pollClose(cx);
  await settle();
  sink.pollClose(cx);
  sink[Symbol.dispose]();
  const dropped = fromWritableStream(writable().stream, options);
  dropped.pollReady(cx);
  dropped[Symbol.dispose]();
  dropped[Symbol.dispose]();
  await settle();
  assertEquals([log, heard], [["close"], []]);
});

Deno.test("fromWritableStream: a failure wakes, and comes out of every call", async () => {
  const { writes, stream } = writable();
  const sink = fromWritableStream(stream);
  const waker = wakeCounter();
  sink.pollReady({ waker });
  sink.startSend(1);
  assertStrictEquals(sink.pollFlush({ waker }), Pending);
  await settle();
  writes[0]!.reject(broken);
  await settle();
  assertEquals(waker.count, 1);
  for (
    const call of [
      () => sink.pollReady(cx),
      () => sink.startSend(2),
      () => sink.pollFlush(cx),
      () => sink.pollClose(cx),
    ]
  ) {
    assertStrictEquals(assertThrows(call), broken);
  }
  sink[Symbol.dispose]();
  await settle();
  assertEquals(stream.locked, false);
});

Deno.test("fromWritableStream: fails when the WritableStream fails by itself, or at its close", async () => {
  let controller: WritableStreamDefaultController | undefined;
  const { stream } = writable({ start: (given) => void (controller = given) });
  const sink = fromWritableStream(stream);
  const waker = wakeCounter();
  sink.pollReady({ waker });
  sink.startSend(1);
  sink.startSend(2);
  assertStrictEquals(sink.pollReady({ waker }), Pending);
  await settle();
  controller!.error(broken);
  await settle();
  assertEquals(waker.count, 1, "though a write is still under way");
  assertStrictEquals(assertThrows(() => sink.pollReady({ waker })), broken);
  sink[Symbol.dispose]();

  const idle = writable({ start: (given) => void (controller = given) });
  const unused = fromWritableStream(idle.stream);
  unused.pollReady(cx);
  controller!.error(broken);
  await settle();
  assertStrictEquals(assertThrows(() => unused.pollFlush(cx)), broken);
  unused[Symbol.dispose]();

  const closing = writable({ close: () => Promise.reject(broken) });
  await assertRejects(
    () => run(forward(iter<number>([]), fromWritableStream(closing.stream))),
    Error,
    "broken",
  );
});

Deno.test("fromWritableStream: what abort rejects with goes to onDropError, and is never unhandled", async () => {
  for (const polls of [0, 1]) {
    const heard: unknown[] = [];
    const fails = { abort: () => Promise.reject(broken) };
    const sink = fromWritableStream(writable(fails).stream, {
      onDropError: (error) => heard.push(error),
    });
    const unheard = fromWritableStream(writable(fails).stream);
    for (let i = 0; i < polls; i++) {
      sink.pollReady(cx);
      unheard.pollReady(cx);
    }
    sink[Symbol.dispose]();
    unheard[Symbol.dispose]();
    await settle();
    assertEquals(heard, [broken]);
  }
});

Deno.test("fromWritableStream: forward writes all with backpressure, and error becomes abort", async () => {
  const { log, stream } = writable({ write: (chunk) => void log.push(chunk) });
  await run(forward(iter([1, 2, 3, 4, 5]), fromWritableStream(stream)));
  assertEquals(log, [1, 2, 3, 4, 5, "close"]);

  const other = writable({ write: () => {} });
  const source = new Source<number>([1, new Failure(broken)]);
  await assertRejects(
    () => run(forward(source, fromWritableStream(other.stream))),
    Error,
    "broken",
  );
  await settle();
  assertEquals(other.log[0], "abort");
});

Deno.test("fromWritableStream: refuses what is none, and a locked one at the first poll", () => {
  assertThrows(
    () => fromWritableStream({} as WritableStream),
    TypeError,
    "Cannot make a sink from Object: pass a WritableStream",
  );
  const { stream } = writable();
  const writer = stream.getWriter();
  const sink = fromWritableStream(stream);
  assertThrows(() => sink.pollReady(cx), TypeError);
  writer.releaseLock();
});
