// What is of the wrong kind is refused before anything is done with it, with what it
// must be; that options are refused by name is in options_test.ts.
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { run, shield, snapshot } from "../../executor/mod.ts";
import { observe } from "../../executor/observe/mod.ts";
import { FuturesOrdered, FuturesUnordered, shared } from "../../future/mod.ts";
import {
  collect,
  forward,
  fromAsyncIterable,
  fromReadableStream,
  iter,
  once,
  send,
  type Sink,
  toReadableStream,
} from "../../future/stream/mod.ts";
import {
  ChunkDecoder,
  encodeChunk,
  encodeRequest,
  Fields,
  keepsAlive,
  responseFraming,
  ResponseParser,
} from "../../net/http/h1/mod.ts";
import {
  eventSource,
  type HttpResponse,
  serverSentEvents,
} from "../../net/http/mod.ts";
import { NetError } from "../../net/mod.ts";
import {
  httpFixture,
  pollOnce,
  scriptedIo,
  simCertificate,
  SimNetwork,
} from "../../net/sim/mod.ts";

// deno-lint-ignore no-explicit-any
type Options = any;

async function* pages() {}

/** As much of a response as is looked at before its body is. */
const events = {
  status: 200,
  headers: new Headers({ "content-type": "text/event-stream" }),
  stream: () => iter([]),
} as unknown as HttpResponse;

/** What is wrong with the kind of an argument, and how the error begins. */
const kinds: Record<string, [call: (no: Options) => unknown, text: string]> = {
  "no function for onDropError": [
    (no) => fromAsyncIterable(pages(), { onDropError: no }),
    "Cannot use onDropError: it must be a function, got number",
  ],
  "no mark": [
    () => toReadableStream(iter([1]), { highWaterMark: "5" as Options }),
    "Cannot use highWaterMark: it must be a number, got string",
  ],
  "no size": [
    (no) => toReadableStream(iter([1]), { size: no }),
    "Cannot use size: it must be a function, got number",
  ],
  "no response": [
    (no) => serverSentEvents(no),
    "Cannot read events of number: it is no HttpResponse",
  ],
  "no length": [
    () => serverSentEvents(events, { eventLength: "9" as Options }),
    "Cannot read events: eventLength must be a number, got string",
  ],
  "no client": [
    (no) => eventSource(no, "http://a.test/"),
    "Cannot make an event source over number: it is no HttpClient",
  ],
  "no answer": [
    (no) => httpFixture(no),
    "Cannot answer with number: pass a text or a function",
  ],
  "no names": [
    (no) => simCertificate(no),
    "Cannot use names: they must be an array of texts, got number",
  ],
  "no texts": [
    (no) => simCertificate([no]),
    "Cannot use names: they must be an array of texts, got Array",
  ],
  "no clients": [
    () => simCertificate([], { clients: "bob" as Options }),
    "Cannot use clients: they must be an array of texts, got string",
  ],
  "no fault": [
    () => simCertificate([], "expred" as Options),
    'Cannot use fault: it must be "unknown issuer" or "expired" or "not yet valid", got "expred"',
  ],
  "no method": [
    (no) => new ResponseParser({ method: no }),
    "Cannot use method: it must be a text, got number",
  ],
  "no method for the next": [
    (no) => new ResponseParser().reset({ method: no }),
    "Cannot use method: it must be a text, got number",
  ],
  "no upgrade": [
    (no) => new ResponseParser({ upgrade: no }),
    "Cannot use upgrade: it must be true or false, got number",
  ],
  "no limits": [
    (no) => new ChunkDecoder({ limits: no }),
    "Cannot use the limits: they must be an object, got number",
  ],
  "no obsFold": [
    (no) => new ChunkDecoder({ obsFold: no }),
    'Cannot use obsFold: it must be "reject" or "unfold", got number',
  ],
  "no such obsFold": [
    () => new ResponseParser({ obsFold: "fold" as Options }),
    'Cannot use obsFold: it must be "reject" or "unfold", got "fold"',
  ],
  "no head to frame": [
    () => (responseFraming as Options)(),
    "Cannot tell what follows a head: it has no fields",
  ],
  "no fields": [
    (no) => responseFraming({ ...head, fields: no }),
    "Cannot tell what follows a head: its fields must be Fields, got number",
  ],
  "no head to keep alive": [
    () => (keepsAlive as Options)(),
    "Cannot tell what follows a head: it has no fields",
  ],
  "no framing": [
    (no) => keepsAlive(head, no),
    "Cannot tell whether the connection is kept: number is no framing",
  ],
  "no pair": [
    () => Fields.from([5 as Options]),
    "Cannot make fields: each must be a pair of name and value, got number",
  ],
  "no script": [
    (no) => scriptedIo(no),
    "Cannot make a scripted stream of number: pass an array of steps",
  ],
  "no simulation": [
    (no) => new SimNetwork(no),
    "Cannot make a network in number: it is no simulation",
  ],
  "no data": [
    () => encodeChunk("data" as Options),
    "Cannot encode a chunk: its data must be a Uint8Array, got string",
  ],
  "no futures": [
    (no) => new FuturesUnordered(no),
    "Cannot make FuturesUnordered of number: pass an iterable of futures",
  ],
  "no futures in order": [
    (no) => new FuturesOrdered(no),
    "Cannot make FuturesOrdered of number: pass an iterable of futures",
  ],
  "no future to share": [(no) => shared(no), "Cannot adopt number"],
  "no future to give once": [(no) => once(no), "Cannot adopt number"],
  "no future to shield": [(no) => shield(no), "Cannot adopt number"],
  "null for an executor": [
    () => snapshot(null as Options),
    "Cannot look at null: it is no Executor",
  ],
  "no executor": [
    (no) => observe({}, no),
    "Cannot look at number: it is no Executor",
  ],
};

const head = {
  method: "GET",
  status: 200,
  minor: 1,
  fields: Fields.from({}),
} as const;

for (const [what, [call, text]] of Object.entries(kinds)) {
  Deno.test(`input: ${what} is refused with what it must be`, () => {
    const { message } = assertThrows(() => call(5), TypeError) as Error;
    assertEquals(message.slice(0, text.length), text);
  });
}

Deno.test("input: numbers out of their range are RangeErrors, a port that is none a NetError", () => {
  for (const highWaterMark of [-1, NaN]) {
    assertThrows(
      () => toReadableStream(iter([1]), { highWaterMark }),
      RangeError,
      "Cannot use highWaterMark: it must be 0 or more",
    );
  }
  for (const port of [0, 65_536, 1.5]) {
    assertThrows(
      () => httpFixture("a", { port }),
      NetError,
      "the port must be",
    );
  }
});

Deno.test("input: who refuses an option leaves the stream that it was given alone", async () => {
  const stream = iter([1]);
  assertThrows(
    () => toReadableStream(stream, { size: 5 as Options }),
    TypeError,
  );
  assertEquals(await run(collect(stream)), [1]);
  const cancelled: unknown[] = [];
  const readable = new ReadableStream({
    cancel: (reason) => void cancelled.push(reason),
  });
  assertThrows(
    () => fromReadableStream(readable, { a: 1 } as Options),
    TypeError,
  );
  assertEquals([readable.locked, cancelled], [false, []]);
  await assertRejects(
    () => run(5 as Options),
    TypeError,
    "Cannot adopt number",
  );
});

Deno.test("input: a strategy of a class may have more to it", async () => {
  class Marked {
    highWaterMark = 1;
    mark = "mine";
  }
  for (
    const strategy of [
      new Marked(),
      new CountQueuingStrategy({ highWaterMark: 1 }),
    ]
  ) {
    const items = Array.fromAsync(toReadableStream(iter([1, 2]), strategy));
    assertEquals(await items, [1, 2]);
  }
  const bare = Object.assign(Object.create(null), { mark: "mine" });
  assertThrows(() => toReadableStream(iter([1]), bare), TypeError, "mark");
});

Deno.test("input: what is no future, sink or head is refused with what is wrong", () => {
  const no = <T>(value: unknown) => value as T;
  assertThrows(() => pollOnce(no(5)), TypeError, "Cannot poll number");
  const sink = no<Sink<number>>({});
  const items = iter([1]);
  assertThrows(() => forward(items, sink), TypeError, "it is no Sink");
  assertThrows(() => send(no<Sink<number>>(5), 1), TypeError, "it is no Sink");
  items[Symbol.dispose]();
  assertThrows(() => encodeRequest(no(undefined)), TypeError, "its head is no");
});
