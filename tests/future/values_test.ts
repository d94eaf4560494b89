// Values that nobody will get: who has taken one and is dropped, or fails, lets it
// go. It may hold something; that is for its own owner to know.
import { assert, assertEquals, assertThrows } from "@std/assert";
import { pollOnce } from "../../executor/sim/mod.ts";
import {
  type Future,
  FuturesOrdered,
  join,
  joinSettled,
  pending,
  ready,
} from "../../future/mod.ts";
import {
  buffered,
  chain,
  chunks,
  collect,
  fold,
  forward,
  iter,
  once,
  peekable,
  type Sink,
  type Stream,
  zip,
} from "../../future/stream/mod.ts";
import { mpsc, oneshot } from "../../future/sync/mod.ts";
import { Probe } from "../_probe.ts";

/** A value, and a stream that gives it and then nothing for ever. */
interface Given {
  value: Disposable;
  stream: Stream<Disposable>;
}

type Take = (given: Given) => Future<unknown> | Disposable;

const full: Sink<Disposable> = {
  pollReady: (cx) => pending().poll(cx),
  startSend() {},
  pollFlush() {},
  pollClose() {},
  [Symbol.dispose]() {},
};

/** Each polls once what takes the value, if it is a future. */
const takers: Record<string, [file: string, take: Take]> = {
  join: ["join", ({ value }) => join([ready(value), pending()])],
  joinSettled: [
    "join_settled",
    ({ value }) => joinSettled([ready(value), pending()]),
  ],
  FuturesOrdered: ["futures_ordered", ({ value }) => {
    const all = new FuturesOrdered<Disposable>();
    all.push(pending());
    all.push(ready(value));
    pollOnce(all.next());
    return all;
  }],
  buffered: [
    "stream/buffered",
    ({ value }) => collect(buffered(iter([pending(), ready(value)]), 2)),
  ],
  chunks: ["stream/chunks", ({ stream }) => chunks(stream, 2).next()],
  collect: ["stream/collect", ({ stream }) => collect(stream)],
  fold: ["stream/fold", ({ stream }) => fold(stream, {}, (_, item) => item)],
  forward: ["stream/forward", ({ stream }) => forward(stream, full)],
  peekable: ["stream/peekable", ({ stream }) => {
    const peeking = peekable(stream);
    pollOnce(peeking.peek());
    return peeking;
  }],
  zip: [
    "stream/zip",
    ({ stream }) => zip(stream, once(pending())).next(),
  ],
  OneshotReceiver: ["sync/oneshot", ({ value }) => {
    const [sender, receiver] = oneshot<Disposable>();
    sender.send(value);
    return { [Symbol.dispose]: () => receiver[Symbol.dispose]() };
  }],
  MpscReceiver: ["sync/mpsc_receiver", ({ value }) => {
    const [sender, receiver] = mpsc<Disposable>(1);
    sender.trySend(value);
    return receiver;
  }],
};

for (const [name, [file, take]] of Object.entries(takers)) {
  Deno.test(`values: ${name} that is dropped lets go of what it had, as it says`, async () => {
    let disposals = 0;
    const value = { [Symbol.dispose]: () => void disposals++ };
    const stream = chain(iter([value]), once(pending()));
    const taker = take({ value, stream });
    if ("poll" in taker) pollOnce(taker);
    taker[Symbol.dispose]();
    assertEquals(disposals, 0);
    const url = new URL(`../../future/${file}.ts`, import.meta.url);
    const text = (await Deno.readTextFile(url)).replaceAll(/\n \*\s*/g, " ");
    assert(/Cancel safety: [^@]*not disposed of/.test(text));
  });
}

Deno.test("values: join that fails lets go of the values that were there, and drops the rest", () => {
  let disposals = 0;
  const value = { [Symbol.dispose]: () => void disposals++ };
  const [failing, rest] = [new Probe(), new Probe()];
  const all = join([ready(value), failing, rest]);
  pollOnce(all);
  failing.fail(new Error("no"));
  assertThrows(() => pollOnce(all), Error, "no");
  assertEquals([disposals, rest.drops], [0, 1]);
});
