import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { pollOnce } from "../../../executor/sim/mod.ts";
import { run } from "../../../executor/mod.ts";
import { co, type Future, join } from "../../../future/mod.ts";
import { iter } from "../../../future/stream/mod.ts";
import {
  type HttpBody,
  HttpClient,
  HttpError,
  type HttpResponse,
  RequestError,
  TransportError,
} from "../../../net/http/mod.ts";
import { ConnectionFailed } from "../../../net/mod.ts";
import { answering, clientTest, ok, response } from "./_answers.ts";

/** The text of a response, and the response. */
function read(
  request: Future<HttpResponse>,
): Future<{ response: HttpResponse; text: string }> {
  return co(function* () {
    const response = yield* request;
    const text = yield* response.text();
    return { response, text };
  });
}

clientTest("client: a GET, as it goes over the wire", async (client) => {
  await using server = await answering(ok("hello", "x-a: 1", "X-A: 2"));
  const { response, text } = await run(read(client.get(`${server.url}/a?b`)));
  assertEquals(server.requests, [
    `GET /a?b HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n` +
    "accept: */*\r\nuser-agent: Pollen\r\n" +
    "accept-encoding: gzip, deflate, br, zstd\r\n\r\n",
  ]);
  assertEquals(text, "hello");
  assertEquals(response.status, 200);
  assertEquals(response.statusText, "OK");
  assert(response.ok);
  assertEquals(response.headers.get("x-a"), "1, 2");
  assertEquals(response.url, `${server.url}/a?b`);
  assertEquals(response.redirected, false);
  assertEquals(new Headers(response.headers).get("content-length"), "5");
});

clientTest("client: nothing is done before the first poll", async (client) => {
  await using server = await answering(ok(""));
  client.get(server.url);
  using _dropped = client.request({ url: server.url, method: "POST" });
  assertEquals(client.snapshot().dialling, 0);
  assertEquals(server.requests, []);
});

clientTest(
  "client: a connection serves one request after another",
  async (client) => {
    await using server = await answering(ok("one"), ok("two"), ok("three"));
    for (const [n, expected] of ["one", "two", "three"].entries()) {
      const { response, text } = await run(read(client.get(server.url)));
      assertEquals(text, expected);
      assertEquals(response.connection.id, 1);
      assertEquals(response.connection.reused, n > 0);
      assertEquals(response.connection.fate, "kept");
      assertEquals(response.connection.attempts, 1);
    }
    assertEquals(server.sockets.length, 1);
  },
);

clientTest(
  "client: a body that came with the head frees its connection unread",
  async (client) => {
    await using server = await answering(ok("unread"));
    await run(client.get(server.url));
    const response = await run(client.get(server.url));
    assertEquals(response.connection.reused, true);
    assertEquals(await run(response.text()), "unread");
  },
);

clientTest("client: a body can be had once", async (client) => {
  await using server = await answering(ok("once"));
  const response = await run(client.get(server.url));
  assertEquals(response.bodyUsed, false);
  await run(response.bytes());
  assertEquals(response.bodyUsed, true);
  for (const again of ["bytes", "text", "json", "stream", "reader"] as const) {
    assertThrows(() => response[again](), RequestError, "asked for before");
  }
});

clientTest(
  "client: no more connections to an origin than allowed, first come, first served",
  async (client) => {
    let open = 0;
    let most = 0;
    await using server = await answering((socket) => {
      most = Math.max(most, ++open);
      setImmediate(() => {
        open--;
        socket.write(ok(""));
      });
    });
    const order: number[] = [];
    await run(join(Array.from({ length: 20 }, (_, n) =>
      co(function* () {
        yield* read(client.get(`${server.url}/${n}`));
        order.push(n);
      }))));
    assertEquals(most, 3);
    assertEquals(server.sockets.length, 3);
    assertEquals(
      server.requests.map((each) => Number(/\d+/.exec(each)![0])),
      Array.from({ length: 20 }, (_, n) => n),
    );
    assertEquals(order.length, 20);
  },
  { pool: { maxPerOrigin: 3 } },
);

clientTest(
  "client: dropped while it waits its turn goes to the next",
  async (client) => {
    await using server = await answering((socket) => socket.write(ok("")));
    using first = await run(client.get(`${server.url}/1`));
    const busy = run(read(client.get(`${server.url}/2`)));
    const abort = new AbortController();
    const waiting = client.request({
      url: `${server.url}/3`,
      signal: abort.signal,
    });
    const dropped = assertRejects(() => run(waiting), DOMException);
    const last = run(read(client.get(`${server.url}/4`)));
    abort.abort();
    await dropped;
    await busy;
    await last;
    assertEquals(first.status, 200);
    assertEquals(server.requests.map((each) => each.slice(5, 6)), [
      "1",
      "2",
      "4",
    ]);
  },
  { pool: { maxPerOrigin: 1 } },
);

clientTest(
  "client: a host that refuses is an error that says so",
  async (client) => {
    const error = await assertRejects(
      () => run(client.get("http://user:secret@127.0.0.1:1/path?token=secret")),
      TransportError,
      "Cannot complete GET http://127.0.0.1:1: Cannot connect to 127.0.0.1:1",
    );
    assert(error.cause instanceof ConnectionFailed);
    assertEquals(error.phase, "connect");
    assertEquals(error.attempt, 1);
    assertEquals(error.requestMayHaveBeenProcessed, false);
    assert(!JSON.stringify([error.message, error.stack]).includes("secret"));
  },
);

clientTest("client: what was sent may have been processed", async (client) => {
  await using server = await answering((socket) => socket.resetAndDestroy());
  const error = await assertRejects(
    () => run(client.request({ url: server.url, method: "POST", body: "x" })),
    TransportError,
  );
  assertEquals(error.phase, "head");
  assertEquals(error.requestMayHaveBeenProcessed, true);
  assertEquals(error.bytesReceived, 0);
  assert(error.bytesSent > 0);
  assertEquals(server.requests.length, 1);
});

clientTest("client: POST bodies of each kind arrive", async (client) => {
  await using server = await answering((socket, request) =>
    socket.write(ok(
      request.slice(request.indexOf("\r\n\r\n") + 4),
      "keep-alive: timeout=5", // so that a POST may go over it
    ))
  );
  const utf8 = new TextEncoder();
  const bodies: [HttpBody, string][] = [
    ["text", "text"],
    [utf8.encode("bytes"), "bytes"],
    [utf8.encode("buffer").buffer, "buffer"],
    [new DataView(utf8.encode("view").buffer, 1, 2), "ie"],
    [new URLSearchParams({ a: "1 2" }), "a=1+2"],
    [new Blob(["bl", "ob"]), "blob"],
    [new Blob(["web"]).stream(), "3\r\nweb\r\n0\r\n\r\n"],
  ];
  for (const [body, arrived] of bodies) {
    const { text } = await run(read(client.request({
      url: server.url,
      method: "POST",
      body,
    })));
    assertEquals(text, arrived);
  }
  assertEquals(server.sockets.length, 1);
});

clientTest(
  "client: a GET over a stale connection is sent again, a POST is not",
  async (client) => {
    await using server = await answering(
      ok(""),
      (socket) => socket.resetAndDestroy(),
      ok("again"),
      (socket) => socket.resetAndDestroy(),
    );
    await run(read(client.get(server.url)));
    const { response, text } = await run(read(client.get(server.url)));
    assertEquals(text, "again");
    assertEquals(response.connection.attempts, 2);
    assertEquals(response.connection.reused, false);
    await assertRejects(
      () => run(client.request({ url: server.url, method: "POST" })),
      TransportError,
    );
    assertEquals(server.requests.length, 4);
  },
);

clientTest(
  "client: redirects are followed, and credentials stay behind",
  async (client) => {
    await using other = await answering(ok("there"));
    await using server = await answering(
      response("303 See Other", "", "location: /next"),
      response("302 Found", "", `location: ${other.url}/end#part`),
    );
    const { response: final, text } = await run(read(client.request({
      url: server.url,
      method: "POST",
      body: "x",
      headers: { authorization: "secret", cookie: "a=b", "x-kept": "1" },
    })));
    assertEquals(text, "there");
    assertEquals(final.redirected, true);
    assertEquals(final.url, `${other.url}/end`);
    assert(server.requests[1]!.startsWith("GET /next"));
    assert(server.requests[1]!.includes("authorization: secret"));
    assert(!server.requests[1]!.includes("content-type"));
    assert(!other.requests[0]!.includes("authorization"));
    assert(!other.requests[0]!.includes("cookie"));
    assert(other.requests[0]!.includes("x-kept: 1"));
  },
);

clientTest(
  "client: idle connections can be closed, and it goes on",
  async (client) => {
    await using server = await answering(ok("a"));
    await run(read(client.get(server.url)));
    assertEquals(client.snapshot().connections.length, 1);
    client.closeIdle();
    assertEquals(client.snapshot().connections, []);
    const { response, text } = await run(read(client.get(server.url)));
    assertEquals([text, response.connection.id], ["a", 2]);
  },
);

Deno.test("client: bad options are refused when it is made", () => {
  assertThrows(
    () => new HttpClient({ pool: { maxPerOrigin: 0 } }),
    RangeError,
    "Cannot use the option pool.maxPerOrigin: it must be at least 1, got 0",
  );
  assertThrows(
    () => new HttpClient({ limits: { heads: 1 } as Record<string, number> }),
    TypeError,
    "Cannot use the option limits.heads: there is none",
  );
  const url = "http://127.0.0.1:1/";
  const anything = (value: unknown) => value as never;
  assertThrows(
    () => new HttpClient(anything({ timeout: 1 })),
    TypeError,
    "Cannot use the option timeout: there is none; there are headers, pool",
  );
  assertThrows(
    () => new HttpClient().request(anything({ url, timeout: 1 })),
    TypeError,
    "Cannot use the option timeout: there is none; there are url, method",
  );
  for (
    const use of [
      () => new HttpClient(anything("x")),
      () => new HttpClient().request(anything(null)),
      () => new HttpClient().request(anything(url)),
      () => new HttpClient({ retry: anything("x") }),
    ]
  ) assertThrows(use, TypeError, "they must be an object, got ");
  for (
    const [use, why] of [
      [() => new HttpClient({ onConnection: anything(5) }), "got number"],
      [() => new HttpClient({ proxy: anything(null) }), "got null"],
      [
        () => new HttpClient({ proxy: anything({ url, exept: "a" }) }),
        "proxy.exept: there is none; there are url, except",
      ],
      [() => new HttpClient().get(url, { signal: anything(5) }), "got number"],
      [() => new HttpClient().get(url, { signal: anything({}) }), "got Object"],
    ] as const
  ) assertThrows(use, TypeError, why);
  for (const group of ["tls", "retry", "deadlines", "pool"]) {
    assertThrows(
      () => new HttpClient({ [group]: { nonsense: 1 } }),
      TypeError,
      "nonsense: there is none; there are ",
    );
  }
  assertThrows(
    () => new HttpClient({ redirect: "never" as "error" }),
    TypeError,
    "redirect",
  );
});

Deno.test("client: what cannot be sent is refused before anything is done", () => {
  const client = new HttpClient();
  const url = "http://127.0.0.1:1/";
  const bad: (() => unknown)[] = [
    () => client.get("/relative"),
    () => client.get("ftp://127.0.0.1/"),
    () => client.get("http://127.0.0.1/a\r\nx: y"),
    () => client.get("http://127.0.0.1\r\n/"),
    () => client.request({ url, method: "G ET" }),
    () => client.request({ url, method: "GET\r\nx: y" }),
    () => client.request({ url, headers: { "a b": "c" } }),
    () => client.request({ url, headers: { a: "c\r\nx: y" } }),
    () => client.request({ url, headers: { a: "c\0" } }),
    () => client.request({ url, headers: { host: "a\r\nb" } }),
    () => client.request({ url, method: "POST", body: "x", json: 1 }),
    () => client.request({ url, method: "POST", body: 5 as unknown as string }),
    () => client.request({ url, json: () => {} }),
    () =>
      client.request({
        url,
        method: "POST",
        body: "x",
        headers: { "Content-Length": "2" },
      }),
  ];
  for (const make of bad) {
    const error = assertThrows(make, RequestError);
    assertEquals(error.phase, "request", error.message);
    assert(error instanceof HttpError);
  }
  const stream = iter([new Uint8Array(1)]);
  assertThrows(
    () => client.request({ url, method: "TRACE", body: stream }),
    RequestError,
  );
  assertEquals(pollOnce(stream.next()), new Uint8Array(1)); // it is ours again
  client.close();
  assertThrows(() => client.get(url), RequestError, "the client was closed");
});
