import { assert, assertEquals, assertThrows } from "@std/assert";
import { run } from "../../../executor/mod.ts";
import { co, type Future } from "../../../future/mod.ts";
import { Done, type Stream } from "../../../future/stream/mod.ts";
import {
  eventSource,
  type EventSourceOptions,
  HttpClient,
  HttpError,
  LimitExceeded,
  ProtocolError,
  RequestError,
  type ServerSentEvent,
  TransportError,
} from "../../../net/http/mod.ts";
import { explore, fifo, type Sim, SimNetwork } from "../../../net/sim/mod.ts";
import { answering, clientTest, settled } from "./_answers.ts";
import { serveSim, type Step } from "./_sim_server.ts";

const TYPE = "content-type: text/event-stream";

/** A response of events, whole. */
function events(text: string): string {
  const size = new TextEncoder().encode(text).length;
  return `HTTP/1.1 200 OK\r\n${TYPE}\r\ncontent-length: ${size}\r\n\r\n${text}`;
}

function status(line: string): string {
  return `HTTP/1.1 ${line}\r\ncontent-length: 0\r\n\r\n`;
}

const NO_MORE = "HTTP/1.1 204 No Content\r\n\r\n";

interface Scene {
  sim: Sim;
  source(options?: EventSourceOptions): Stream<ServerSentEvent>;
  /** When requests came, with their `Last-Event-ID`. */
  requests: [at: number, id: string | null][];
}

type Gen = Generator<Future<unknown>, void, unknown>;

/** A server that answers so in turn, the last again and again. */
function scene(
  answers: readonly (readonly Step[])[],
  body: (scene: Scene) => Gen,
): void {
  explore({ schedule: fifo(), runs: 1 }, function* (sim) {
    const net = new SimNetwork(sim);
    const requests: Scene["requests"] = [];
    const start = sim.now();
    serveSim(sim, net, {
      name: "a.test",
      answers(_line, head) {
        const id = /^last-event-id: (.*)\r$/im.exec(head)?.[1] ?? null;
        assert(/^accept: text\/event-stream\r$/im.test(head), head);
        assert(/^cache-control: no-store\r$/im.test(head), head);
        requests.push([Math.round(sim.now() - start), id]);
        return answers[Math.min(requests.length, answers.length) - 1]!;
      },
    });
    const client = new HttpClient({ network: net });
    const source = (options?: EventSourceOptions) =>
      eventSource(client, "http://a.test/", options);
    yield* body({ sim, source, requests });
    client.close();
    const { connections, dialling, waiting } = client.snapshot();
    assertEquals([connections.length, dialling, waiting], [0, 0, 0]);
    sim.ledger("sockets of the client", () => net.open.sockets);
  });
}

/** The data of all events, until there are no more. */
function dataOf(stream: Stream<ServerSentEvent>): Future<string[]> {
  return co(function* () {
    using own = stream;
    const data: string[] = [];
    for (;;) {
      const event = yield* own.next();
      if (event === Done) return data;
      data.push(event.data);
    }
  });
}

/** What a future fails with. */
function failureOf(future: Future<unknown>): Future<unknown> {
  return co(function* () {
    try {
      yield* future;
    } catch (error) {
      return error;
    }
    return null;
  });
}

Deno.test("event source: it goes on behind the last event, after what the server has asked for", () =>
  scene(
    [
      [events("retry: 50\nid: a\ndata: 1\n\ndata: 2\n\n")],
      [events("data: 3\n\nid: b\n\nid: c\ndata: never")],
      [events("retry: 70\nid\ndata: 4\n\n")],
      [events("data: 5\n\n")],
      [NO_MORE],
    ],
    function* ({ source, requests }) {
      assertEquals(yield* dataOf(source()), ["1", "2", "3", "4", "5"]);
      assertEquals(requests, [
        [0, null],
        [50, "a"],
        [100, "b"], // that of an event that had no data; c had not come whole
        [170, null], // it was taken back
        [240, null],
      ]);
    },
  ));

Deno.test("event source: events of a later response have the id that was reached before", () =>
  scene(
    [[events("id: a\ndata: 1\n\n")], [events("data: 2\n\n")], [NO_MORE]],
    function* ({ source }) {
      using stream = source({ retry: 5 });
      const ids: string[] = [];
      for (let event; (event = yield* stream.next()) !== Done;) {
        ids.push((event as ServerSentEvent).lastEventId);
      }
      assertEquals(ids, ["a", "a"]);
    },
  ));

Deno.test("event source: it begins where it is told to, in UTF-8, and waits three seconds by default", () =>
  scene(
    [[events("data: 1\n\n")], [NO_MORE]],
    function* ({ source, requests }) {
      const stream = source({ lastEventId: "ä7" });
      assertEquals(requests, [], "nothing before the first poll");
      assertEquals(yield* dataOf(stream), ["1"]);
      assertEquals(requests, [[0, "Ã¤7"], [3000, "Ã¤7"]]);
    },
  ));

Deno.test("event source: what may pass is waited for, longer each time, and never less than the server asks for", () =>
  scene(
    [
      [events("retry: 100\ndata: 1\n\n")],
      ...["503 Busy", "500 Oops", "429 Slow down", "502 Bad", "504 Late"].map((
        each,
      ) => [status(each)]),
      [events("data: 2\n\n")],
      [NO_MORE],
    ],
    function* ({ source, requests }) {
      assertEquals(yield* dataOf(source({ most: 1000 })), ["1", "2"]);
      const waits = requests.slice(1).map(([at], i) => at - requests[i]![0]);
      const longest = [100, 200, 400, 800, 1000, 1000, 100];
      waits.forEach((wait, i) =>
        assert(wait >= 100 && wait <= longest[i]!, `${waits}`)
      );
      assert(Math.max(...waits) > 200, `${waits}`);
    },
  ));

Deno.test("event source: so many failures in a row are enough, and one that works counts anew", () =>
  scene(
    [
      [status("503 Busy")],
      [events("data: 1\n\n")],
      [status("503 Busy")],
    ],
    function* ({ source, requests }) {
      const error = yield* failureOf(
        dataOf(source({ attempts: 2, retry: 1, most: 1 })),
      );
      assert(error instanceof ProtocolError);
      assert(error.message.includes("503"), error.message);
      assertEquals(requests.length, 4);
    },
  ));

Deno.test("event source: who asks for no wait is not run down while it fails", () =>
  scene(
    [[events("retry: 0\ndata: 1\n\n")], [status("503 Busy")]],
    function* ({ source, requests }) {
      // So many that doubling comes to infinity.
      const options = { attempts: 1100, most: 100 };
      const error = yield* failureOf(dataOf(source(options)));
      assert(error instanceof ProtocolError, `${error}`);
      assertEquals(requests[1]![0], 0);
      const waits = requests.slice(2).map(([at], i) =>
        at - requests[i + 1]![0]
      );
      assertEquals(waits.length, 1099);
      assert(waits.every((wait) => wait <= 101), `${waits}`);
      assert(waits.filter((wait) => wait > 10).length > 900, `${waits}`);
    },
  ));

Deno.test("event source: an id may be as long as an event", () => {
  const id = "\u00e9".repeat(300_000);
  scene(
    [[events(`id: ${id}\ndata: 1\n\n`)], [status("431 Too Large")]],
    function* ({ source, requests }) {
      const error = yield* failureOf(dataOf(source({ retry: 1 })));
      assert(error instanceof ProtocolError, `${error}`);
      assert(error.message.includes("431"), error.message);
      assertEquals(requests[1]![1]!.length, 600_000);
    },
  );
});

Deno.test("event source: a response that is none, and an event that is too long, fail it", () => {
  const answers: [string, new (...all: never[]) => Error][] = [
    [status("404 Not Found"), ProtocolError],
    [status("200 OK"), ProtocolError],
    [events("data: 123456789\n\n"), LimitExceeded],
  ];
  for (const [answer, kind] of answers) {
    scene([[answer]], function* ({ source, requests }) {
      const error = yield* failureOf(dataOf(source({ eventLength: 10 })));
      assert(error instanceof kind, `${error}`);
      assertEquals(requests.length, 1);
    });
  }
});

Deno.test("event source: a server that has fallen silent is left, by the deadline of a read", () =>
  scene(
    [
      [
        `HTTP/1.1 200 OK\r\n${TYPE}\r\ncontent-length: 999\r\n\r\n`,
        20,
        "id: a\ndata: 1\n\n",
        20,
        "data: 2",
        10_000_000,
      ],
      [10_000_000],
      [NO_MORE],
    ],
    function* ({ source, requests }) {
      const options = { retry: 5, most: 5, deadlines: { read: 30, head: 60 } };
      assertEquals(yield* dataOf(source(options)), ["1"]);
      // 40 for what came, 30 of silence, 5 of rest; then there is no head at all.
      assertEquals(requests, [[0, null], [75, "a"], [140, "a"]]);
    },
  ));

Deno.test("event source: without such a deadline it listens for as long as it takes", () =>
  scene(
    [[
      `HTTP/1.1 200 OK\r\n${TYPE}\r\ncontent-length: 17\r\n\r\n`,
      5_000_000,
      "data: 1\n\n",
      5_000_000,
      "data:2\n\n",
    ], [NO_MORE]],
    function* ({ source, requests }) {
      assertEquals(yield* dataOf(source()), ["1", "2"]);
      assertEquals(requests.length, 2);
    },
  ));

Deno.test("event source: a total deadline is that of each connection", () =>
  scene(
    [
      [`HTTP/1.1 200 OK\r\n${TYPE}\r\n\r\ndata: 1\n\n`, 10_000_000],
      [NO_MORE],
    ],
    function* ({ source, requests }) {
      const options = { retry: 5, deadlines: { total: 100 } };
      assertEquals(yield* dataOf(source(options)), ["1"]);
      assertEquals(requests.map(([at]) => at), [0, 105]);
    },
  ));

Deno.test("event source: dropped wherever it is, it leaves nothing behind", () => {
  for (let after = 0; after <= 130; after += 10) {
    scene(
      [
        [20, events("retry: 50\ndata: 1\n\n")],
        [`HTTP/1.1 200 OK\r\n${TYPE}\r\n\r\n`, 20, "data: 2\n\n", 10_000_000],
      ],
      function* ({ sim, source }) {
        const reading = sim.spawn(dataOf(source()));
        yield* sim.sleep(after);
        reading.abort();
        yield* failureOf(reading);
        // The ledger of the simulation looks at sockets, timers and wakers.
      },
    );
  }
});

Deno.test("event source: a signal ends it with its reason, while it waits, too", () =>
  scene(
    [[events("data: 1\n\n")], [NO_MORE]],
    function* ({ sim, source, requests }) {
      const abort = new AbortController();
      const reading = sim.spawn(
        failureOf(dataOf(source({ signal: abort.signal }))),
      );
      yield* sim.sleep(1000); // of the three seconds
      abort.abort(new Error("no longer wanted"));
      const error = yield* reading;
      assertEquals((error as Error).message, "no longer wanted");
      assertEquals([requests.length, sim.now() < 3000], [1, true]);
    },
  ));

clientTest(
  "event source: a connection that breaks is made again",
  async (client) => {
    let n = 0;
    await using server = await answering((socket) => {
      n++;
      if (n === 4) return socket.end(NO_MORE);
      if (n === 2) return socket.destroy();
      socket.write(
        `HTTP/1.1 200 OK\r\n${TYPE}\r\ntransfer-encoding: chunked\r\n\r\n` +
          `14\r\nid: ${n}\ndata: is ${n}\n\nda\r\n`,
        () => socket.destroy(),
      );
    });
    const source = eventSource(client, server.url, { retry: 1 });
    assertEquals(await run(dataOf(source)), ["is 1", "is 3"]);
    const ids = server.requests.map((each) =>
      /last-event-id: (.*)\r/.exec(each)?.[1]
    );
    assertEquals(ids, [undefined, "1", "1", "3"]);
    await settled(client);
  },
);

clientTest(
  "event source: nobody there is a failure that may pass",
  async (client) => {
    const url = "http://127.0.0.1:1/";
    const options = { retry: 1, most: 1, attempts: 3 };
    const error = await run(
      failureOf(dataOf(eventSource(client, url, options))),
    );
    assert(error instanceof TransportError, `${error}`);
  },
);

Deno.test("event source: what is wrong with it is told at once", () => {
  const client = new HttpClient();
  const make = (options: unknown, url = "http://a.test/") => () =>
    eventSource(client, url, options as EventSourceOptions);
  for (const options of [null, 5, { retries: 1 }, { signal: {} }]) {
    assertThrows(make(options), TypeError);
  }
  for (
    const options of [
      { retry: -1 },
      { retry: Infinity },
      { retry: NaN },
      { most: -1 },
      { attempts: 0 },
      { attempts: NaN },
      { eventLength: 0 },
      { deadlines: { read: -1 } },
    ]
  ) assertThrows(make(options), RangeError);
  assertThrows(make({ headers: { "a b": "c" } }), RequestError);
  assertThrows(make({ lastEventId: "a\nb" }), RequestError);
  assertThrows(make({}, "ftp://a.test/"), RequestError);
  client.close();
  assertThrows(make({}), HttpError);
});
