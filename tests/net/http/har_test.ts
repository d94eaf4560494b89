import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { gzipSync } from "node:zlib";
import { run } from "../../../executor/mod.ts";
import { Fields } from "../../../net/http/h1/mod.ts";
import {
  type HarEntry,
  HarRecorder,
  type HarTimings,
} from "../../../net/http/har.ts";
import {
  DeadlineExceeded,
  type ExchangeRecord,
  HttpClient,
  type HttpClientOptions,
  type HttpRequest,
  Timings,
} from "../../../net/http/mod.ts";
import { pollOnce } from "../../../executor/sim/mod.ts";
import { CA, SERVER } from "../_certs.ts";
import { socketTest } from "../_sockets.ts";
import { answering, ok, response } from "./_answers.ts";

type Kind = "text" | "number" | readonly [Shape] | Shape;
interface Shape {
  readonly [name: string]: Kind;
}

// Written from the text of HAR 1.2; a name with "?" may be missing.
const PAIRS = [{ name: "text", value: "text" }] as const;
const MESSAGE: Shape = {
  httpVersion: "text",
  cookies: PAIRS,
  headers: PAIRS,
  headersSize: "number",
  bodySize: "number",
};
const HAR: Shape = {
  log: {
    version: "text",
    creator: { name: "text", version: "text" },
    entries: [{
      startedDateTime: "text",
      time: "number",
      request: { ...MESSAGE, method: "text", url: "text", queryString: PAIRS },
      response: {
        ...MESSAGE,
        status: "number",
        statusText: "text",
        content: { size: "number", mimeType: "text" },
        redirectURL: "text",
      },
      cache: {},
      timings: {
        blocked: "number",
        dns: "number",
        connect: "number",
        send: "number",
        wait: "number",
        receive: "number",
        ssl: "number",
      },
      "serverIPAddress?": "text",
      "connection?": "text",
    }],
  },
};

/** Checks a value against a shape; names that begin with "_" are one's own. */
function check(value: unknown, kind: Kind, at: string): void {
  if (kind === "text") return assert(typeof value === "string", at);
  if (kind === "number") {
    return assert(Number.isFinite(value) && (value as number) >= -1, at);
  }
  if (Array.isArray(kind)) {
    assert(Array.isArray(value), at);
    value.forEach((each, i) => check(each, kind[0], `${at}[${i}]`));
    return;
  }
  const left = new Set(Object.keys(value as object));
  for (const [key, inner] of Object.entries(kind as Shape)) {
    const name = key.replace("?", "");
    if (!left.delete(name)) {
      assert(key.endsWith("?"), `${at}.${name} is missing`);
    } else {check(
        (value as Record<string, unknown>)[name],
        inner,
        `${at}.${name}`,
      );}
  }
  for (const name of left) assert(name.startsWith("_"), `${at}.${name}`);
}

/** The entries of a recorder, as a reader of HAR finds them. */
function entriesOf(har: HarRecorder): HarEntry[] {
  const read = JSON.parse(JSON.stringify(har));
  check(read, HAR, "har");
  assertEquals(read.log.version, "1.2");
  for (const { startedDateTime, time, timings } of read.log.entries) {
    assertEquals(new Date(startedDateTime).toISOString(), startedDateTime);
    const { blocked, dns, connect, send, wait, receive, ssl } = timings;
    const sum = [blocked, dns, connect, send, wait, receive]
      .reduce((a, b) => a + Math.max(0, b), 0);
    assert(Math.abs(sum - time) < 1e-6, `${time} is not ${sum}`);
    assert(send >= 0 && wait >= 0 && receive >= 0);
    assert(ssl <= connect, "TLS is a part of connecting");
  }
  return read.log.entries;
}

/** What a recorder has of some requests, whose failures do not count. */
async function recorded(
  requests: HttpRequest[],
  options: HttpClientOptions = {},
  har: HarRecorder = new HarRecorder(),
): Promise<HarEntry[]> {
  await using client = new HttpClient({
    ...options,
    onExchange: har.onExchange,
  });
  for (const request of requests) {
    try {
      using response = await run(client.request(request));
      await run(response.bytes());
    } catch { /* it is in the records */ }
  }
  return entriesOf(har);
}

const valueOf = (
  of: { headers: readonly { name: string; value: string }[] },
  wanted: string,
) => of.headers.find(({ name }) => name.toLowerCase() === wanted)?.value;

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

const SECRET: HttpRequest = {
  url: "",
  headers: {
    authorization: "Bearer s3cret",
    Cookie: "a=s3cret; b=s3cret",
    "proxy-authorization": "s3cret",
    referer: "http://u:s3cret@h/p?q=s3cret",
  },
};

async function secretsOf(har?: HarRecorder): Promise<string> {
  await using server = await answering(response(
    "302 Found",
    "",
    "set-cookie: c=s3cret; Path=/",
    "set-cookie: d=s3cret",
    "location: //u:s3cret@h/p?q=s3cret&r#s3cret",
  ));
  const url = server.url.replace("//", "//u:s3cret@") + "/?k=s3cret&&l=s3cret";
  const request = { ...SECRET, url, redirect: "manual" } as const;
  return JSON.stringify(await recorded([request], {}, har));
}

socketTest("har: secrets are kept out, and their names are kept", async () => {
  const text = await secretsOf();
  assert(!text.includes("s3cret"), text);
  const [{ request, response }] = JSON.parse(text) as [HarEntry];
  const value = "redacted";
  assertEquals(request.cookies.map(({ name }) => name), ["a", "b"]);
  assertEquals(response.cookies, [{ name: "c", value }, { name: "d", value }]);
  assertEquals(request.queryString, [{ name: "k", value }, {
    name: "l",
    value,
  }]);
  assertEquals(valueOf(request, "authorization"), value);
  assertEquals(response.redirectURL, "//redacted@h/p?q=redacted&r#redacted");
});

socketTest("har: secrets are there if they are asked for", async () => {
  const text = await secretsOf(new HarRecorder({ secrets: "keep" }));
  const [{ request, response }] = JSON.parse(text) as [HarEntry];
  const value = "s3cret";
  assertEquals(request.cookies, [{ name: "a", value }, { name: "b", value }]);
  assertEquals(response.cookies, [{ name: "c", value }, { name: "d", value }]);
  assertEquals(request.queryString, [{ name: "k", value }, {
    name: "l",
    value,
  }]);
  assertEquals(valueOf(request, "authorization"), "Bearer s3cret");
});

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

socketTest("exchanges: each is told once, however it ends", async () => {
  await using server = await answering(
    response("503 Busy", "no"),
    ok("yes"),
    "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc",
    () => {},
  );
  const told: ExchangeRecord[] = [];
  await using client = new HttpClient({
    onExchange: (exchange) => told.push(exchange),
    retry: { first: 0 },
  });
  {
    using again = await run(client.get(server.url));
    assertEquals(told.map(({ end }) => end), ["dropped", "whole"]);
    await run(again.text());
  }
  assertEquals(told.map(({ response }) => response?.status), [503, 200]);
  assertEquals(told[0]!.connection?.reused, false);
  for (const { timings } of told) {
    assert(timings.startedAt <= timings.acquiredAt);
    assert(timings.sentAt <= timings.firstByteAt);
    assert(timings.firstByteAt <= timings.endedAt);
  }
  {
    using _unread = await run(client.get(server.url));
    assertEquals(told.length, 2, "its body is still to come");
  }
  assertEquals(told[2]!.end, "dropped");
  assertEquals(told[2]!.connection?.reused, true);
  {
    using asked = client.get(server.url);
    pollOnce(asked);
  }
  assertEquals(told.length, 4);
  assertEquals(told[3]!.end, "dropped");
  assertEquals(told[3]!.response, null);
  using _never = client.get(server.url);
  assertEquals(told.length, 4, "what never began is no exchange");
});

socketTest(
  "exchanges: one that finds its connection stale is one that failed",
  async () => {
    await using server = await answering(
      ok("one"),
      (socket) => socket.destroy(),
      ok("two"),
    );
    const told: ExchangeRecord[] = [];
    await using client = new HttpClient({
      onExchange: (exchange) => told.push(exchange),
    });
    for (const expected of ["one", "two"]) {
      using got = await run(client.get(server.url));
      assertEquals(await run(got.text()), expected);
    }
    assertEquals(told.map(({ end }) => end), ["whole", "failed", "whole"]);
    assertEquals(told[1]!.connection?.id, told[0]!.connection?.id);
    assertEquals(told[1]!.response, null);
  },
);

socketTest(
  "exchanges: one that gets no connection has nothing of the one before",
  async () => {
    await using server = await answering(
      "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc",
      (socket) =>
        socket.write(
          response(
            "302 Found",
            "",
            `location: http://localhost:${server.port}/`,
          ),
        ),
    );
    const told: ExchangeRecord[] = [];
    await using client = new HttpClient({
      onExchange: (exchange) => told.push(exchange),
      pool: { maxPerOrigin: 1 },
      deadlines: { queue: 20 },
    });
    using _held = await run(client.get(`http://localhost:${server.port}/`));
    await assertRejects(
      () => run(client.get(server.url)),
      DeadlineExceeded,
      "deadlines.queue",
    );
    const [redirect, stuck] = told;
    assertEquals(redirect!.response?.status, 302);
    assertEquals(stuck!.connection, null);
    assertEquals(stuck!.timings.acquiredAt, 0);
    assertEquals(stuck!.timings.sentAt, 0);
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

socketTest("exchanges: what a listener throws breaks nothing", async () => {
  const thrown: unknown[] = [];
  const onThrown = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    thrown.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", onThrown);
  try {
    await using server = await answering(ok("hello"));
    await using client = new HttpClient({
      onExchange() {
        throw new Error("mine");
      },
    });
    using got = await run(client.get(server.url));
    assertEquals(await run(got.text()), "hello");
    await new Promise((resolve) => setTimeout(resolve));
  } finally {
    globalThis.removeEventListener("unhandledrejection", onThrown);
  }
  assertEquals(thrown.map(String), ["Error: mine"]);
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
