import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";

import { run } from "../../../executor/mod.ts";
import {
  type Context,
  noopWaker,
  Pending,
  type Poll,
  PolledAfterCompletionError,
} from "../../../future/mod.ts";
import {
  close,
  collectingSink,
  feed,
  flush,
  forward,
  iter,
  send,
  sendAll,
  type Sink,
} from "../../../future/stream/mod.ts";
import { Failure, Source } from "./_world.ts";

const cx = { waker: noopWaker };
const broken = new Error("broken");

/** A sink that does each thing when the test allows it, and tells of it. */
class Gate implements Sink<number> {
  readonly log: unknown[] = [];
  open = { ready: false, flush: false, close: false };
  failure: Error | null = null;

  #ask(what: "ready" | "flush" | "close"): Poll<void> {
    if (this.failure !== null) throw this.failure;
    this.log.push(what);
    return this.open[what] ? undefined : Pending;
  }
  pollReady(_: Context): Poll<void> {
    return this.#ask("ready");
  }
  startSend(item: number): void {
    this.log.push(item);
  }
  pollFlush(_: Context): Poll<void> {
    return this.#ask("flush");
  }
  pollClose(_: Context): Poll<void> {
    return this.#ask("close");
  }
  [Symbol.dispose](): void {
    this.log.push("drop");
  }
}

Deno.test("send: waits for room, sends once, then waits for the flush", () => {
  const sink = new Gate();
  const sending = send(sink, 7);
  assertEquals(sink.log, []);
  assertStrictEquals(sending.poll(cx), Pending);
  sink.open.ready = true;
  assertStrictEquals(sending.poll(cx), Pending);
  assertStrictEquals(sending.poll(cx), Pending);
  assertEquals(sink.log, ["ready", "ready", 7, "flush", "flush"]);
  sink.open.flush = true;
  assertStrictEquals(sending.poll(cx), undefined);
  assertThrows(() => sending.poll(cx), Error, "Cannot poll Send");
});

Deno.test("feed: completes as soon as the sink has the item", () => {
  const sink = new Gate();
  const feeding = feed(sink, 7);
  assertStrictEquals(feeding.poll(cx), Pending);
  sink.open.ready = true;
  assertStrictEquals(feeding.poll(cx), undefined);
  assertEquals(sink.log, ["ready", "ready", 7]);
});

Deno.test("flush, close: wait, and can be asked again after a drop", () => {
  const sink = new Gate();
  for (const [make, gate] of [[flush, "flush"], [close, "close"]] as const) {
    const dropped = make(sink);
    assertStrictEquals(dropped.poll(cx), Pending);
    dropped[Symbol.dispose]();
    assertThrows(() => dropped.poll(cx), PolledAfterCompletionError);
    sink.open[gate] = true;
    assertStrictEquals(make(sink).poll(cx), undefined);
  }
  assertEquals(sink.log, ["flush", "flush", "close", "close"]);
});

Deno.test("send, feed, flush, close: fail as the sink does, and leave it to its owner", () => {
  const sink = new Gate();
  sink.failure = broken;
  for (
    const future of [send(sink, 1), feed(sink, 1), flush(sink), close(sink)]
  ) {
    assertStrictEquals(assertThrows(() => future.poll(cx)), broken);
    assertThrows(() => future.poll(cx), Error, "it already failed");
  }
  assertEquals(sink.log, []);
});

Deno.test("sendAll: asks for room only with an item in hand, flushes while there is none, and at the end", () => {
  const sink = new Gate();
  const source = new Source([1, Pending, 2]);
  const sending = sendAll(sink, source);
  assertStrictEquals(sending.poll(cx), Pending);
  sink.open.ready = true;
  assertStrictEquals(sending.poll(cx), Pending);
  assertEquals(sink.log, ["ready", "ready", 1, "flush"]);
  source.fire();
  sink.log.length = 0;
  assertStrictEquals(sending.poll(cx), Pending);
  assertEquals(sink.log, ["ready", 2, "flush"]);
  sink.open.flush = true;
  assertStrictEquals(sending.poll(cx), undefined);
  assertEquals([sink.log.includes("close"), sink.log.includes("drop")], [
    false,
    false,
  ]);
  assertEquals([source.polls, source.drops], [4, 0]);
});

Deno.test("sendAll: dropped or failed, it drops the stream and leaves the sink", () => {
  const sink = new Gate();
  const source = new Source([1, 2]);
  const sending = sendAll(sink, source);
  sending.poll(cx);
  sending[Symbol.dispose]();
  assertEquals([source.drops, sink.log], [1, ["ready"]]);

  sink.failure = broken;
  const other = new Source([1, 2]);
  const failing = sendAll(sink, other);
  assertStrictEquals(assertThrows(() => failing.poll(cx)), broken);
  assertEquals([other.drops, sink.log], [1, ["ready"]]);
});

Deno.test("forward: closes the sink after the last item, and drops it", () => {
  const sink = new Gate();
  sink.open.ready = true;
  const forwarding = forward(iter([1, 2]), sink);
  assertStrictEquals(forwarding.poll(cx), Pending);
  assertEquals(sink.log, ["ready", 1, "ready", 2, "close"]);
  sink.open.close = true;
  assertStrictEquals(forwarding.poll(cx), undefined);
  assertEquals(sink.log.slice(-2), ["close", "drop"]);
});

Deno.test("forward: dropped, or when the stream or the sink fails, it drops both", () => {
  const sink = new Gate();
  const source = new Source([1]);
  const forwarding = forward(source, sink);
  forwarding.poll(cx);
  forwarding[Symbol.dispose]();
  assertEquals([source.drops, sink.log], [1, ["ready", "drop"]]);

  const second = new Gate();
  const failing = forward(new Source<number>([new Failure(broken)]), second);
  assertStrictEquals(assertThrows(() => failing.poll(cx)), broken);
  assertEquals(second.log, ["drop"]);

  const third = new Gate();
  third.failure = broken;
  const other = new Source([1]);
  const refused = forward(other, third);
  assertStrictEquals(assertThrows(() => refused.poll(cx)), broken);
  assertEquals([other.drops, third.log], [1, ["drop"]]);
});

Deno.test("collectingSink: keeps what it is sent; closed or dropped, it takes nothing more", async () => {
  const sink = collectingSink<number>();
  await run(send(sink, 1));
  await run(close(sink));
  await run(close(sink));
  assertThrows(
    () => sink.pollReady(cx),
    PolledAfterCompletionError,
    "Cannot poll CollectingSink: it already completed",
  );
  const dropped = collectingSink<number>();
  dropped[Symbol.dispose]();
  assertThrows(() => dropped.startSend(2), Error, "it was dropped");
  assertEquals([sink.items, dropped.items], [[1], []]);
});
