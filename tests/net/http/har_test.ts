import { assert, assertEquals, assertThrows } from "@std/assert";
import { gzipSync } from "node:zlib";
import { Fields } from "../../../net/http/h1/mod.ts";
import {
  type HarEntry,
  HarRecorder,
  type HarTimings,
} from "../../../net/http/har.ts";
import { HttpClient, Timings } from "../../../net/http/mod.ts";
import { CA, SERVER } from "../_certs.ts";
import { socketTest } from "../_sockets.ts";
import { answering, ok, response } from "./_answers.ts";
import { entriesOf, recorded } from "./_har.ts";

socketTest("har: a GET and a POST, as they went over the wire", async () => {
  await using server = await answering(
    ok("hello", "Content-Type: text/plain", "keep-alive: timeout=9"),
    response("201 Created", "made it"),
  );
  const [get, post] = await recorded([
    { url: `${server.url}/a#f` },
    { url: `${server.url}/b`, method: "POST", body: "abc" },
  ]);
  for (const [i, { request }] of [get!, post!].entries()) {
    const [head, body] = server.requests[i]!.split("\r\n\r\n") as [
      string,
      string,
    ];
    const [line, ...fields] = head.split("\r\n");
    assertEquals(`${request.method} /${"ab"[i]} HTTP/1.1`, line);
    assertEquals(request.headers.map((h) => `${h.name}: ${h.value}`), fields);
    assertEquals(request.headersSize, head.length + 4);
    assertEquals(request.bodySize, body.length);
  }
  assertEquals(get!.request.url, `${server.url}/a`);
  assertEquals(get!.response, {
    status: 200,
    statusText: "OK",
    httpVersion: "HTTP/1.1",
    cookies: [],
    headers: [
      { name: "content-length", value: "5" },
      { name: "Content-Type", value: "text/plain" },
      { name: "keep-alive", value: "timeout=9" },
    ],
    content: { size: 5, mimeType: "text/plain" },
    redirectURL: "",
    headersSize: -1,
    bodySize: 5,
  });
  assertEquals(post!.response.status, 201);
  assertEquals(post!.response.content, { size: 7, mimeType: "" });
  assertEquals(get!.serverIPAddress, "127.0.0.1");
  assertEquals(post!.connection, get!.connection);
  assert(get!.timings.connect >= 0);
  assertEquals(post!.timings.connect, -1, "the connection was kept");
  assertEquals([get!.timings.dns, get!.timings.ssl], [-1, -1]);
});

socketTest("har: a redirect is an entry of its own", async () => {
  await using server = await answering(
    response("302 Found", "moved", "location: /b?k=v"),
    ok("there"),
  );
  const [first, second] = await recorded([{ url: `${server.url}/a` }]);
  assertEquals(first!.response.status, 302);
  assertEquals(first!.response.redirectURL, "/b?k=redacted");
  assertEquals(first!.response.bodySize, -1, "it was not read");
  assertEquals(second!.request.url, `${server.url}/b?k=redacted`);
  assertEquals(second!.response.bodySize, 5);
  assert(first!.startedDateTime <= second!.startedDateTime);
});

socketTest("har: a coded body has its size on the wire", async () => {
  const coded = gzipSync("x".repeat(1000));
  await using server = await answering((socket) => {
    socket.write(
      "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n" +
        `content-length: ${coded.byteLength}\r\n\r\n`,
    );
    socket.write(coded);
  });
  const [{ response }] = await recorded([{ url: server.url }]) as [HarEntry];
  assertEquals(response.bodySize, coded.byteLength);
  assertEquals(response.content.size, -1);
});

socketTest("har: failures before and after the head", async () => {
  await using server = await answering(
    (socket) => socket.end("nonsense\r\n\r\n"),
    (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabcd"),
  );
  const [refused, broken, short] = await recorded([
    { url: "http://127.0.0.1:1/" },
    { url: server.url },
    { url: server.url },
  ]);
  assertEquals(refused!.response.status, 0);
  assert(refused!.response._error!.startsWith("TransportError: "));
  assertEquals(refused!.connection, undefined);
  assert(refused!.timings.connect >= 0);
  assertEquals(broken!.response.status, 0);
  assert(broken!.response._error!.startsWith("ProtocolError: "));
  assertEquals(broken!.serverIPAddress, "127.0.0.1");
  assertEquals(short!.response.status, 200);
  assertEquals(short!.response.bodySize, -1);
  assert(short!.response._error!.startsWith("IncompleteBody: "));
});

socketTest(
  "har: TLS is a part of connecting, and looking up has its time",
  async () => {
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {}, ...SERVER },
      () => new Response("hi"),
    );
    const url = `https://localhost:${server.addr.port}/`;
    const [{ timings }] = await recorded([{ url }], {
      tls: { caCerts: [CA] },
    }) as [
      HarEntry,
    ];
    assert(timings.dns >= 0);
    assert(timings.ssl > 0);
    assert(timings.connect > timings.ssl);
  },
);

socketTest(
  "har: the clock is the recorder's, and the oldest entry goes first",
  async () => {
    await using server = await answering(ok("x"));
    const har = new HarRecorder({
      now: () => new Date(Date.UTC(2020, 0, 1)),
      maxEntries: 2,
    });
    const requests = ["a", "b", "c"].map((p) => ({
      url: `${server.url}/${p}`,
    }));
    const entries = await recorded(requests, {}, har);
    assertEquals(
      entries.map(({ request }) => request.url.at(-1)).sort(),
      ["b", "c"],
    );
    for (const { startedDateTime, time } of entries) {
      const took = Date.UTC(2020, 0, 1) - Date.parse(startedDateTime);
      assert(took >= Math.floor(time) && took < 60_000, startedDateTime);
    }
    har.clear();
    assertEquals(entriesOf(har), []);
  },
);

/** How HAR splits the time of an exchange that ended at 100. */
function timesOf(times: Partial<Timings>): HarTimings {
  const har = new HarRecorder();
  har.onExchange({
    method: "GET",
    url: "http://h/",
    requestHeaders: Fields.from([]),
    requestHeadBytes: 18,
    requestBodyBytes: 0,
    response: null,
    connection: null,
    timings: Object.assign(new Timings(10), times, { endedAt: 100 }),
    end: "failed",
    error: new Error("gone"),
  });
  const [{ time, timings }] = entriesOf(har) as [HarEntry];
  assertEquals(time, 90, "no time is lost");
  return timings;
}

Deno.test("har: the phase in which an exchange ends lasts to its end", () => {
  const none = { dns: -1, connect: -1, ssl: -1 };
  const unsent = { send: 0, wait: 0, receive: 0 };
  assertEquals(timesOf({}), { ...none, ...unsent, blocked: 90 });
  const dialled = { acquiredAt: 15, resolvedAt: 25 };
  assertEquals(timesOf(dialled), {
    ...unsent,
    blocked: 5,
    dns: 10,
    connect: 75,
    ssl: -1,
  });
  const sending = {
    ...dialled,
    connectedAt: 30,
    securedAt: 50,
    sendingAt: 50,
  };
  const made = { blocked: 5, dns: 10, connect: 25, ssl: 20 };
  assertEquals(timesOf(sending), { ...made, send: 50, wait: 0, receive: 0 });
  const sent = { ...sending, sentAt: 60 };
  assertEquals(timesOf(sent), { ...made, send: 10, wait: 40, receive: 0 });
  const answered = { ...sent, firstByteAt: 80 };
  assertEquals(timesOf(answered), { ...made, send: 10, wait: 20, receive: 20 });
});

Deno.test("har: options that are none are refused", () => {
  // deno-lint-ignore no-explicit-any
  const make = (options: any) => () => new HarRecorder(options);
  assertThrows(make({ secret: "keep" }), TypeError, "there is none");
  assertThrows(make({ secrets: "hide" }), TypeError, "secrets");
  assertThrows(make({ maxEntries: 0 }), RangeError, "maxEntries");
  assertThrows(make({ now: 1 }), TypeError, "now");
  assertThrows(() => new HttpClient(JSON.parse('{"onExchange":1}')), TypeError);
});
