import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { run } from "../../../executor/mod.ts";
import { collect } from "../../../future/stream/mod.ts";
import { EventParser } from "../../../net/http/_event_parser.ts";
import {
  HttpClient,
  LimitExceeded,
  ProtocolError,
  type ServerSentEvent,
  serverSentEvents,
} from "../../../net/http/mod.ts";
import { answering, clientTest, ok, settled } from "./_answers.ts";

type Expected = [data: string, more?: Partial<ServerSentEvent>];

/** Texts, and the events that they are. */
const TEXTS: Record<string, [text: string, events: Expected[]]> = {
  "a line": ["data: a\n\n", [["a"]]],
  "several lines": ["data: a\ndata\ndata:b\n\n", [["a\n\nb"]]],
  "every line end": [
    "data: a\r\n\r\ndata: b\r\rdata: c\n\ndata: d\r\n\ndata: e\n\r\n",
    [["a"], ["b"], ["c"], ["d"], ["e"]],
  ],
  "one space is taken away": ["data:  a \n\n", [[" a "]]],
  "colons after the first": ["data:a:b: c\n\n", [["a:b: c"]]],
  "comments and fields that there are not": [
    ": hello\ndata: a\n:data: b\nData: c\nother: d\nother\n\n",
    [["a"]],
  ],
  "types last for an event": [
    "event: x\ndata: a\n\ndata: b\n\nevent: y\n\ndata: c\n\n",
    [["a", { type: "x" }], ["b"], ["c"]],
  ],
  "ids last until there is another": [
    "id: 1\ndata: a\n\ndata: b\n\nid: 2\n\ndata: c\n\nid\ndata: d\n\n",
    [["a", { lastEventId: "1" }], ["b", { lastEventId: "1" }], [
      "c",
      { lastEventId: "2" },
    ], ["d"]],
  ],
  "an id with NUL is none": [
    "id: 1\nid: 2\0\ndata: a\n\n",
    [["a", { lastEventId: "1" }]],
  ],
  "a time before a new request": [
    "retry: 30\ndata: a\n\nretry: 3x\nretry: -1\nretry:\ndata: b\n\n",
    [["a", { retry: 30 }], ["b", { retry: 30 }]],
  ],
  "an empty line of data is an event, none is none": [
    "data\n\ndata:\n\nevent: x\n\n\n\n",
    [[""], [""]],
  ],
  "what has begun at the end is no event": [
    "data: a\n\ndata: b\n",
    [["a"]],
  ],
  "text of all kinds": ["data: ä€🌼\u2028\n\n", [["ä€🌼\u2028"]]],
};

function eventsOf(expected: Expected[]): ServerSentEvent[] {
  return expected.map(([data, more]) => ({
    type: "message",
    data,
    lastEventId: "",
    retry: null,
    ...more,
  }));
}

function parse(pieces: Iterable<string>, limit = Infinity): ServerSentEvent[] {
  const parser = new EventParser(limit);
  const events: ServerSentEvent[] = [];
  for (const piece of pieces) {
    parser.push(piece);
    for (let event; (event = parser.next()) !== undefined;) events.push(event);
  }
  return events;
}

for (const [name, [text, expected]] of Object.entries(TEXTS)) {
  Deno.test(`events: ${name}, however the text is cut`, () => {
    const events = eventsOf(expected);
    assertEquals(parse([text]), events);
    assertEquals(parse(text.split("")), events);
    for (let at = 0; at <= text.length; at++) {
      assertEquals(parse([text.slice(0, at), "", text.slice(at)]), events);
    }
  });
}

Deno.test("events: one that a CR ends is there before what follows", () => {
  const parser = new EventParser(100);
  parser.push("data: a\r\n\r");
  assertEquals(parser.next()?.data, "a");
  parser.push("\ndata: b\n\n"); // and the LF ends no second line
  assertEquals(parser.next()?.data, "b");
});

Deno.test("events: of a length exactly, and no more", () => {
  for (const pieces of [["data: abcd\n\n"], [..."data: abcd\n\n"]]) {
    assertEquals(parse(pieces, 10).length, 1);
    assertThrows(() => parse(pieces, 9), LimitExceeded, "eventLength");
  }
  const lines = "data: a\n".repeat(5); // ten units of data, and a line of seven
  assertThrows(() => parse([lines], 14), LimitExceeded);
  assertEquals(parse([lines, "\n"], 15).length, 1);
  // Events that have ended do not count.
  assertEquals(parse(["data: abcd\n\n".repeat(50)], 10).length, 50);
});

const EVENTS = "content-type: text/event-stream; charset=utf-8";

clientTest("events: of a response, cut anywhere", async (client) => {
  const bytes = new TextEncoder().encode("\ufeffdata: 🌼\r\n\r\ndata: b\n\n");
  await using server = await answering((socket) => {
    socket.write(
      `HTTP/1.1 200 OK\r\n${EVENTS}\r\ntransfer-encoding: chunked\r\n\r\n`,
    );
    for (const byte of bytes) {
      socket.write(new Uint8Array([49, 13, 10, byte, 13, 10]));
    }
    socket.write("0\r\n\r\n");
  });
  using response = await run(client.get(server.url));
  assertEquals(
    await run(collect(serverSentEvents(response))),
    eventsOf([["🌼"], ["b"]]),
  );
  await settled(client);
});

clientTest(
  "events: each comes when it is there, and a drop ends it",
  async (client) => {
    let more = () => {};
    await using server = await answering((socket) => {
      socket.write(
        `HTTP/1.1 200 OK\r\n${EVENTS}\r\n\r\ndata: 1\n\ndata: 2\n\n`,
      );
      more = () => socket.write("data: 3\n\n");
    });
    using response = await run(client.get(server.url));
    {
      using events = serverSentEvents(response);
      for (const data of ["1", "2", "3"]) {
        if (data === "3") more();
        assertEquals(await run(events.next()), eventsOf([[data]])[0]);
      }
    }
    assertEquals(client.snapshot().connections, []);
  },
);

clientTest(
  "events: one that is too long fails, and ends it",
  async (client) => {
    await using server = await answering(ok("data: 12345\n\n", EVENTS));
    using response = await run(client.get(server.url));
    await assertRejects(
      () => run(collect(serverSentEvents(response, { eventLength: 10 }))),
      LimitExceeded,
    );
  },
);

clientTest(
  "events: another response is refused, and keeps its body",
  async (client) => {
    await using server = await answering(
      ok("plain", "content-type: text/event-stream-not"),
      "HTTP/1.1 201 Created\r\ncontent-length: 5\r\n" + EVENTS +
        "\r\n\r\nplain",
      ok("plain"),
    );
    for (let n = 0; n < 3; n++) {
      using response = await run(client.get(server.url));
      assertThrows(
        () => serverSentEvents(response),
        ProtocolError,
        "Cannot read events",
      );
      assertThrows(
        () => serverSentEvents(response, { eventLength: 0 }),
        RangeError,
      );
      assertEquals(await run(response.text()), "plain");
    }
  },
);

clientTest("events: no body is read twice", async () => {
  await using client = new HttpClient();
  await using server = await answering(ok("data: a\n\n", EVENTS));
  using response = await run(client.get(server.url));
  using _events = serverSentEvents(response);
  assertThrows(() => serverSentEvents(response), Error, "asked for before");
});
